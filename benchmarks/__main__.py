"""`make bench`: the goals of the project, measured. `--scale` makes the district smaller, `--keep` keeps its files."""

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

from benchmarks.audit_recall import report
from benchmarks.process import Measured, measure

HENGFA = [sys.executable, "-m", "pipelines.cli"]
MONTH, MONTH_BEFORE = "2026-10", "2026-09"


def show(name: str, measured: Measured, goal: str) -> None:
    """One line: what was done, how long it took, the peak memory, the goal."""
    failed = "" if measured.exit_code == 0 else f"  EXIT {measured.exit_code}"
    print(
        f"{name:<58} {measured.seconds:8.2f} s {measured.peak_bytes / 1024**2:9.0f} MiB   goal {goal}{failed}",
        flush=True,
    )
    if failed:
        print(measured.output[-2000:])


def slowest_models(log_file: Path, count: int = 10) -> list[tuple[str, float]]:
    """The models of the last build that took longest, from the log of the run."""
    found: dict[str, float] = {}
    for line in log_file.read_text(encoding="utf-8").splitlines():
        match = re.search(r"event=dbt_node name=(\S+) status=\S+ seconds=(\S+)", line)
        if match:
            found[match[1]] = float(match[2])
    return sorted(found.items(), key=lambda item: -item[1])[:count]


def steps(log_file: Path) -> list[tuple[str, float]]:
    """The seconds of every step of the last run, from its log."""
    lines = log_file.read_text(encoding="utf-8").splitlines()
    matches = [re.search(r"event=step_done step=(\S+) seconds=(\S+)", line) for line in lines]
    return [(match[1], float(match[2])) for match in matches if match]


def next_month(work: Path, exports: Path) -> None:
    """Run the month before with the files it had, then the month with what came since, and time the latter."""
    before, since = work / "before", work / "since"
    for folder in (before, since):
        folder.mkdir()
    for path in sorted(path for path in exports.iterdir() if path.is_file() and path.suffix != ".json"):
        shutil.copy(path, (since if f"__{MONTH}" in path.name else before) / path.name)
    home = {"HENGFA_HOME": str((work / "monthly").resolve())}
    earlier = [*HENGFA, "run", MONTH_BEFORE, "--inbox", str(before), "--loaded-at", "2026-10-06T06:00:00"]
    show("hengfa run: the month before", measure(earlier, environment=home), "—")
    command = [*HENGFA, "run", MONTH, "--inbox", str(since), "--loaded-at", "2026-11-06T06:00:00"]
    show("hengfa run: the next month on top", measure(command, environment=home), "25 s")


#: One body with one agency and one case.
NEARLY_EMPTY = {
    "subjects": "subject_id,name,kind,field,valid_from\nS1,甲街道,street_town,comprehensive,2020-01-01\n",
    "agencies": "agency_id,subject_id,name,valid_from\nA1,S1,甲街道综合行政执法队,2020-01-01\n",
    f"cases__{MONTH}": (
        "case_id,subject_id,agency_id,matter_id,source,procedure,filed_at,decided_at,decision,submitted_at\n"
        f"C1,S1,A1,M1,patrol,simple,{MONTH}-12 09:00:00,{MONTH}-12 10:00:00,penalty,{MONTH}-12 11:00:00\n"
    ),
}


def fixed_cost(work: Path, exports: Path) -> None:
    """Run a month of next to nothing, and one of a whole district's ledgers with the month's cases alone."""
    nothing, ledgers = work / "nearly_empty", work / "ledgers"
    nothing.mkdir()
    for name, text in NEARLY_EMPTY.items():
        (nothing / f"{name}.csv").write_text(text, encoding="utf-8")
    ledgers.mkdir()
    for name in ("subjects", "agencies", "officers", "matters", "powers", f"cases__{MONTH}"):
        ledger = next(path for path in sorted(exports.glob(f"{name}.*")) if path.is_file())
        shutil.copy(ledger, ledgers / ledger.name)
    for inbox, what, goal in (
        (nothing, "one body, one case", "15 s"),
        (ledgers, "a district's ledgers, its month's cases", "—"),
    ):
        command = [*HENGFA, "run", MONTH, "--inbox", str(inbox), "--loaded-at", "2026-11-06T06:00:00"]
        home = {"HENGFA_HOME": str((work / f"home_{inbox.name}").resolve())}
        show(f"hengfa run: {what}", measure(command, environment=home), goal)


def main() -> None:
    """Generate a district, run the month, and time the commands people use."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="1.0")
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--keep", action="store_true")
    chosen = parser.parse_args()
    shutil.rmtree(chosen.work, ignore_errors=True)
    exports, home = chosen.work / "exports", chosen.work / "workspace"
    os.environ["HENGFA_HOME"] = str(home.resolve())
    time_of_load = ["--loaded-at", "2026-11-06T06:00:00"]

    print(f"scale {chosen.scale}, {os.cpu_count()} CPU")
    show("hengfa demo", measure([*HENGFA, "demo", str(exports), "--scale", chosen.scale]), "—")
    first = measure([*HENGFA, "run", MONTH, "--inbox", str(exports), *time_of_load])
    show("hengfa run: load, audit, build, edition, site", first, "60 s at scale 1.0")
    log_file = home / "logs" / "hengfa.log"
    for name, seconds in steps(log_file):
        print(f"    {name:<54} {seconds:8.2f} s")
    print("  the ten slowest models")
    for name, seconds in slowest_models(log_file):
        print(f"    {name:<54} {seconds:8.2f} s")
    print("  the planted defects, found by the audit")
    print(report(exports / "truth.json", home / "editions" / MONTH / "failures.parquet"))
    next_month(chosen.work, exports)
    fixed_cost(chosen.work, exports)
    show("hengfa --help", measure([*HENGFA, "--help"]), "0.4 s")
    show("hengfa results", measure([*HENGFA, "results", "--level", "total"]), "1.0 s")
    subject = (
        measure([*HENGFA, "results", "--level", "subject", "--format", "csv"]).output.splitlines()[1].split(",")[3]
    )
    explain = [*HENGFA, "explain", "performance_rate", "--entity", subject, "--month", MONTH]
    show("hengfa explain", measure(explain), "1.0 s")
    show("hengfa verify", measure([*HENGFA, "verify"]), "—")
    if not chosen.keep:
        shutil.rmtree(chosen.work)


if __name__ == "__main__":
    main()
