"""The mappings of `examples/uk_food_authorities` and `examples/tw_labour_penalties` over the real records."""

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

DATA = PUBLIC_RECORDS
PUBLISHED = "Total%ofBroadlyCompliantestablishmentsratedA-E"

needs_records = pytest.mark.skipif(
    not (DATA / "uk_food_authorities").is_dir(), reason="the records of ../shared/data are not here; see examples/"
)

Loaded = tuple[duckdb.DuckDBPyConnection, LoadReport]


def load(example: str) -> Loaded:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    mapping = REPOSITORY / "examples" / example / "mapping.yml"
    at = datetime(2026, 11, 3, 8, 0)
    report = load_paths(connection, [DATA / example], contracts=load_contracts(), loaded_at=at, mapping=mapping)
    assert report.rows_read == report.rows_loaded + report.rows_quarantined + report.rows_filtered
    return connection, report


@pytest.fixture(scope="module")
def united_kingdom() -> Iterator[Loaded]:
    loaded = load("uk_food_authorities")
    yield loaded
    loaded[0].close()


@pytest.fixture(scope="module")
def taiwan() -> Iterator[Loaded]:
    loaded = load("tw_labour_penalties")
    yield loaded
    loaded[0].close()


@pytest.mark.parametrize("example", ["uk_food_authorities", "tw_labour_penalties"])
def test_the_mapping_is_valid(example: str) -> None:
    read_mapping(REPOSITORY / "examples" / example / "mapping.yml", load_contracts())


@needs_records
def test_the_published_rate_of_every_authority_is_the_ratio_of_sums_of_its_records(united_kingdom: Loaded) -> None:
    connection, _ = united_kingdom
    found = connection.execute(
        "with computed as (select subject_id, 100.0 * count(*) filter (result = 'pass') / count(*) as rate "
        "from raw.inspections group by subject_id) "
        "select count(*), count(published), count(*) filter (abs(published - rate) <= 0.01) from ("
        "select try_cast(json_extract_string(_extra, ?) as double) as published, rate "
        "from raw.subjects left join computed using (subject_id))",
        [f'$."{PUBLISHED}"'],
    ).fetchone()
    # 353 authorities, 347 with figures, and all of these agree.
    assert found == (353, 347, 347)


@needs_records
def test_every_establishment_is_a_plan_and_a_result(united_kingdom: Loaded) -> None:
    connection, report = united_kingdom
    assert connection.execute("select count(distinct plan_id), count(*) from raw.inspection_plans").fetchone() == (
        514_028,
        514_028,
    )
    assert connection.execute("select count(*), count(*) filter (result = 'pass') from raw.inspections").fetchone() == (
        514_028,
        492_681,
    )
    # 492,681 / 514,028 = 95.85 %
    assert report.rows_quarantined == 0
    # A: 52 authorities have none or 6 report nothing, B to E: 6 each, for plans and results alike.
    assert report.rows_filtered == 2 * (58 + 6 + 6 + 6 + 6)


@needs_records
def test_every_penalty_and_accident_is_accounted_for(taiwan: Loaded) -> None:
    _, report = taiwan
    counts = {
        file.name: (file.rows_read, file.rows_loaded, file.rows_quarantined, file.rows_filtered)
        for file in report.files
        if file.name.endswith(".csv")
    }
    assert counts == {
        "違反勞動法令_2016.csv": (11_301, 11_301, 0, 0),
        "違反職安法令_2024.csv": (9_490, 9_484, 0, 6),
        "違反職安法令_2025.csv": (9_045, 9_044, 0, 1),
        "重大職業災害_2024.csv": (295, 295, 0, 0),
        "重大職業災害_2025.csv": (212, 212, 0, 0),
    }


@needs_records
def test_two_calendars_give_the_same_dates(taiwan: Loaded) -> None:
    connection, _ = taiwan
    found = connection.execute(
        "select year(decided_at), count(*), median(date_diff('day', decided_at, published_at)) "
        "from raw.cases group by 1 order by 1"
    ).fetchall()
    assert [(year, cases) for year, cases, _ in found] == [(2016, 11_301), (2024, 9_484), (2025, 9_044)]
    assert [days for _, _, days in found][1:] == [53, 48]


@needs_records
def test_several_provisions_in_one_field_are_several_and_keep_their_law(taiwan: Loaded) -> None:
    connection, _ = taiwan
    members = "len(string_split(violated_articles, ';'))"
    assert connection.execute(
        f"select count(*), count(*) filter ({members} > 1), max({members}) from raw.cases"
    ).fetchone() == (29_829, 15_817, 20)
    # A provision without its law begins with 第: of 54,926 these are 11, in rows where the source names the law wrongly.
    assert connection.execute(
        "select count(*) from (select unnest(string_split(violated_articles, ';')) as one from raw.cases) "
        "where starts_with(one, '第')"
    ).fetchone() == (11,)


@needs_records
def test_a_renamed_office_is_one_body_with_two_agencies(taiwan: Loaded) -> None:
    connection, _ = taiwan
    found = connection.execute(
        "select subject_id, agency_id, min(year(decided_at)), max(year(decided_at)), count(*) from raw.cases "
        "where subject_id = 'TW-SSP' group by 1, 2 order by 3"
    ).fetchall()
    assert found == [("TW-SSP", "TW-SSP-MOST", 2016, 2016, 16), ("TW-SSP", "TW-SSP-NSTC", 2024, 2025, 278)]
