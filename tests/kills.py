"""Kills runs of `hengfa run` at random moments and checks what is left.

`python -m tests.kills EXPORTS MONTH HOME [--times 30] [--seed 1]`: a first run in HOME/whole is left alone and
timed; then HOME/killed is run and killed with SIGKILL, each time at another moment of that time. After every
kill each edition that can be seen must verify; at the end a run must end with the same edition and the same
number of records in every table as the run that was left alone.
"""

import argparse
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from pipelines.contract.loader import load_contracts
from pipelines.editions.catalogue import list_editions
from pipelines.editions.verify import differences
from pipelines.settings import Workspace


def start(home: Path, arguments: argparse.Namespace) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "pipelines.cli", "--home", str(home), "run", arguments.month,
        "--inbox", str(arguments.exports), "--loaded-at", "2026-11-05T06:00:00", "--no-reports",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows_of(home: Path) -> dict[str, int]:
    with duckdb.connect(str(Workspace.at(home).warehouse), read_only=True) as connection:
        return {
            entity: connection.execute(f"select count(*) from raw.{entity}").fetchall()[0][0]
            for entity in load_contracts().entities
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exports", type=Path)
    parser.add_argument("month")
    parser.add_argument("home", type=Path)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    whole, killed = arguments.home / "whole", arguments.home / "killed"
    began = time.monotonic()
    assert start(whole, arguments).wait() == 0, "the run that was left alone failed"
    seconds = time.monotonic() - began
    chance = random.Random(arguments.seed)
    ended_before = 0
    for number in range(1, arguments.times + 1):
        moment = chance.uniform(0, seconds)
        process = start(killed, arguments)
        try:
            code = process.wait(timeout=moment)
            ended_before += 1
            assert code == 0, f"run {number} failed by itself"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        seen = list_editions(Workspace.at(killed).editions)
        wrong = {edition.edition_id: found for edition in seen if (found := differences(edition))}
        assert not wrong, f"after kill {number} at {moment:.1f} s: {wrong}"
        sys.stdout.write(f"kill {number} at {moment:.1f} of {seconds:.1f} s: {len(seen)} editions, all whole\n")
        sys.stdout.flush()
    assert start(killed, arguments).wait() == 0, "the run after the kills failed"
    editions = [list_editions(Workspace.at(home).editions) for home in (whole, killed)]
    assert [e.edition_id for e in editions[0]] == [e.edition_id for e in editions[1]]
    assert editions[0][0].manifest() == editions[1][0].manifest()
    assert rows_of(whole) == rows_of(killed)
    sys.stdout.write(
        f"{arguments.times} runs, {ended_before} ended before they were killed: the same edition, no record lost\n"
    )


if __name__ == "__main__":
    main()
