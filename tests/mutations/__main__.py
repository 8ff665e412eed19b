"""`python -m tests.mutations [WORD …]`: makes each mistake in a copy of the dbt project and runs its spec tests.

Prints a table; exit 1 if a mistake is noticed by no test. Words choose the mistakes whose name contains one of them.
A mistake counts as noticed by a failed assertion, not by SQL that does not run.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pipelines.warehouse.dbt_project import PROJECT_DIRECTORY, PROJECT_VARIABLE
from tests.mutations.mistakes import MISTAKES, Mistake

ASSERTED = re.compile(r"^FAILED (.+?) - (?:AssertionError|assert)", re.MULTILINE)


def spec_run(project: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """The spec tests against a project, up to the first that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "--tb=line", "-rf", *tests]
    environment = {**os.environ, PROJECT_VARIABLE: str(project), "COLUMNS": "1000"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def noticed_by(mistake: Mistake, work: Path) -> str | None:
    """The first test that fails because of the mistake, None if every one passes; RuntimeError if the SQL breaks."""
    project = work / "dbt_project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(PROJECT_DIRECTORY, project, ignore=shutil.ignore_patterns("target", "logs"))
    mistake.make_in(project)
    done = spec_run(project, mistake.tests)
    if done.returncode == 0:
        return None
    if (failed := ASSERTED.search(done.stdout)) is None:
        raise RuntimeError(
            f"{mistake.name}: no assertion failed, the run broke:\n{done.stdout[-2000:]}{done.stderr[-500:]}"
        )
    return failed[1].removeprefix("tests/spec/")


def main(words: list[str]) -> int:
    """Try the mistakes; 0 if every one is noticed."""
    chosen = [mistake for mistake in MISTAKES if not words or any(word in mistake.name for word in words)]
    tests = tuple(sorted({name for mistake in chosen for name in mistake.tests}))
    if (clean := spec_run(PROJECT_DIRECTORY, tests)).returncode != 0:
        sys.stderr.write(f"The spec tests fail without any mistake:\n{clean.stdout[-3000:]}")
        return 2
    width = max(len(mistake.name) for mistake in chosen)
    survived = 0
    with tempfile.TemporaryDirectory() as work:
        for mistake in chosen:
            test = noticed_by(mistake, Path(work))
            survived += test is None
            sys.stdout.write(f"{mistake.name:{width}}  {test or 'SURVIVES: no test fails'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} mistakes, {len(chosen) - survived} noticed, {survived} survive.\n")
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
