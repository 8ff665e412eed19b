"""Roll-up of evidence, intervals and status, with the arithmetic in sight."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.reference.compare import compare
from tests.reference.evidence import Evidence
from tests.reference.indicators import VARIANTS
from tests.reference.periods import before, default_as_of, last_day, months_of, thirteen_months
from tests.reference.results import Count, Result, judged, poisson, results, wilson
from tests.reference.tables import table

OCTOBER = date(2026, 10, 1)
SUBJECTS = """
subject_id | kind        | field  | valid_from | valid_to
S1         | street_town |        | 2024-01-01 |
S2         | department  | social | 2024-01-01 |
S3         | department  | social | 2026-10-31 |
S4         | department  | social | 2024-01-01 | 2026-09-30
S5         | zone        |        | 2026-11-01 |
"""


def evidence(text: str, indicator: str = "supervision_rate", variant: str = "cases") -> list[Evidence]:
    """Evidence of an ASCII table; the month is its number in 2026, the state decides the amounts."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()][1:]
    amounts = {"hit": (1, 1), "miss": (0, 1), "undecidable": (0, 0), "excluded": (0, 0)}
    return [
        Evidence(indicator, variant, subject, agency or None, date(2026, int(month), 1), "case", unit, state,
                 *amounts[state], None)
        for subject, agency, month, unit, state in lines
    ]  # fmt: skip


def computed(rows: list[Evidence]) -> dict[tuple[str, str, str, str], Result]:
    """Results of October by level, entity, period kind and period, of the supervision rate of cases."""
    found = results(rows, table("subjects", SUBJECTS), OCTOBER)
    chosen = [row for row in found if (row.indicator_id, row.variant) == ("supervision_rate", "cases")]
    return {(row.level, row.entity_id, row.period_kind, row.period): row for row in chosen}


def counts(row: Result) -> tuple[float, float, int, int]:
    """Numerator, denominator, excluded, undecidable."""
    return row.numerator, row.denominator, row.excluded, row.undecidable


# --- Periods -----------------------------------------------------------------------------------------------------


def test_periods_end_with_their_month() -> None:
    assert months_of("month", OCTOBER) == [OCTOBER]
    assert months_of("quarter", OCTOBER) == [date(2026, 8, 1), date(2026, 9, 1), OCTOBER]
    assert months_of("ytd", date(2026, 1, 1)) == [date(2026, 1, 1)]
    assert len(months_of("ytd", OCTOBER)) == 10
    assert (months_of("r12", OCTOBER)[0], len(months_of("r12", OCTOBER))) == (date(2025, 11, 1), 12)
    assert thirteen_months(OCTOBER)[0] == date(2025, 10, 1)
    assert before(date(2026, 1, 1), 1) == date(2025, 12, 1)
    assert last_day(date(2024, 2, 1)) == date(2024, 2, 29)
    assert default_as_of(date(2026, 12, 1)) == datetime(2027, 1, 5, 23, 59, 59)


# --- Intervals and status ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "units", "lower", "upper"),
    [
        (6, 6, 61.0, 100.0),
        (12, 12, 75.7, 100.0),
        (5, 6, 43.6, 97.0),
        (58, 63, 82.7, 96.6),
        (265, 288, 88.3, 94.6),
        (682, 884, 74.3, 79.8),
        (0, 3, 0.0, 56.2),
        (41, 377, 8.1, 14.4),
    ],
)
def test_wilson_as_the_domain_page_has_it(hits: int, units: int, lower: float, upper: float) -> None:
    # The page is rounded to a tenth after z = 1.96: 12/12 is 75.7499 with it and 75.7506 with z in full.
    assert [100 * bound for bound in wilson(hits, units)] == pytest.approx([lower, upper], abs=0.051)


def test_exact_poisson() -> None:
    # Garwood's table: 0 events 0–3.689, 10 events 4.795–18.390; over 2 heads half of that.
    assert poisson(0, 1) == pytest.approx((0, 3.688879), abs=1e-6)
    assert poisson(10, 2) == pytest.approx((4.795389 / 2, 18.390356 / 2), abs=1e-6)


