"""A process that publishes the month of a workspace and kills itself at its n-th step.

`python -m tests.integration.kill_while_publishing HOME MONTH STEP`: steps are the writing of each file, the
flush of each file to the disk, and the rename that publishes. It prints the number of steps if it lives.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contract.loader import load_contracts
from pipelines.editions import draft, freeze
from pipelines.settings import Workspace
from pipelines.warehouse.connection import open_for_reading
from pipelines.warehouse.months import Month


class Steps:
    def __init__(self, last: int) -> None:
        self.last = last
        self.taken = 0

    def before(self, function: Any) -> Any:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.taken += 1
            if self.taken == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)

        return counted


def main(home: Path, month: str, step: int) -> None:
    steps = Steps(step)
    for owner, name in ((draft, "_copy"), (freeze, "_sync"), (pl.DataFrame, "write_parquet"), (Path, "write_text"),
                        (Path, "write_bytes"), (Path, "rename")):  # fmt: skip
        setattr(owner, name, steps.before(getattr(owner, name)))
    workspace = Workspace.at(home)
    chosen = Month.parse(month)
    with open_for_reading(workspace) as connection:
        made = freeze.publish(
            connection, workspace, load_contracts(), month=chosen, as_of=chosen.default_as_of,
            quality=pl.DataFrame(schema={"border": pl.String, "success": pl.Boolean}),
        )  # fmt: skip
    sys.stdout.write(f"{steps.taken} {made.edition.edition_id}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
