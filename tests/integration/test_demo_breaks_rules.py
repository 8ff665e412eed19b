"""A demo without defects breaks the statutory rules where truth.json says so, and nowhere else."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.contract.loader import load_contracts
from pipelines.demo import write_demo
from pipelines.ingest.load import load_paths
from pipelines.settings import Workspace
from pipelines.warehouse.build import set_run
from pipelines.warehouse.connection import open_for_writing
from pipelines.warehouse.months import Month
from pipelines.warehouse.statistics import register_statistics
from tests.spec.world import models_until

MONTH = Month.parse("2026-10")
#: Failures of something that is not there. It may be entered after the last export, which is no fault of the body.
OF_ABSENCE = {
    "OVERDUE_OPEN", "NOT_SERVED", "NOT_PUBLISHED", "NOT_PAID", "STAGE_MISSING", "NO_GROUND", "NO_ACTION", "STILL_HELD",
    "OPEN_PAST_LIMIT", "STILL_FROZEN",
}  # fmt: skip

#: Why a breach that was planted is none that the rule can see: (rule, reason) → the law's words, and the demo's.
EXCUSED = {
    ("P11", "HARM_NOT_RECORDED"): "between two and five years the harm decides, and no field records it (art. 36)",
    ("P20", "MIXED_EXECUTION"): "executed late with another penalty: nobody can tell on which day the fine was paid",
}
#: A limit that is not over at the last export is one of the last two months; the number of a record holds its month.
NOT_DUE = {("P19", "NOT_DUE"), ("P29", "NOT_DUE")}
LAST_MONTHS = ("202609", "202610")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[str, ...]], dict[str, Any]]:
    """(rule, record, result, reason) of the 13 months that rules judge, as the last export shows them, and the truth."""
    folder = tmp_path_factory.mktemp("rules")
    write_demo(folder / "out", scale=0.3, first_month="2025-10", last_month="2026-10", defect_rate=0)
    with open_for_writing(Workspace.at(folder / "home").prepare()) as connection:
        register_statistics(connection)
        load_paths(connection, [folder / "out"], contracts=load_contracts(), loaded_at=datetime(2026, 11, 5, 12))
        set_run(connection, MONTH, MONTH.default_as_of)
        for model in models_until("rule_results"):
            kind = "view" if model.is_view else "table"
            connection.execute(f"create schema if not exists {model.schema}")
            connection.execute(f"create {kind} {model.schema}.{model.name} as {model.sql}")
        rows = connection.execute("select rule_id, record_id, result, reason from rules.rule_results").fetchall()
    return rows, json.loads(Path(folder, "out", "truth.json").read_text(encoding="utf-8"))


def planted(truth: dict[str, Any]) -> set[tuple[str, str]]:
    return {(breach["rule"], record) for breach in truth["breaches"] for record in breach["records"]}


def unfinished(truth: dict[str, Any]) -> set[str]:
    return {record for records in truth["unfinished"].values() for record in records}


def test_no_record_breaks_a_rule_that_truth_json_does_not_name(judged: tuple[list[tuple[str, ...]], Any]) -> None:
    rows, truth = judged
    named, open_records = planted(truth), unfinished(truth)
    surprises = [
        (rule, record, reason)
        for rule, record, result, reason in rows
        if result == "fail" and (rule, record) not in named and not (reason in OF_ABSENCE and record in open_records)
    ]
    assert surprises == []


def is_excused(rule: str, record: str, reason: str | None) -> bool:
    """Whether a named reason says why the planted breach is not seen."""
    if (rule, reason) in NOT_DUE:
        return record[2:8] in LAST_MONTHS
    return (rule, reason) in EXCUSED


def test_what_truth_json_names_is_found(judged: tuple[list[tuple[str, ...]], Any]) -> None:
    """Every planted breach is looked up: no row, `undecidable` and `not_applicable` miss it as `pass` does."""
    rows, truth = judged
    named, open_records = planted(truth), unfinished(truth)
    results = {(rule, record): (result, reason) for rule, record, result, reason in rows}
    assert len(results) == len(rows)
    looked_up = {breach: results.get(breach, ("no row", None)) for breach in named}
    # What is entered after the last export is not seen yet.
    missed = {
        (rule, record): (result, reason)
        for (rule, record), (result, reason) in looked_up.items()
        if result != "fail" and record not in open_records and not is_excused(rule, record, reason)
    }
    assert missed == {}
    found = Counter(rule for (rule, _), (result, _) in looked_up.items() if result == "fail")
    assert found.keys() == {rule for rule, _ in named}
    assert found.keys() >= {
        "P01", "P02", "P03", "P04", "P06", "P07", "P09", "P11", "P12", "P14", "P15", "P17", "P19", "P20", "P23",
        "P24", "P29", "C02", "C04", "C05", "C06",
    }  # fmt: skip
    assert sum(found.values()) > 0.9 * (len(named) - sum(record in open_records for _, record in named))
