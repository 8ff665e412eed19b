"""The mapping of `examples/chicago_food` over the real records, against what is known of them."""

from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.mapping_file import read_mapping
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables
from tests.public_records import PUBLIC_RECORDS, REPOSITORY

MAPPING = REPOSITORY / "examples" / "chicago_food" / "mapping.yml"
RECORDS = PUBLIC_RECORDS / "chicago_food"

needs_records = pytest.mark.skipif(
    not RECORDS.is_dir(), reason="the records of ../shared/data/chicago_food are not here; see examples/chicago_food"
)

Loaded = tuple[duckdb.DuckDBPyConnection, LoadReport]


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    at = datetime(2026, 11, 3, 8, 0)
    report = load_paths(connection, [RECORDS], contracts=load_contracts(), loaded_at=at, mapping=MAPPING)
    yield connection, report
    connection.close()


def test_the_mapping_is_valid() -> None:
    mapping = read_mapping(MAPPING, load_contracts())
    assert [source.entity for source in mapping.content.sources] == ["inspections", "leads"]


@needs_records
def test_every_row_is_accounted_for(loaded: Loaded) -> None:
    _, report = loaded
    counts = {
        file.entity: (file.rows_read, file.rows_loaded, file.rows_quarantined, file.rows_filtered)
        for file in report.files
    }
    assert counts == {
        "subjects": (1, 1, 0, 0),
        "leads": (74_401, 74_401 - 375, 0, 375),
        "inspections": (67_497, 67_497 - 105, 0, 105),
    }


@needs_records
def test_own_initiative_and_complaints_without_the_exact_repeats(loaded: Loaded) -> None:
    connection, _ = loaded
    counted = connection.execute(
        "select c.code_class, count(*) from raw.inspections i "
        "join raw.code_lists c on c.list_name = 'inspection_mode' and c.code = i.mode "
        "where i.result is distinct from 'no_entry' group by 1"
    ).fetchall()
    by_class = dict(counted)
    assert (by_class["proactive"], by_class["reactive"]) == (36_179, 9_276)
    # 36,179 / (36,179 + 9,276) = 36,179 / 45,455 = 79.59 %
    assert round(100 * by_class["proactive"] / (by_class["proactive"] + by_class["reactive"]), 2) == 79.59


@needs_records
def test_every_inspection_has_an_id_of_its_own_and_its_day(loaded: Loaded) -> None:
    connection, _ = loaded
    found = connection.execute(
        "select count(*), count(distinct inspection_id), min(started_at), max(started_at), "
        "count(*) filter (result = 'no_entry') "
        "from raw.inspections"
    ).fetchone()
    # no entry: 4 `no entry`, 3 `NO ENTRY`, 1 `No entry`, 3 `Non-Inspection`, 4 `OUT OF BUSINESS`
    assert found == (67_392, 67_392, datetime(2011, 1, 4), datetime(2014, 10, 31), 15)


@needs_records
def test_a_complaint_counts_once(loaded: Loaded) -> None:
    connection, _ = loaded
    found = connection.execute(
        "select count(*), count(distinct lead_id), median(days), avg((days <= 7)::int), count(distinct source) from "
        "(select *, date_diff('day', received_at, closed_at) as days from raw.leads where disposition <> 'duplicate')"
    ).fetchone()
    assert found is not None
    records, distinct, median, within_a_week, sources = found
    assert records == distinct
    assert (median, round(within_a_week, 2), sources) == (3, 0.77, 1)
