"""`python -m benchmarks.large_file --gigabytes 5`: one CSV of that size, loaded; the peak memory and the speed."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.process import measure

HENGFA = [sys.executable, "-m", "pipelines.cli"]
ROWS_AT_ONCE = 500_000


def inspections(first: int, count: int) -> pl.DataFrame:
    """Inspections numbered from `first`, with as many fields as a platform exports."""
    number = pl.int_range(first, first + count)
    text = number.cast(pl.String)
    day = (pl.lit("2026-10-") + (number % 28 + 1).cast(pl.String).str.zfill(2)) + " "
    minute = (number % 60).cast(pl.String).str.zfill(2)
    return pl.select(
        (pl.lit("JC202610") + text.str.zfill(12)).alias("inspection_id"),
        (pl.lit("B") + (number % 55).cast(pl.String).str.zfill(3)).alias("subject_id"),
        (pl.lit("CF") + (number % 900).cast(pl.String)).alias("matter_id"),
        pl.lit("patrol 日常巡查").alias("mode"),
        (pl.lit("9112011600000") + (number % 99_999).cast(pl.String).str.zfill(5)).alias("object_id"),
        (pl.lit("滨海新区某某餐饮管理有限公司第") + text + pl.lit("分店")).alias("object_name"),
        pl.lit("organisation 法人及其他组织").alias("object_kind"),
        pl.lit("120116006").alias("area_code"),
        (day + pl.lit("09:") + minute + pl.lit(":00")).alias("started_at"),
        (day + pl.lit("10:") + minute + pl.lit(":00")).alias("ended_at"),
        pl.lit("pass 未发现问题").alias("result"),
        (day + pl.lit("18:00:00")).alias("submitted_at"),
        (day + pl.lit("18:00:00")).alias("updated_at"),
    )


def write(path: Path, size: int) -> int:
    """Write inspections to `path` until it has `size` bytes; the number of rows."""
    rows = 0
    with path.open("wb") as file:
        while file.tell() < size:
            inspections(rows, ROWS_AT_ONCE).write_csv(file, include_header=rows == 0)
            rows += ROWS_AT_ONCE
    return rows


def main() -> None:
    """Generate, load, tell, and remove everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5.0)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()), help="where the file is made")
    chosen = parser.parse_args()
    needed = int(chosen.gigabytes * 3 * 10**9)
    if shutil.disk_usage(chosen.work).free < needed:
        sys.exit(f"{chosen.work}: {needed / 10**9:.0f} GB are needed there. Give another folder with --work.")
    with tempfile.TemporaryDirectory(prefix="hengfa-large-", dir=chosen.work) as folder:
        export = Path(folder) / "inspections.csv"
        rows = write(export, int(chosen.gigabytes * 10**9))
        home = str(Path(folder) / "workspace")
        done = measure([*HENGFA, "--home", home, "load", str(export), "--loaded-at", "2026-11-06T06:00:00"])
        size = export.stat().st_size / 10**9
        print(
            f"{size:.1f} GB, {rows:,} rows: {done.seconds:.0f} s, {rows / done.seconds:,.0f} rows/s, "
            f"peak {done.peak_bytes / 10**9:.2f} GB (goal: under 4 GB), exit {done.exit_code}"
        )
        if done.exit_code:
            print(done.output[-2000:])


if __name__ == "__main__":
    main()
