"""The demo plants signals and writes their truth down; the signal models must find every kind, and name its records."""

import json
from datetime import datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.demo import write_demo
from pipelines.ingest.load import load_paths
from pipelines.settings import Workspace
from pipelines.warehouse.build import build, set_run
from pipelines.warehouse.connection import hold_warehouse, open_for_reading, open_for_writing
from pipelines.warehouse.months import Month

#: Kind of signal in truth.json → the signal that finds it.
SIGNAL_OF = {"two_places_at_once": "name_lending", "silent_months_of_idle_body": "silent_months"}
MONTH = Month.parse("2026-10")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[duckdb.DuckDBPyConnection, list[dict[str, Any]]]:
    """14 months of a district of a third, built, and the signals planted in it."""
    folder = tmp_path_factory.mktemp("signals")
    write_demo(folder / "out", scale=0.3, first_month="2025-09", last_month="2026-10", defect_rate=0.01)
    workspace = Workspace(folder / "home")
    with hold_warehouse(workspace, purpose="test"):
        with open_for_writing(workspace) as connection:
            load_paths(connection, [folder / "out"], contracts=load_contracts(), loaded_at=datetime(2026, 11, 5, 12))
            set_run(connection, MONTH, MONTH.default_as_of)
        build(workspace, select="+signal_records +signal_results")
    truth = json.loads((folder / "out" / "truth.json").read_text(encoding="utf-8"))
    with open_for_reading(workspace) as connection:
        yield connection, truth["signals"]


def fired(connection: duckdb.DuckDBPyConnection, signal: str) -> pl.DataFrame:
    rows = connection.execute(
        "select subject_id, scope_id, strftime(month, '%Y-%m'), statistic, p_value from signals.signal_results "
        "where signal_id = ? and has_fired order by scope_id, month",
        [signal],
    ).fetchall()
    columns = {"subject_id": pl.String, "scope_id": pl.String, "month": pl.String, "statistic": pl.Float64,
               "p_value": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


def records(connection: duckdb.DuckDBPyConnection, signal: str) -> set[str]:
    rows = connection.execute("select record_id from signals.signal_records where signal_id = ?", [signal]).fetchall()
    return {record for (record,) in rows}


def planted(signals: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    [signal] = [signal for signal in signals if signal["kind"] == kind]
    return signal


def test_every_planted_kind_fires(world):
    connection, signals = world
    kinds = {SIGNAL_OF.get(signal["kind"], signal["kind"]) for signal in signals}
    assert kinds >= {"quota_uniformity", "month_end_batch", "split_cases", "name_lending", "silent_months",
                     "filed_then_withdrawn"}  # fmt: skip
    assert {kind for kind in kinds if fired(connection, kind).is_empty()} == set()


def test_the_quota_is_found_on_its_matter_with_every_case(world):
    connection, signals = world
    quota = planted(signals, "quota_uniformity")
    found = fired(connection, "quota_uniformity").filter(
        pl.col("scope_id") == f"matter:{quota['matter_id']}:street_town"
    )
    last = found.filter(pl.col("month") == quota["months"][-1])
    assert last["p_value"].item() < 1e-6
    assert set(quota["records"]["cases"]) <= records(connection, "quota_uniformity")
    assert set(quota["records"]["cases"]) <= records(connection, "uniform_fines")


def test_every_case_filed_before_and_withdrawn_after_the_month_end_is_found(world):
    connection, signals = world
    withdrawn = planted(signals, "filed_then_withdrawn")["records"]["cases"]
    assert withdrawn
    assert set(withdrawn) <= records(connection, "filed_then_withdrawn")


def test_the_batch_body_and_no_other_enters_at_the_month_end(world):
    connection, signals = world
    batch = planted(signals, "month_end_batch")
    assert set(fired(connection, "month_end_batch")["scope_id"]) == set(batch["subject_ids"])
    written = {record for ids in batch["records"].values() for record in ids}
    assert len(written & records(connection, "month_end_batch")) >= 0.9 * len(written)


def test_split_cases_of_the_reported_months_are_found_as_groups(world):
    connection, signals = world
    groups = connection.execute(
        "select list(record_id order by record_id) from signals.signal_records "
        "where signal_id = 'split_cases' group by scope_id"
    ).fetchall()
    found = {tuple(group) for (group,) in groups}
    reported = [sorted(g) for g in planted(signals, "split_cases")["groups"] if min(g)[2:8] >= "202510"]
    assert reported
    assert {tuple(group) for group in reported} <= found


def test_the_lent_name_is_one_officer(world):
    connection, signals = world
    found = records(connection, "name_lending")
    assert fired(connection, "name_lending")["scope_id"].n_unique() == 1
    pairs = planted(signals, "two_places_at_once")["groups"]
    assert [pair for pair in pairs if not set(pair) <= found] == []


def test_the_silent_months_are_those_planted(world):
    connection, signals = world
    silent = planted(signals, "silent_months")
    found = fired(connection, "silent_months")
    assert found.filter(pl.col("subject_id") == silent["subject_ids"][0])["month"].to_list() == silent["months"]
    truly = {
        (subject, month)
        for signal in signals
        if signal["kind"].startswith("silent")
        for subject in signal["subject_ids"]
        for month in signal["months"]
    }
    assert set(found.select("subject_id", "month").rows()) <= truly


@pytest.mark.parametrize(
    "signal",
    ["back_dated_entry", "numbers_out_of_order", "limit_bunching", "token_performance", "copy_text",
     "empty_inspections", "no_problem_inspections"],
)  # fmt: skip
def test_what_is_not_planted_stays_quiet(world, signal):
    connection, _ = world
    tested = connection.execute(
        "select count(*), sum(case when has_fired then 1 else 0 end) from signals.signal_results where signal_id = ?",
        [signal],
    ).fetchone()
    # At most the stated share of false alarms, 1 in 1,000; a share of a few tests may be one.
    assert (tested[1] or 0) <= max(1, 0.001 * tested[0])