@pytest.mark.parametrize(
    ("count", "value", "status", "reason"),
    [
        (Count(0, 0, 7, 0), None, "none", "NO_UNITS"),
        (Count(0, 0, 0, 7), None, "none", "NO_UNITS"),  # nothing but undecidable units: nothing to divide by
        (Count(1, 1), None, "tiny", None),
        (Count(4, 4, 0, 99), None, "tiny", None),  # tiny goes before bounds
        (Count(4, 5), 0.8, "small", None),
        (Count(19, 19), 1.0, "small", None),
        (Count(10, 20), 0.5, "ok", None),
        (Count(10, 19, 0, 1), 10 / 19, "small", None),  # 1 of 20 is 5 %, not more
        (Count(10, 20, 0, 2), 0.5, "bounds", None),  # 2 of 22 is 9 %
        (Count(4, 5, 0, 1), 0.8, "bounds", None),  # bounds goes before small
    ],
)
def test_status(count: Count, value: float | None, status: str, reason: str | None) -> None:
    found = judged("supervision_rate", count)
    assert (found[0], found[3], found[4]) == (value, status, reason)
    assert (found[1] is None) == (found[2] is None) == (value is None)


def test_bounds_are_all_misses_and_all_hits() -> None:
    # 10 of 20 and 2 unknown: between 10/22 and 12/22.
    assert judged("supervision_rate", Count(10, 20, 0, 2))[1:3] == (10 / 22, 12 / 22)


def test_per_head_has_a_poisson_interval() -> None:
    # Published: 23,351 inspections by 100 officers, 233.51 each.
    value, lower, upper, status, _ = judged("acts_per_officer", Count(23351, 100))
    assert (value, status) == (233.51, "ok")
    assert (lower, upper) == poisson(23351, 100)


# --- Roll-up -----------------------------------------------------------------------------------------------------

SEEN_DIFFERENTLY = """
subject | agency | month | unit | state
S1      |        | 8     | U1   | miss
S1      |        | 9     | U1   | hit
S1      |        | 10    | U1   | miss
S1      |        | 8     | U2   | excluded
S1      |        | 10    | U2   | miss
S1      |        | 8     | U3   | excluded
S1      |        | 10    | U3   | excluded
S1      |        | 9     | U4   | undecidable
S1      |        | 10    | U4   | excluded
S2      |        | 10    | U1   | hit
S1      |        | 7     | U5   | hit
"""


def test_a_unit_counts_once_in_a_period() -> None:
    found = computed(evidence(SEEN_DIFFERENTLY))
    #                                                       hits, units, excluded, undecidable
    assert counts(found["subject", "S1", "month", "2026-08"]) == (0, 1, 2, 0)  # U1 | U2 U3
    assert counts(found["subject", "S1", "month", "2026-09"]) == (1, 1, 0, 1)  # U1 | U4
    assert counts(found["subject", "S1", "month", "2026-10"]) == (0, 2, 2, 0)  # U1 U2 | U3 U4
    assert counts(found["subject", "S1", "quarter", "2026-10"]) == (1, 2, 1, 1)  # U1 hit in September
    assert counts(found["subject", "S1", "ytd", "2026-10"]) == (2, 3, 1, 1)  # and U5 of July
    assert counts(found["subject", "S1", "r12", "2026-10"]) == (2, 3, 1, 1)


def test_bodies_are_summed_and_the_same_unit_of_two_bodies_is_two() -> None:
    found = computed(evidence(SEEN_DIFFERENTLY))
    assert counts(found["total", "total", "quarter", "2026-10"]) == (2, 3, 1, 1)  # S1 1/2 and S2 1/1
    assert counts(found["peer_group", "street_town:none", "quarter", "2026-10"]) == (1, 2, 1, 1)
    assert counts(found["peer_group", "department:social", "quarter", "2026-10"]) == (1, 1, 0, 0)


def test_a_rate_of_a_group_is_a_ratio_of_sums() -> None:
    rows = [f"S2 | | 10 | U{number} | hit" for number in range(5)]
    rows += [f"S3 | | 10 | V{number} | miss" for number in range(15)]
    found = computed(evidence("\n".join(["head | | | |", *rows])))
    # 5/5 and 0/15 make 5/20, not the mean of 100 % and 0 %.
    assert found["peer_group", "department:social", "month", "2026-10"].value == 5 / 20


def test_every_body_in_force_has_a_row_even_without_evidence() -> None:
    found = computed([])

    def bodies(level: str, kind: str, period: str) -> set[str]:
        return {entity for lvl, entity, knd, prd in found if (lvl, knd, prd) == (level, kind, period)}

    assert bodies("subject", "month", "2026-09") == {"S1", "S2", "S4"}  # S3 comes on the last of October
    assert bodies("subject", "month", "2026-10") == {"S1", "S2", "S3"}  # S4 left on the last of September
    assert bodies("subject", "quarter", "2026-10") == {"S1", "S2", "S3", "S4"}
    assert bodies("peer_group", "month", "2026-10") == {"street_town:none", "department:social"}
    assert bodies("total", "month", "2026-10") == {"total"}
    assert bodies("agency", "month", "2026-10") == set()
    assert {(row.value, row.status, row.reason) for row in found.values()} == {(None, "none", "NO_UNITS")}


