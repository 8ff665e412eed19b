"""A demo district, with every kind of defect planted, through the real pipeline: equal to the reference everywhere.

The reference reads the exports as files, with readers of its own; the edition comes from `hengfa run`.
"""

import math
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.demo import write_demo
from pipelines.scheme.read import DEFAULT_FILE
from tests.reference.__main__ import known_records, reference
from tests.reference.compare import compare
from tests.reference.results import Result
from tests.reference.scores import Body, recompute

MONTH = date(2026, 10, 1)
LOADED_AT = datetime(2026, 11, 5, 18)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Result]]:
    """results.parquet of the edition, and what the reference makes of the same exports."""
    folder = tmp_path_factory.mktemp("district")
    write_demo(folder / "exports", scale=0.02, first_month="2025-08", last_month="2026-10", defect_rate=0.03)
    # A district this small has few bodies with twenty units of anything: five are enough here to score by.
    scheme = DEFAULT_FILE.read_text(encoding="utf-8")
    scheme = scheme.replace("minimum_n: 20", "minimum_n: 5").replace("minimum_weight: 0.7", "minimum_weight: 0.4")
    # Groups of fewer than eleven bodies fall back to their kind: the 8 special and the 10 construction departments.
    assert "smallest: 4" in scheme
    scheme = scheme.replace("smallest: 4", "smallest: 11")
    (folder / "workspace").mkdir()
    (folder / "workspace" / "scheme.yml").write_text(scheme, encoding="utf-8")
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


@pytest.fixture(scope="module")
def scores(district: tuple[Path, list[Result]]) -> pl.DataFrame:
    return pl.read_parquet(district[0].with_name("scores.parquet"))


@pytest.fixture(scope="module")
def bodies(district: tuple[Path, list[Result]]) -> list[Body]:
    """What plain Python makes of the edition's results, scheme and bodies, and of who sent nothing."""
    edition = district[0].parent
    return recompute(edition, known_records(edition.parents[2] / "exports", MONTH, LOADED_AT))


def by_key(scores: pl.DataFrame, kind: str, *key: str) -> dict[tuple[object, ...], dict[str, object]]:
    rows = scores.filter(pl.col("item_kind") == kind).iter_rows(named=True)
    return {tuple(row[name] for name in key): row for row in rows}


def about(points: float | None) -> object:
    return None if points is None else pytest.approx(points, abs=1e-8)


def test_totals_states_grades_and_rank_ranges_equal_the_reference(bodies: list[Body], scores: pl.DataFrame) -> None:
    totals = by_key(scores, "total", "subject_id")
    assert totals.keys() == {(body.subject_id,) for body in bodies}
    for body in bodies:
        row = totals[(body.subject_id,)]
        assert (row["group_id"], row["group_level"]) == (body.peers.group_id, body.peers.level), body.subject_id
        assert (row["state"], row["grade"]) == (body.state, body.grade), body.subject_id
        assert row["quiet_month"] == body.quiet_month, body.subject_id
        assert row["points"] == about(body.total), body.subject_id
        assert math.isclose(row["weight_present"], body.weight_present, abs_tol=1e-9), body.subject_id
        assert (row["rank_best"], row["rank_worst"]) == (body.ranks or (None, None)), body.subject_id
    assert sum(body.state == "assessed" for body in bodies) >= 10
    # Every body of the demo sent something within twelve months, and some sent nothing of the last.
    assert {body.state for body in bodies} == {"assessed", "not_assessed"}
    assert {body.quiet_month for body in bodies} == {True, False}
    assert {body.peers.level for body in bodies if body.ranks} == {"kind_field", "kind"}
    assert {body.grade for body in bodies if body.grade} >= {"C", "D"}


def test_points_of_indicators_and_pillars_equal_the_reference(bodies: list[Body], scores: pl.DataFrame) -> None:
    pillars = by_key(scores, "pillar", "subject_id", "item_id")
    indicators = by_key(scores, "indicator", "subject_id", "item_id", "variant")
    for body in bodies:
        for (name, variant), points in body.items.items():
            assert indicators[body.subject_id, name, variant]["points"] == about(points), (body.subject_id, name)
        for pillar, points in body.pillars.items():
            assert pillars[body.subject_id, pillar]["points"] == about(points), (body.subject_id, pillar)
    assert scores.filter(pl.col("item_kind") == "indicator", pl.col("points").is_between(0.1, 99.9)).height > 50
