"""`python -m tests.mutations [WORD …]`: makes each mistake in the parsed dbt project and runs its spec tests.

Prints a table; exit 1 if a mistake is noticed by no test. Words choose the mistakes whose name contains one of them.
A mistake counts as noticed by a failed assertion, not by SQL that does not run, and only if the test that fails passes
without the mistake.

Each run of tests is a fork of one process that has dbt and the project in memory: what a test keeps dies with its fork,
and only models that the mistake changes are compiled again.
"""

import os
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.mutations.mistakes import MISTAKES, Mistake
from tests.spec import world
from tests.spec.world import CompiledModel, compiled, compiled_models, parsed_project

ASSERTED = re.compile(r"^FAILED (.+?) - (?:AssertionError|assert)", re.MULTILINE)


def models_with(mistake: Mistake) -> tuple[CompiledModel, ...]:
    """All models of the project as the mistake leaves them; ValueError if it changes nothing that is compiled."""
    parsed = parsed_project()
    options = mistake.make_in(parsed)
    changed = {node.name: node.compiled_code for node in compiled(parsed, *options).values()}
    models = tuple(replace(model, sql=changed.get(model.name, model.sql)) for model in compiled_models())
    if models == compiled_models():
        raise ValueError(f"{mistake.name}: no compiled model changes")
    return models


def spec_run(models: tuple[CompiledModel, ...], tests: tuple[str, ...], output: Path) -> tuple[int, str]:
    """Exit code and output of the tests over these models, up to the first that fails, in a process of its own."""
    if (child := os.fork()) == 0:
        with output.open("w", encoding="utf-8") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            os.environ["COLUMNS"] = "1000"
            world.compiled_models = lambda: models  # type: ignore[assignment]
            code = pytest.main(["-x", "-q", "--tb=line", "-rf", "-p", "no:cacheprovider", *tests])
            sys.stdout.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, output.read_text(encoding="utf-8")


def noticed_by(mistake: Mistake, output: Path) -> str | None:
    """The first test that fails because of the mistake, None if every one passes; RuntimeError if the SQL breaks."""
    code, said = spec_run(models_with(mistake), mistake.tests, output)
    if code == 0:
        return None
    if (failed := ASSERTED.search(said)) is None:
        raise RuntimeError(f"{mistake.name}: no assertion failed, the run broke:\n{said[-2500:]}")
    code, said = spec_run(compiled_models(), (failed[1],), output)
    if code != 0:
        raise RuntimeError(f"{failed[1]} fails without any mistake:\n{said[-2500:]}")
    return failed[1].removeprefix("tests/spec/")


def main(words: list[str]) -> int:
    """Try the mistakes; 0 if every one is noticed."""
    chosen = [mistake for mistake in MISTAKES if not words or any(word in mistake.name for word in words)]
    width = max(len(mistake.name) for mistake in chosen)
    survived = 0
    with TemporaryDirectory() as work:
        for mistake in chosen:
            test = noticed_by(mistake, Path(work, "output.txt"))
            survived += test is None
            sys.stdout.write(f"{mistake.name:{width}}  {test or 'SURVIVES: no test fails'}\n")
            sys.stdout.flush()
    used = sum(os.times()[:4])
    sys.stdout.write(
        f"{len(chosen)} mistakes, {len(chosen) - survived} noticed, {survived} survive; "
        f"{used:.0f} s of CPU, {time.process_time():.0f} s of it dbt.\n"
    )
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
