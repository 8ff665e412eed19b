"""A fine in 万元 stands out among the usual fines of its matter where no band says what it may be."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from expectations.audit import run_audit
from expectations.duckdb_engine import warm_up
from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.warehouse.raw_tables import create_raw_tables
from tests.integration.landed_district import CLEAN, LOADED, MONTH, audit, failing, load

RULE = "cases.fine_in_yuan"

# M5 had a band of 1,000 to 50,000 yuan until 2025 and has none since.
MATTERS = """
matters
matter_id | valid_from | valid_to   | name   | kind    | fine_min | fine_max
M5        | 2020-01-01 | 2025-12-31 | 事项五 | penalty | 1000     | 50000
M5        | 2026-01-01 |            | 事项五 | penalty |          |
"""


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    warm_up()


def fines(prefix: str, day: str, *amounts: str) -> str:
    """Cases of S2 on M5, one per fine: `2000 × 16` is sixteen of 2,000 yuan. Their ids end in the amount."""
    listed = []
    for amount in amounts:
        value, _, times = amount.partition(" × ")
        listed += [value] * int(times or 1)
    lines = [
        f"{prefix}-{number}-{value} | S2 | M5 | patrol | ordinary | {day} 09:00 | {value}"
        for number, value in enumerate(listed)
    ]
    header = "case_id | subject_id | matter_id | source | procedure | filed_at | fine_amount"
    return "\n".join(["cases", header, *lines])


def found(folder: Path, *tables: str) -> list[str]:
    """The fines that are taken for a slip of unit, in order."""
    failures = pl.read_parquet(audit(folder, MATTERS, *tables).relations / "failures.parquet")
    ids = failures.filter(pl.col("expectation_id") == RULE)["record_id"]
    return sorted((record.rsplit("-", 1)[1] for record in ids), key=float)


def test_a_fine_a_thousand_times_off_is_a_slip_if_it_fits_once_put_right(tmp_path: Path) -> None:
    # The middle half of the 40 is 2,000. Too small: up to 2,000 / 1,000 = 2, if 10,000 times it is between 200 and 20,000.
    # Too large: from 2,000 × 1,000 on, if a ten-thousandth of it is between 200 and 20,000.
    small, large = ["0.01", "0.02", "2", "2.01"], ["1999999", "2000000", "200000000", "200000001"]
    assert found(tmp_path, fines("C", "2026-10-05", "2000 × 32", *small, *large)) == [
        "0.02", "2", "2000000", "200000000"
    ]  # fmt: skip


@pytest.mark.parametrize(("usual", "slips"), [(18, []), (19, ["2"])])
def test_fewer_than_twenty_fines_are_no_usual(tmp_path: Path, usual: int, slips: list[str]) -> None:
    # With the fine of 2 itself they are 19 and 20.
    assert found(tmp_path, fines("C", "2026-10-05", f"2000 × {usual}", "2")) == slips


def test_each_version_of_a_matter_decides_for_its_own_time(tmp_path: Path) -> None:
    # In 2025 the band judges: 2 × 10,000 lies in it. In 2026 there is none, and 20 fines say what is usual.
    assert found(
        tmp_path, fines("OLD", "2025-12-31", "2", "3000"), fines("NEW", "2026-01-01", "2000 × 19", "1")
    ) == ["1", "2"]  # fmt: skip


def test_fines_under_a_band_are_no_usual_of_a_version_without(tmp_path: Path) -> None:
    # 15 + 5 = 20 fines of the matter, of which only 5 had no band.
    assert found(tmp_path, fines("OLD", "2025-12-31", "2000 × 15"), fines("NEW", "2026-01-01", "2000 × 4", "1")) == []


def test_a_day_that_no_version_covers_says_nothing_of_a_matter_that_has_had_a_band(tmp_path: Path) -> None:
    assert found(tmp_path, fines("C", "2019-12-31", "2000 × 19", "2")) == []


def test_a_slip_of_unit_in_a_national_record_stands_out_among_the_fines_of_its_matter(tmp_path: Path) -> None:
    """双公示 counts in 万元 and names no matter, so no band tells a slip: the other fines of the record do."""
    header = "CF_WSH,CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_CFLB,CF_NR,CF_NR_FK,CF_NR_WFFF,CF_JDRQ,CF_CFJG,CF_CFJGDM"
    # 24 fines of 500 to 12,000 yuan; one typed in yuan (2,000 × 10,000); one that names its unit; one that is just high.
    fines = [f"{0.05 * n:.2f}" for n in range(1, 25)] + ["2000", "2000元", "300"]
    rows = [f"罚〔2026〕{n}号,某店,自然人,,罚款,略,{fine},,2026/10/10,某局,S1" for n, fine in enumerate(fines, start=1)]
    (tmp_path / "双公示行政处罚202610.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    mapping = Path(__file__).resolve().parents[2] / "examples" / "credit_china_penalties" / "mapping.yml"
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        create_raw_tables(connection, load_contracts())
        load(connection, CLEAN)
        report = load_paths(
            connection,
            [tmp_path / "双公示行政处罚202610.csv"],
            contracts=load_contracts(),
            loaded_at=LOADED,
            mapping=mapping,
        )
        assert report.rows_quarantined == 0
    result = run_audit(
        tmp_path / "warehouse.duckdb", border="landed", contracts=load_contracts(), month=MONTH, work=tmp_path / "work"
    )
    assert failing(result)[RULE] == {None: 1, "S1": 1}
    failures = pl.read_parquet(result.relations / "failures.parquet").filter(pl.col("expectation_id") == RULE)
    assert failures["record_id"].unique().to_list() == ["S1-罚〔2026〕25号"]
