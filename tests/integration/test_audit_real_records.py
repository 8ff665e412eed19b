"""The audit over real records: what their README says is wrong with them is found, by number."""

import csv
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.audit import run_audit
from expectations.duckdb_engine import warm_up
from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.warehouse.raw_tables import create_raw_tables
from tests.public_records import PUBLIC_RECORDS, REPOSITORY

CHICAGO, TAIWAN = PUBLIC_RECORDS / "chicago_food", PUBLIC_RECORDS / "tw_labour_penalties"

needs_records = pytest.mark.skipif(not PUBLIC_RECORDS.is_dir(), reason="the records of ../shared/data are not here")


def audited(folder: Path, source: Path, mapping: Path, month: date) -> dict[str, tuple[int, int]]:
    """Rule → (evaluated, failing) over all bodies."""
    warm_up()
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        create_raw_tables(connection, load_contracts())
        at = datetime(2026, 11, 3, 8)
        load_paths(connection, [source], contracts=load_contracts(), loaded_at=at, mapping=mapping)
    result = run_audit(
        folder / "warehouse.duckdb", border="landed", contracts=load_contracts(), month=month, work=folder / "work"
    )
    return {row.expectation_id: (row.evaluated, row.failing) for row in result.rows if row.subject_id is None}


@needs_records
def test_chicago_as_it_stands_repeats_105_inspections_and_375_complaints(tmp_path: Path) -> None:
    # The example's mapping filters the repeats while loading; without its filters the audit has to find them.
    text = (REPOSITORY / "examples" / "chicago_food" / "mapping.yml").read_text(encoding="utf-8")
    unfiltered = text.replace("    distinct: true\n    distinct_reason: exact repeat of an earlier row\n", "").replace(
        "    deduplicate:\n      by: [Service_Request_Number]\n      reason: request number seen in an earlier row\n",
        "",
    )
    assert unfiltered.count("\n") == text.count("\n") - 5
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(unfiltered, encoding="utf-8")
    found = audited(tmp_path, CHICAGO, mapping, date(2026, 10, 1))
    # A row is known by everything it says: 105 rows are repeats of another, word for word.
    assert found["inspections.sent_once"] == (67_497 - 105, 105)
    # Of the 375 repeated request numbers those whose other columns agree as well are repeats of the row.
    with (CHICAGO / "complaints.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [
            (r["Service_Request_Number"], r["Creation_Date"], r["Completion_Date"], r["Status"])
            for r in csv.DictReader(file)
        ]
    keys = Counter(row[0] for row in rows)
    assert len(rows) - len(keys) == 375
    evaluated, repeated = found["leads.sent_once"]
    assert evaluated == len(keys)
    assert repeated == len(rows) - len(set(rows))
    # There is no officer in these files: that stops an assessment, and is said.
    assert found["officers.has_rows"] == (0, 1)


@needs_records
def test_taiwan_repeats_seven_penalties_and_uses_223_document_numbers_again(tmp_path: Path) -> None:
    text = (REPOSITORY / "examples" / "tw_labour_penalties" / "mapping.yml").read_text(encoding="utf-8")
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(re.sub(r"    distinct: true\n    distinct_reason: .*\n", "", text), encoding="utf-8")
    found = audited(tmp_path, TAIWAN, mapping, date(2025, 12, 1))
    # Known at the end of 2025's assessment; 6 of the 9,490 rows of 2024 and 1 of the 9,045 of 2025 are exact repeats.
    evaluated = found["cases.sent_once"][0]
    assert found["cases.sent_once"] == (evaluated, 7)
    assert found["leads.sent_once"] == (295 + 212, 0)
    # One document may punish several; seven decisions were published before they were made.
    assert found["cases.document_no_once"] == (evaluated, 223)
    assert found["cases.published_after_decided"] == (evaluated, 7)
    # The register names provisions, and no ledger of articles comes with it.
    assert found["cases.violated_articles.reference"] == (evaluated, evaluated)
