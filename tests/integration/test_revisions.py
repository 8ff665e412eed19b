"""What makes a revision, and exactly what its diff says: a late record, a correction, an appeal, a definition, a scheme."""

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli.diff import _told
from pipelines.editions import draft
from pipelines.editions.catalogue import edition_at, newest_revision
from pipelines.editions.diff import diff_editions
from pipelines.editions.freeze import Published
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month
from tests.integration.district import MATTERS, SUBJECTS, District, cases

POWERS = """
    subject_id | matter_id | valid_from | origin
    S1         | P1        | 2020-01-01 | statutory
    S2         | P1        | 2020-01-01 | statutory
"""
#            subject  proactive  reactive
OCTOBER = cases(("S1", 10, 10), ("S2", 15, 5), ("S3", 12, 8), ("S4", 11, 9))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four streets with 20 cases each in October, published at the usual time."""
    made = District(tmp_path_factory.mktemp("published"))
    made.load("2026-11-01", subjects=SUBJECTS, matters=MATTERS, powers=POWERS, cases=OCTOBER)
    assert made.publish("2026-10").edition.edition_id == "2026-10"
    return made.workspace.home


@pytest.fixture
def district(published: Path, tmp_path: Path) -> District:
    """The district of `published`, to go on with."""
    shutil.copytree(published, tmp_path / "home")
    return District(tmp_path / "home")


def stored_diff(published: Published, **only: str) -> list[tuple[Any, ...]]:
    """(body, indicator, variant, period kind, old, new, cause, records) of the results, as the revision keeps them."""
    frame = pl.read_parquet(published.edition.directory / "restatement.parquet").filter(pl.col("kind") == "result")
    for column, value in only.items():
        frame = frame.filter(pl.col(column) == value)
    return [
        (r["subject_id"], r["indicator_id"], r["variant"], r["period_kind"],
         f"{r['old_numerator']:g}/{r['old_denominator']:g}", f"{r['new_numerator']:g}/{r['new_denominator']:g}",
         r["cause"], ",".join(r["records"]))
        for r in frame.iter_rows(named=True)
    ]  # fmt: skip


def test_the_same_inputs_make_no_revision(district):
    again = district.publish("2026-10")
    assert (again.is_new, again.edition.edition_id) == (False, "2026-10")


def test_a_late_record_changes_its_body_and_nothing_else(district):
    district.load("2026-11-20", "late", cases="""
        case_id | subject_id | matter_id | source | procedure | filed_at   | submitted_at
        K-LATE  | S1         | P1        | patrol | ordinary  | 2026-10-20 | 2026-11-05 10:00
    """)  # fmt: skip
    revised = district.publish("2026-10")
    assert revised.edition.edition_id == "2026-10.r2"
    # The power was used before, so its rate stands; the case was entered 16 days after it was filed.
    assert stored_diff(revised, period_kind="month") == [
        ("S1", "entry_on_time_rate", "default", "month", "0/20", "0/21", "late_record", "cases/K-LATE"),
        ("S1", "proactive_discovery_rate", "cases", "month", "10/20", "11/21", "late_record", "cases/K-LATE"),
    ]
    assert {row[3] for row in stored_diff(revised)} == {"month", "quarter", "ytd", "r12"}


def test_a_late_supervision_is_led_back_from_the_case_it_looked_at(district):
    district.load("2026-11-20", "late", supervisions="""
        supervision_id | kind       | subject_id | activity_kind | activity_id | done_at    | submitted_at
        V1             | spot_check | S2         | case          | S2-10-3     | 2026-10-30 | 2026-11-01
    """)  # fmt: skip
    assert stored_diff(district.publish("2026-10"), period_kind="month") == [
        ("S2", "supervision_rate", "acts", "month", "0/20", "1/20", "late_record", "supervisions/V1"),
        ("S2", "supervision_rate", "cases", "month", "0/20", "1/20", "late_record", "supervisions/V1"),
    ]


def test_a_late_record_moves_every_body_and_month_that_its_activity_ever_had(district):
    """S2-10-3 was of S2 in October and is of S4 in September since; the supervision of it, in November, is late."""
    district.load("2026-11-02", "moved", cases="""
        case_id | subject_id | matter_id | source | procedure | filed_at   | decided_at | decision | submitted_at | updated_at | operation
        S2-10-3 | S4         | P1        | patrol | ordinary  | 2026-09-05 | 2026-09-08 | penalty  | 2026-10-09   | 2026-11-01 | u
    """)  # fmt: skip
    district.publish("2026-10")
    district.load("2026-11-20", "late", supervisions="""
        supervision_id | kind       | subject_id | activity_kind | activity_id | done_at    | submitted_at
        V1             | spot_check | S4         | case          | S2-10-3     | 2026-11-01 | 2026-11-02
    """)  # fmt: skip
    restated = pl.read_parquet(district.publish("2026-10").edition.directory / "restated.parquet")
    assert restated.select("entity", "record_id", "change", "subject_ids", "act_months").rows() == [
        ("supervisions", "V1", "late_record", ["S2", "S4"], ["2026-09", "2026-10", "2026-11"])
    ]


def test_a_late_participation_is_named_by_its_whole_key(district):
    district.load("2026-11-20", "late", agencies="agency_id | subject_id | name | valid_from\nA1 | S1 | 某队 | 2020-01-01",
        officers="officer_id | on_post_from | agency_id | certificate_from | frontline\nO1 | 2020-01-01 | A1 | 2020-01-01 | true")  # fmt: skip
    district.publish("2026-10")
    district.load("2026-11-21", "later", participations="""
        activity_kind | activity_id | officer_id | submitted_at
        case          | S1-10-5     | O1         | 2026-11-02
    """)  # fmt: skip
    rows = stored_diff(district.publish("2026-10"), period_kind="month", variant="frontline")
    # `hengfa explain --record` takes the key as it is written here
    assert (
        "S1",
        "participation_rate",
        "frontline",
        "month",
        "0/1",
        "1/1",
        "late_record",
        "participations/case|S1-10-5|O1",
    ) in rows


def test_a_matter_is_moved_by_records_of_its_body_and_month_alone(district):
    """Two late cases on one matter, in September and in October, and one of another body: each month names its own."""
    district.load("2026-11-20", "late", cases="""
        case_id | subject_id | matter_id | source | procedure | filed_at   | decided_at | decision | submitted_at
        K-SEP   | S1         | P1        | patrol | ordinary  | 2026-09-20 | 2026-09-22 | penalty  | 2026-11-05 10:00
        K-OCT   | S1         | P1        | patrol | ordinary  | 2026-10-20 | 2026-10-22 | penalty  | 2026-11-05 10:00
        K-S2    | S2         | P1        | patrol | ordinary  | 2026-09-20 | 2026-09-22 | penalty  | 2026-11-05 10:00
    """)  # fmt: skip
    frame = pl.read_parquet(district.publish("2026-10").edition.directory / "restatement.parquet")
    named = frame.filter(
        pl.col("indicator_id").is_in(["evenness", "performance_rate"]), pl.col("subject_id") == "S1", pl.col("kind") == "result"
    )  # fmt: skip
    by_period = {
        (row["indicator_id"], row["variant"], row["period_kind"], row["period"]): row["records"]
        for row in named.iter_rows(named=True)
    }
    assert by_period["evenness", "default", "month", "2026-09"] == ["cases/K-SEP"]
    assert by_period["evenness", "default", "month", "2026-10"] == ["cases/K-OCT"]
    assert by_period["evenness", "default", "quarter", "2026-10"] == ["cases/K-OCT", "cases/K-SEP"]
    assert by_period["performance_rate", "all", "month", "2026-09"] == ["cases/K-SEP"]


def test_a_row_whose_number_stands_says_what_moved_beside_it(district):
    """A late case of unknown source is undecidable: 10 of 20 as before, and one case more that cannot be judged."""
    district.load("2026-11-20", "late", cases="""
        case_id | subject_id | matter_id | source  | procedure | filed_at   | submitted_at
        K-LATE  | S1         | P1        | unknown | ordinary  | 2026-10-20 | 2026-11-05 10:00
    """)  # fmt: skip
    revised = district.publish("2026-10").edition
    frame = pl.read_parquet(revised.directory / "restatement.parquet")
    (row,) = frame.filter(
        pl.col("indicator_id") == "proactive_discovery_rate", pl.col("variant") == "cases",
        pl.col("period_kind") == "month", pl.col("kind") == "result",
    ).iter_rows(named=True)  # fmt: skip
    assert (row["old_undecidable"], row["new_undecidable"], row["old_numerator"], row["new_numerator"]) == (
        0,
        1,
        10,
        10,
    )
    assert _told(row, "old") == "10/20 ok · 不可判定 undecidable 0"
    assert _told(row, "new") == "10/20 ok · 不可判定 undecidable 1"


def test_points_that_differ_by_little_are_told_apart():
    row = {"kind": "points", "old_value": 83.31, "new_value": 83.34, "old_state": "scored", "new_state": "scored"}
    assert [_told(row, side) for side in ("old", "new")] == ["83.31 scored", "83.34 scored"]


def test_a_correction_is_told_from_a_late_record(district):
    district.load("2026-11-20", "again", cases="""
        case_id | subject_id | matter_id | source | procedure | filed_at   | decided_at | decision | submitted_at | updated_at | operation
        S3-10-1 | S3         | P1        | hotline | ordinary | 2026-10-05 | 2026-10-08 | penalty  | 2026-10-09   | 2026-11-02 | u
    """)  # fmt: skip
    assert stored_diff(district.publish("2026-10"), period_kind="month") == [
        ("S3", "proactive_discovery_rate", "cases", "month", "12/20", "11/20", "correction", "cases/S3-10-1"),
    ]


def test_a_withdrawal_is_a_correction(district):
    district.load("2026-11-20", "again", cases="""
        case_id | subject_id | matter_id | source | procedure | filed_at   | submitted_at | updated_at | operation
        S3-10-1 | S3         | P1        | patrol | ordinary  | 2026-10-05 | 2026-10-09   | 2026-11-02 | d
    """)  # fmt: skip
    assert stored_diff(district.publish("2026-10"), period_kind="month", indicator_id="proactive_discovery_rate") == [
        ("S3", "proactive_discovery_rate", "cases", "month", "12/20", "11/19", "correction", "cases/S3-10-1"),
    ]


def test_the_same_records_sent_again_change_nothing(district):
    heading, *lines = OCTOBER.splitlines()
    district.load("2026-11-20", "again", cases="\n".join([heading, *reversed(lines)]), subjects=SUBJECTS)
    revised = district.publish("2026-10")
    assert pl.read_parquet(revised.edition.directory / "restated.parquet").height == 0
    assert stored_diff(revised) == []


def after_as_of(published: Published) -> list[tuple[Any, ...]]:
    return pl.read_parquet(published.edition.directory / "after_as_of.parquet").rows()


def test_a_record_after_the_as_of_time_waits_for_an_edition_that_knows_it(district):
    district.load("2026-11-20", "late", cases="""
        case_id | subject_id | matter_id | source | procedure | filed_at   | submitted_at
        K-LATE  | S1         | P1        | patrol | ordinary  | 2026-10-20 | 2026-11-18
    """)  # fmt: skip
    waiting = district.publish("2026-10")
    assert stored_diff(waiting) == []  # a revision, since another file came in
    assert after_as_of(waiting) == [("cases", "S1", 1)]
    later = district.publish("2026-10", as_of="2026-11-30")
    assert after_as_of(later) == []
    assert {(row[1], row[6]) for row in stored_diff(later, period_kind="month")} == {
        ("entry_on_time_rate", "late_record"),
        ("proactive_discovery_rate", "late_record"),
    }


def test_records_after_the_as_of_time_are_those_of_the_month_that_were_not_withdrawn_since(district):
    """K2 was entered in time and sent again late; K3 is of November; K4 was withdrawn; K5 has no time but its load.

    K7 was withdrawn by its newest version, which came first; that of K8 moved it to September.
    """
    district.load("2026-11-20", "late", cases="""
        case_id | subject_id | matter_id | source | procedure | filed_at   | submitted_at | updated_at | operation
        K1      | S1         | P1        | patrol | ordinary  | 2026-10-31 | 2026-11-06   | .          | .
        K2      | S1         | P1        | patrol | ordinary  | 2026-10-20 | 2026-10-21   | .          | i
        K2      | S1         | P1        | patrol | ordinary  | 2026-10-20 | 2026-10-21   | 2026-11-18 | u
        K3      | S1         | P1        | patrol | ordinary  | 2026-11-01 | 2026-11-18   | .          | .
        K4      | S1         | P1        | patrol | ordinary  | 2026-10-20 | 2026-11-17   | 2026-11-18 | d
        K5      | S2         | P1        | patrol | ordinary  | 2026-10-20 | .            | .          | .
        K6      | S2         | P1        | patrol | ordinary  | 2026-10-20 | 2026-11-05 23:59:59 | . | .
        K7      | S2         | P1        | patrol | ordinary  | 2026-10-20 | 2026-11-06   | 2026-11-18 | d
        K7      | S2         | P1        | patrol | ordinary  | 2026-10-20 | 2026-11-06   | 2026-11-10 | i
        K8      | S2         | P1        | patrol | ordinary  | 2026-10-20 | 2026-11-06   | 2026-11-10 | i
        K8      | S2         | P1        | patrol | ordinary  | 2026-09-20 | 2026-11-06   | 2026-11-18 | u
    """)  # fmt: skip
    assert after_as_of(district.publish("2026-10")) == [("cases", "S1", 1), ("cases", "S2", 1)]


def test_a_new_definition_is_told_by_its_version(district, monkeypatch):
    """Version 2 of the supervision rate leaves out no case, but finds none supervised that is not a file review."""
    district.load("2026-11-02", "more", supervisions="""
        supervision_id | kind       | subject_id | activity_kind | activity_id | done_at    | submitted_at
        V1             | spot_check | S2         | case          | S2-10-3     | 2026-10-30 | 2026-11-01
    """)  # fmt: skip
    first = district.publish("2026-10")
    raised = [
        declaration | ({"version": "2"} if declaration["id"] == "supervision_rate" else {})
        for declaration in declarations()
    ]
    monkeypatch.setattr(draft, "declarations", lambda *_, **__: raised)

    def change(model: Any) -> str:
        if model.name != "supervision_rate":
            return model.sql
        renamed = f"with made as ({model.sql}) select * replace (case when state = 'hit' then 'miss' else state end as state, "
        return renamed + "cast(0 as double) as numerator) from made"

    second = district.publish("2026-10", change=change)
    assert second.edition.revision == first.edition.revision + 1
    assert stored_diff(second, period_kind="month") == [
        ("S2", "supervision_rate", "acts", "month", "1/20", "0/20", "definition", ""),
        ("S2", "supervision_rate", "cases", "month", "1/20", "0/20", "definition", ""),
    ]


def test_a_new_scheme_changes_points_and_no_number(district):
    district.workspace.scheme_file.write_text(SCHEME.format(low=0.5), encoding="utf-8")
    first = district.publish("2026-10")
    district.workspace.scheme_file.write_text(SCHEME.format(low=0.9), encoding="utf-8")
    second = district.publish("2026-10")
    changes = diff_editions(district.workspace, first.edition, second.edition)
    told = changes.select("subject_id", "kind", "old_value", "new_value", "old_state", "new_state", "cause").rows()
    # S1: 10/20 = 0.5 earned 100 up to 0.5 and earns 100 × (0.5 − 0.1) / 0.8 = 50 up to 0.9; likewise S2 … S4.
    assert told == [
        ("S1", "points", 100, 50, "scored", "scored", "scheme"),
        ("S1", "total", 100, 50, "A", "B", "scheme"),
        ("S2", "points", 100, 81.25, "scored", "scored", "scheme"),
        ("S2", "total", 100, 81.25, "A", "A", "scheme"),
        ("S3", "points", 100, 62.5, "scored", "scored", "scheme"),
        ("S3", "total", 100, 62.5, "A", "B", "scheme"),
        ("S4", "points", 100, 56.25, "scored", "scored", "scheme"),
        ("S4", "total", 100, 56.25, "A", "B", "scheme"),
    ]
    assert first.edition.manifest()["scheme"] != second.edition.manifest()["scheme"]


SCHEME = """\
schemes:
  - id: mine
    name: {{zh: 方案, en: Mine}}
    valid_from: 2026-01
    period: month
    pillars:
      - id: discovery
        name: {{zh: 发现, en: Discovery}}
        weight: 1
        indicators:
          - {{indicator: proactive_discovery_rate, variant: cases, weight: 1, band: {{floor: 0.1, low: {low}}}}}
    grades:
      - {{id: A, name: {{zh: 好, en: Good}}, at_least: 80}}
      - {{id: B, name: {{zh: 差, en: Poor}}, at_least: 0}}
