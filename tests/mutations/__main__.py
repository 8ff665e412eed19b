"""`python -m tests.mutations [WORD …]`: makes each mistake in the parsed dbt project and runs its spec test.

Prints a table; exit 1 if a mistake is not noticed. Words choose the mistakes whose name contains one of them. A mistake
counts as noticed by a failed assertion, not by SQL that does not run; all tests have to pass without the mistakes.

Each run of tests is a fork of one process that has dbt and the project in memory: what a test keeps dies with its fork,
and only models that the mistake changes are compiled again.
"""

import os
import re
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.mutations.mistakes import MISTAKES, Mistake
from tests.spec import world
from tests.spec.world import CompiledModel, compiled, compiled_models, models_until, parsed_project

#: Relations that the spec tests of the list read: no other model is run.
LOOKED_AT = ("results", "rule_results")
ASSERTED = re.compile(r"^FAILED (.+?) - (?:AssertionError|assert)", re.MULTILINE)


@cache
def needed_models() -> tuple[CompiledModel, ...]:
    """The models that the spec tests of the list look at, and what these are made from."""
    names = {model.name for relation in LOOKED_AT for model in models_until(relation)}
    return tuple(model for model in compiled_models() if model.name in names)


def models_with(mistake: Mistake) -> tuple[CompiledModel, ...]:
    """All models of the project as the mistake leaves them; ValueError if it changes nothing that is compiled."""
    parsed = parsed_project()
    options = mistake.make_in(parsed)
    changed = {node.name: node.compiled_code for node in compiled(parsed, *options).values()}
    models = tuple(replace(model, sql=changed.get(model.name, model.sql)) for model in needed_models())
    if models == needed_models():
        raise ValueError(f"{mistake.name}: no compiled model changes")
    return models


def spec_run(models: tuple[CompiledModel, ...], tests: tuple[str, ...], output: Path) -> tuple[int, str]:
    """Exit code and output of the tests over these models, up to the first that fails, in a process of its own."""
    if (child := os.fork()) == 0:
        with output.open("w", encoding="utf-8") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            os.environ |= {"COLUMNS": "1000", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
            world.compiled_models = lambda: models  # type: ignore[assignment]
            code = pytest.main(["-x", "-q", "--tb=line", "-rf", "-p", "no:cacheprovider", *tests])
            sys.stdout.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, output.read_text(encoding="utf-8")


def is_noticed(mistake: Mistake, output: Path) -> bool:
    """Whether an assertion of its test fails because of the mistake; RuntimeError if the SQL breaks."""
    code, said = spec_run(models_with(mistake), (mistake.test,), output)
    if code != 0 and ASSERTED.search(said) is None:
        raise RuntimeError(f"{mistake.name}: no assertion failed, the run broke:\n{said[-2500:]}")
    return code != 0


def main(words: list[str]) -> int:
    """Try the mistakes; 0 if every one is noticed, 1 if one survives, 2 if none has such a name or the tests fail."""
    chosen = [mistake for mistake in MISTAKES if not words or any(word in mistake.name for word in words)]
    if not chosen:
        sys.stderr.write(
            f"No mistake has a name with {' or '.join(f'`{word}`' for word in words)} in it. There are:\n"
            + "".join(f"  {mistake.name}\n" for mistake in MISTAKES)
        )
        return 2
    width = max(len(mistake.name) for mistake in chosen)
    survived = 0
    with TemporaryDirectory() as work:
        output = Path(work, "output.txt")
        code, said = spec_run(needed_models(), tuple(sorted({mistake.test for mistake in chosen})), output)
        if code != 0:
            sys.stderr.write(f"The spec tests fail without any mistake:\n{said[-3000:]}")
            return 2
        for mistake in chosen:
            noticed = is_noticed(mistake, output)
            survived += not noticed
            test = mistake.test.removeprefix("tests/spec/")
            sys.stdout.write(f"{mistake.name:{width}}  {test if noticed else 'SURVIVES: ' + test}\n")
            sys.stdout.flush()
    used = sum(os.times()[:4])
    sys.stdout.write(
        f"{len(chosen)} mistakes, {len(chosen) - survived} noticed, {survived} survive; "
        f"{used:.0f} s of CPU, {time.process_time():.0f} s of it dbt.\n"
    )
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
