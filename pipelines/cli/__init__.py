"""The command line `hengfa`: Typer, one file per verb.

Belongs here: parsing arguments, progress, printing. Does not belong here: work of any kind. A verb
imports what it needs inside its function, so that `hengfa --help` answers in a fraction of a second.
"""

import atexit
import os
import sys

from pipelines.own_process import few_collections


def main() -> None:
    """The entry point `hengfa`."""
    exit_codes = [1]

    def end_quietly() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_codes[-1])

    # DuckDB's bindings report leaked objects on standard error while the interpreter is taken down. Registered
    # first, this runs after every other exit function and ends the process before that.
    atexit.register(end_quietly)
    few_collections()
    # The matrices of the assessment are two by two: more threads of OpenBLAS only wait for each other, ten times as
    # long on a busy machine as the work takes.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from pipelines.cli.application import run

    exit_codes.append(run(sys.argv[1:]))
    sys.exit(exit_codes[-1])