"""


def test_the_next_month_follows_the_newest_revision_and_keeps_its_hash(district):
    district.load("2026-12-01", "november", cases=cases(("S1", 5, 5), month="2026-11"))
    november = district.publish("2026-11")
    october = newest_revision(district.workspace.editions, Month.parse("2026-10"))
    assert november.edition.manifest()["previous"]["edition_id"] == october.edition_id
    known = pl.read_parquet(november.edition.directory / "restated.parquet")
    assert known.select("entity", "change").unique().rows() == [("cases", "late_record")]
    assert known.height == 10


def test_an_edition_is_made_again_from_landed_files_to_the_same_bytes(district, tmp_path):
    first = newest_revision(district.workspace.editions, Month.parse("2026-10"))
    again = District(_folder(tmp_path / "again"))
    again.load("2026-11-01", subjects=SUBJECTS, matters=MATTERS, powers=POWERS, cases=OCTOBER)
    second = again.publish("2026-10").edition
    names = sorted(path.relative_to(first.directory) for path in first.directory.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(second.directory) for path in second.directory.rglob("*") if path.is_file())
    assert [
        name for name in names if (first.directory / name).read_bytes() != (second.directory / name).read_bytes()
    ] == []


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_revision_of_an_edition_made_before_there_were_scores_is_told_without_them(district):
    old = newest_revision(district.workspace.editions, Month.parse("2026-10"))
    for name in ("scores.parquet", "appeals.parquet", "restated.parquet"):
        (old.directory / name).unlink()
    revised = edition_at(district.publish("2026-10", as_of="2026-11-06").edition.directory)
    assert diff_editions(district.workspace, old, revised).height == 0
