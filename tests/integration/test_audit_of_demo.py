"""The demo plants defects and writes their truth down; the audit of the loaded files must agree with it."""

import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from benchmarks.audit_recall import RULE_OF, recall
from expectations.audit import run_audit
from pipelines.contract.loader import load_contracts
from pipelines.demo import write_demo
from pipelines.ingest.load import load_paths
from pipelines.warehouse.raw_tables import create_raw_tables


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    """A warehouse with three months of a small district loaded, and the defects planted in its files."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "out", scale=0.03, first_month="2026-08", last_month="2026-10", defect_rate=0.05)
    connection = duckdb.connect(str(folder / "warehouse.duckdb"))
    create_raw_tables(connection, load_contracts())
    load_paths(connection, [folder / "out"], contracts=load_contracts(), loaded_at=datetime(2026, 11, 5, 12))
    connection.close()
    truth = json.loads((folder / "out" / "truth.json").read_text(encoding="utf-8"))
    return folder / "warehouse.duckdb", truth["defects"]


def test_the_audit_finds_every_planted_defect_with_its_exact_count_and_no_other(
    demo: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    warehouse, defects = demo
    result = run_audit(
        warehouse, border="landed", contracts=load_contracts(), month=date(2026, 10, 1), work=tmp_path / "work"
    )
    # Patterns for a human look (info) are the planted signals' business, not the defects'.
    found = {
        row.expectation_id: row.failing
        for row in result.rows
        if row.subject_id is None and row.failing and row.severity != "info"
    }
    planted = {
        RULE_OF[defect["kind"]].format(entity=defect["entity"], field=defect["field"]): defect["count"]
        for defect in defects
        if defect["group"] == "audit" and defect["count"]
    }
    assert len(planted) >= 10
    assert found == planted
    assert result.failed_errors == ()
    by_kind = recall(warehouse.parent / "out" / "truth.json", result.relations / "failures.parquet")
    assert by_kind["planted"].to_list() == by_kind["right"].to_list() == by_kind["found"].to_list()
