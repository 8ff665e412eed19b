"""All suites over five million rows: how long, with how much memory, beyond importing Great Expectations.

`python -m benchmarks.audit_speed` makes a district of two and a half times Binhai's size in a scratch folder, runs
its month without reports, then audits what stands in the warehouse in a process of its own. `--home WORKSPACE`
audits a workspace that is there.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb

from benchmarks.process import measure
from expectations.audit import run_audit
from expectations.duckdb_engine import warm_up
from expectations.suite_model import BORDERS
from pipelines.contract.loader import load_contracts
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month

MONTH = Month.parse("2026-10")
HENGFA = [sys.executable, "-m", "pipelines.cli"]
GOAL = "20 s, 2048 MiB"


def _rows(warehouse: Path) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        counted = [
            connection.execute(f"select count(*) from raw.{entity}").fetchall()[0][0]
            for entity in load_contracts().entities
        ]
    return int(sum(counted))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def audit(home: Path, work: Path) -> None:
    """Audit both borders of the workspace and print wall time, CPU time and the peak of resident memory."""
    workspace = Workspace.at(home)
    warm_up()
    imported, peak, done = _resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, _resident())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    print(f"{_rows(workspace.warehouse):,} rows; imported {imported / 1024**2:.0f} MiB; goal {GOAL}")
    total = 0.0
    for border in BORDERS:
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        result = run_audit(
            workspace.warehouse,
            border=border,
            contracts=load_contracts(),
            month=MONTH.first_day,
            work=work,
            indicators=declarations(on=MONTH.first_day),
        )
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
        total += seconds
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rules = sum(row.subject_id is None for row in result.rows)
        print(f"{border:<8} {rules:4d} rules {seconds:7.2f} s wall {cpu:7.2f} s CPU")
    done.set()
    watcher.join()
    print(f"both borders {total:11.2f} s wall, at most {peak / 1024**2:.0f} MiB", flush=True)


def main() -> None:
    """Make the workspace if none is given, and audit it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="2.5")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--work", type=Path, default=Path("build/audit_speed"))
    chosen = parser.parse_args()
    if chosen.home is not None:
        with tempfile.TemporaryDirectory() as scratch:
            audit(chosen.home, Path(scratch))
        return
    shutil.rmtree(chosen.work, ignore_errors=True)
    exports, home = chosen.work / "exports", chosen.work / "workspace"
    made = measure([*HENGFA, "demo", str(exports), "--scale", chosen.scale])
    run = [*HENGFA, "run", str(MONTH), "--inbox", str(exports), "--loaded-at", "2026-11-06T06:00:00", "--no-reports"]
    ran = measure(run, environment={"HENGFA_HOME": str(home.resolve())})
    if made.exit_code or ran.exit_code:
        sys.exit((made.output + ran.output)[-2000:])
    print(f"demo {made.seconds:.0f} s, run without reports {ran.seconds:.0f} s, {ran.peak_bytes / 1024**2:.0f} MiB")
    # A process of its own, so that what the other commands left in memory does not count.
    print(measure([sys.executable, "-m", "benchmarks.audit_speed", "--home", str(home)]).output, end="")
    shutil.rmtree(chosen.work)


if __name__ == "__main__":
    main()
