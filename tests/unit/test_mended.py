"""What counts as mended since the audit before, in tables of failing records."""

from datetime import datetime
from pathlib import Path

import polars as pl

from expectations.failures import FILE as FAILURES
from expectations.mended import audit_before, keep_rules, mended

COLUMNS = ["expectation_id", "entity", "subject_id", "record_id", "source_row"]
TYPES = dict.fromkeys(COLUMNS, pl.String) | {"source_row": pl.Int64}


def failures(text: str) -> pl.DataFrame:
    """Lines of rule | body | record | row of the file it came from; all rules are of cases."""
    rows = []
    for line in text.strip().splitlines():
        rule, body, record, row = (cell.strip() or None for cell in line.split("|"))
        rows.append((rule, "cases", body, record, None if row is None else int(row)))
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def since(before: str, now: str, *rules: str) -> list[tuple[object, ...]]:
    """(rule, body, mended, left, added) of what both audits judged."""
    return mended(failures(before), failures(now), rules).rows()


def test_a_record_that_fails_no_more_is_mended_one_that_fails_still_is_left_another_is_added() -> None:
    before = """
        dates | S1 | C1 | 2
        dates | S1 | C2 | 3
        dates | S2 | C3 | 4
        fines | S1 | C1 | 2
    """
    now = """
        dates | S1 | C2 | 3
        dates | S1 | C4 | 5
    """
    # C1 was mended twice, once for each rule; C3 may have been corrected or withdrawn.
    assert since(before, now, "dates", "fines") == [
        ("dates", "S1", 1, 1, 1),
        ("dates", "S2", 1, 0, 0),
        ("fines", "S1", 1, 0, 0),
    ]


def test_a_record_that_changed_its_body_is_left_and_counts_for_the_body_it_was_of() -> None:
    assert since("dates | S1 | C1 | 2", "dates | S2 | C1 | 9", "dates") == [("dates", "S1", 0, 1, 0)]


def test_what_is_no_record_is_left_out() -> None:
    # A body's volume names the body, and came from no row of a file.
    assert since("volume | S1 | S1 |", "volume | S2 | S2 |", "volume") == []


def test_a_record_that_two_rows_of_a_ledger_share_counts_once() -> None:
    before = """
        dates | S1 | C1 | 2
        dates | S1 | C1 | 8
    """
    assert since(before, "", "dates") == [("dates", "S1", 1, 0, 0)]
    assert since(before, before, "dates") == [("dates", "S1", 0, 1, 0)]


def test_a_record_of_nobody_counts_for_nobody() -> None:
    assert since("dates | | C1 | 2", "", "dates") == [("dates", None, 1, 0, 0)]


def test_a_rule_that_only_one_audit_judged_says_nothing() -> None:
    # `old` was renamed to `new`: its record is not mended, and that of `new` did not come since.
    assert since("old | S1 | C1 | 2\ndates | S1 | C1 | 2", "new | S1 | C1 | 2", "dates") == [("dates", "S1", 1, 0, 0)]
    assert since("old | S1 | C1 | 2", "new | S1 | C1 | 2") == []


KNOWN = datetime(2026, 11, 5, 23, 59, 59)


def audited(work: Path, text: str, *rules: str, as_of: datetime = KNOWN) -> Path:
    (work / "relations").mkdir(parents=True, exist_ok=True)
    failures(text).write_parquet(work / "relations" / FAILURES)
    keep_rules(work, rules, as_of)
    return work


def test_the_audit_before_is_that_of_the_month_else_of_the_last_month_before(tmp_path: Path) -> None:
    assert audit_before(tmp_path / "2026-10", KNOWN) is None
    audited(tmp_path / "2026-08", "dates | S1 | C8 | 2", "dates")
    audited(tmp_path / "2026-09", "dates | S1 | C9 | 2", "dates", "fines")
    audited(tmp_path / "2026-11", "dates | S1 | C11 | 2", "dates")
    found = audit_before(tmp_path / "2026-10", KNOWN)
    assert found is not None
    assert (found[0]["record_id"].to_list(), found[1]) == (["C9"], {"dates", "fines"})
    own = audit_before(audited(tmp_path / "2026-10", "", "dates"), KNOWN)
    assert own is not None
    assert (own[0].height, own[1]) == (0, {"dates"})


def test_an_audit_that_knew_more_is_not_the_one_before(tmp_path: Path) -> None:
    # What the audit of 30 November found is not mended because the one of 5 November cannot know it.
    work = audited(tmp_path / "2026-10", "dates | S1 | C1 | 2", "dates", as_of=datetime(2026, 11, 30))
    assert audit_before(work, KNOWN) is None
    assert audit_before(work, datetime(2026, 11, 30)) is not None
    audited(tmp_path / "2026-09", "dates | S1 | C9 | 2", "dates", as_of=datetime(2026, 10, 5))
    found = audit_before(work, KNOWN)
    assert found is not None
    assert found[0]["record_id"].to_list() == ["C9"]


def test_an_audit_that_did_not_write_down_what_it_knew_is_not_compared_with(tmp_path: Path) -> None:
    work = audited(tmp_path / "2026-10", "dates | S1 | C1 | 2", "dates")
    (work / "rules.json").write_text('["dates"]', encoding="utf-8")
    assert audit_before(work, KNOWN) is None
