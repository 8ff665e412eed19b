"""The command line `hengfa`: Typer, one file per verb.

Belongs here: parsing arguments, progress, printing. Does not belong here: work of any kind. A verb
imports what it needs inside its function, so that `hengfa --help` answers in a fraction of a second.
"""

import logging
import os
import sys


def main() -> None:
    """The entry point `hengfa`."""
    from pipelines.cli.application import run

    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    # DuckDB's bindings report leaked objects on standard error while the interpreter is taken down; everything is
    # written and closed by now, so the process ends without that.
    os._exit(code)