def test_every_indicator_and_variant_has_its_rows() -> None:
    found = results([], table("subjects", SUBJECTS), OCTOBER)
    assert {(row.indicator_id, row.variant) for row in found} == {
        (indicator, variant) for indicator, variants in VARIANTS.items() for variant in variants
    }
    assert len({row.period for row in found if row.period_kind == "month"}) == 13


def test_agencies_only_where_they_have_units_and_a_move_counts_in_both() -> None:
    found = computed(
        evidence("""
        subject | agency | month | unit | state
        S1      | A1     | 9     | U1   | hit
        S1      | A2     | 10    | U1   | miss
        S1      |        | 10    | U2   | miss
        """)
    )
    agencies = {key[1:]: counts(row) for key, row in found.items() if key[0] == "agency" and key[2] != "month"}
    assert agencies["A1", "quarter", "2026-10"] == (1, 1, 0, 0)
    assert agencies["A2", "quarter", "2026-10"] == (0, 1, 0, 0)
    assert ("agency", "A1", "month", "2026-10") not in found
    assert counts(found["subject", "S1", "quarter", "2026-10"]) == (1, 2, 0, 0)  # one body, U1 once


def test_officers_count_once_and_every_act_counts() -> None:
    def row(month: int, kind: str, unit: str, numerator: int, denominator: int) -> Evidence:
        state = "hit" if numerator else "miss"
        return Evidence("acts_per_officer", "all", "S1", None, date(2026, month, 1), kind, unit, state,
                        numerator, denominator, None)  # fmt: skip

    rows = [row(9, "officer", "P1", 0, 1), row(10, "officer", "P1", 0, 1), row(10, "officer", "P2", 0, 1)]
    rows += [row(9, "case", "C1", 1, 0), row(10, "case", "C2", 1, 0), row(10, "inspection", "C2", 1, 0)]
    found = [
        each
        for each in results(rows, table("subjects", SUBJECTS), OCTOBER)
        if (each.indicator_id, each.variant) == ("acts_per_officer", "all")
        and (each.level, each.period_kind) == ("total", "quarter")
    ]
    assert [counts(each) for each in found] == [(3, 2, 0, 0)]  # C1, C2 the case, C2 the inspection over P1, P2


# --- Comparison --------------------------------------------------------------------------------------------------


def _written(path: Path, rows: list[Result]) -> Path:
    pyarrow.parquet.write_table(pa.Table.from_pylist([row._asdict() for row in rows]), path)
    return path


def test_compare_is_silent_when_all_agree_and_names_each_difference(tmp_path: Path) -> None:
    first = Result(
        "supervision_rate", "cases", "subject", "S1", "month", "2026-10", 10, 20, 0, 0, 0.5, 0.3, 0.7, "ok", None
    )
    expected = [first, first._replace(entity_id="S2"), first._replace(entity_id="S3")]
    other = expected[0]._replace(indicator_id="reversal_rate")
    near = [expected[0]._replace(value=0.5 + 1e-10), *expected[1:], other]
    assert compare(expected, _written(tmp_path / "near.parquet", near)) == []

    wrong = [
        expected[0]._replace(value=0.5 + 1e-8),
        expected[1]._replace(numerator=11, lower=None),
        expected[2]._replace(entity_id="S4"),
    ]
    assert compare(expected, _written(tmp_path / "wrong.parquet", wrong)) == [
        "supervision_rate cases subject S1 month 2026-10: value expected 0.5, found 0.50000001",
        "supervision_rate cases subject S2 month 2026-10: "
        "numerator expected 10, found 11; lower expected 0.3, found None",
        "supervision_rate cases subject S3 month 2026-10: missing in the edition, expected 10/20 ok",
        "supervision_rate cases subject S4 month 2026-10: not expected, the edition has 10/20 ok",
    ]
    twice = compare(expected, _written(tmp_path / "twice.parquet", [*expected, expected[0]]))
    assert twice == ["supervision_rate cases subject S1 month 2026-10: given twice in the edition"]
