"""A demo district, with every kind of defect planted, through the real pipeline: equal to the reference everywhere.

The reference reads the exports as files, with readers of its own; the edition comes from `hengfa run`.
"""

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.demo import write_demo
from tests.reference.__main__ import reference
from tests.reference.compare import compare
from tests.reference.results import Result

MONTH = date(2026, 10, 1)
LOADED_AT = datetime(2026, 11, 5, 18)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Result]]:
    """results.parquet of the edition, and what the reference makes of the same exports."""
    folder = tmp_path_factory.mktemp("district")
    write_demo(folder / "exports", scale=0.02, first_month="2025-08", last_month="2026-10", defect_rate=0.03)
    command = [
        sys.executable, "-m", "pipelines.cli", "--home", str(folder / "workspace"), "run", f"{MONTH:%Y-%m}",
        "--inbox", str(folder / "exports"), "--loaded-at", LOADED_AT.isoformat(), "--no-reports",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 0, done.stdout + done.stderr
    (results,) = (folder / "workspace" / "editions").glob("*/results.parquet")
    return results, reference(folder / "exports", MONTH, LOADED_AT)


def test_every_result_of_the_edition_equals_the_reference(district: tuple[Path, list[Result]]) -> None:
    results, expected = district
    assert compare(expected, results)[:20] == []
    # The two have something to agree on: bodies with values, and every level and period.
    found = pl.read_parquet(results)
    compared = found.filter(pl.col("indicator_id").is_in([row.indicator_id for row in expected]))
    assert compared["indicator_id"].n_unique() >= 5
    assert compared.filter(pl.col("value").is_between(0.01, 0.99), pl.col("level") == "subject").height > 100
    assert set(compared["level"]) == {"agency", "subject", "peer_group", "total"}
    assert set(compared["period_kind"]) == {"month", "quarter", "ytd", "r12"}


@pytest.mark.parametrize("column", ["numerator", "excluded", "value", "upper", "status"])
def test_one_tampered_number_is_noticed(district: tuple[Path, list[Result]], tmp_path: Path, column: str) -> None:
    results, expected = district
    found = pl.read_parquet(results).with_row_index("place")
    chosen = found.filter(pl.col("status") == "ok", pl.col("indicator_id") == "performance_rate").row(0, named=True)
    change = pl.lit("small") if column == "status" else pl.col(column) + 1
    tampered = found.with_columns(
        pl.when(pl.col("place") == chosen["place"]).then(change).otherwise(column).alias(column)
    )
    tampered.drop("place").write_parquet(tmp_path / "results.parquet")
    (line,) = compare(expected, tmp_path / "results.parquet")
    assert f"{column} expected" in line
    assert chosen["entity_id"] in line


def test_a_missing_and_a_doubled_row_are_noticed(district: tuple[Path, list[Result]], tmp_path: Path) -> None:
    results, expected = district
    found = pl.read_parquet(results)
    known = found.filter(pl.col("indicator_id") == "supervision_rate")
    pl.concat([known[1:], known[-1:]]).write_parquet(tmp_path / "results.parquet")
    told = sorted(line.split(": ")[1].split(",")[0] for line in compare(expected, tmp_path / "results.parquet"))
    assert told == ["given twice in the edition", "missing in the edition"]
