"""How evidence becomes results: rows for everybody, sums over bodies, statuses, intervals, what was known when."""

import pytest
from scipy.stats import binomtest

from tests.spec.world import World

GROUPS = """
    subject_id | kind        | field         | valid_from | valid_to
    S1         | street_town | comprehensive | 2020-01-01 | .
    S2         | street_town | comprehensive | 2020-01-01 | .
    D1         | department  | .             | 2020-01-01 | .
    OLD        | department  | .             | 2020-01-01 | 2026-09-30
    NEW        | department  | .             | 2026-10-31 | .
"""


def cases(*counts: tuple[str, int, int]) -> str:
    """(subject, proactive, reactive) → a table of cases filed on 2026-10-05."""
    rows = []
    for subject, proactive, reactive in counts:
        rows += [f"{subject}P{n} | {subject} | patrol | 2026-10-05" for n in range(proactive)]
        rows += [f"{subject}R{n} | {subject} | complaint | 2026-10-05" for n in range(reactive)]
    return "\n".join(["case_id | subject_id | source | filed_at", *rows])


def test_a_group_is_a_ratio_of_sums_and_never_a_mean_of_rates():
    world = World("2026-10", subjects=GROUPS, cases=cases(("S1", 9, 1), ("S2", 10, 80), ("D1", 5, 5)))
    group = world.result("proactive_discovery_rate", "cases", "street_town:comprehensive", level="peer_group")
    assert group["value"] == (9 + 10) / (10 + 90)
    assert group["value"] != (9 / 10 + 10 / 90) / 2
    assert world.result("proactive_discovery_rate", "cases")["value"] == (9 + 10 + 5) / (10 + 90 + 10)


@pytest.mark.parametrize(
    ("period_kind", "bodies"),
    [("month", ["D1", "NEW", "S1", "S2"]), ("ytd", ["D1", "NEW", "OLD", "S1", "S2"])],
)
def test_every_body_in_force_in_the_period_has_a_row_also_without_records(period_kind, bodies):
    world = World("2026-10", subjects=GROUPS)
    found = world.connection.execute(
        "select distinct entity_id from assessment.results where level = 'subject' and period_kind = ? and period = ? "
        "order by 1",
        [period_kind, "2026-10"],
    ).fetchall()
    assert [entity for (entity,) in found] == bodies


def test_a_ledger_entry_that_ends_before_it_begins_is_in_force_on_no_day():
    world = World(
        "2026-10",
        subjects="""
            subject_id | kind        | valid_from | valid_to
            S1         | street_town | 2020-01-01 | .
            S2         | street_town | 2026-10-20 | 2026-10-10
        """,
    )
    found = world.connection.execute("select distinct entity_id from assessment.results where level = 'subject'")
    assert found.fetchall() == [("S1",)]


def test_the_whole_has_a_row_for_every_period_also_where_no_body_was_in_force():
    world = World("2026-10", subjects="subject_id | kind | valid_from\nS1 | street_town | 2026-10-01")
    for period in ("2026-09", "2026-10"):
        assert world.result("supervision_rate", "cases", period=period)["reason"] == "NO_UNITS"
    # A group has a row where one of its bodies is in force.
    groups = world.connection.execute("select distinct period from assessment.results where level = 'peer_group'")
    assert groups.fetchall() == [("2026-10",)]


def test_a_body_that_acted_after_its_end_keeps_its_row():
    world = World("2026-10", subjects=GROUPS, cases=cases(("OLD", 1, 0)))
    assert world.counts("proactive_discovery_rate", "cases", "OLD") == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("units", "status", "has_value"),
    [
        (0, "none", False),
        (1, "tiny", False),
        (4, "tiny", False),
        (5, "small", True),
        (19, "small", True),
        (20, "ok", True),
    ],
)
def test_the_status_follows_the_number_of_units(units, status, has_value):
    world = World("2026-10", subjects=GROUPS, cases=cases(("S1", units, 0)))
    result = world.result("proactive_discovery_rate", "cases", "S1")
    assert result["status"] == status
    assert (result["value"] is not None, result["lower"] is not None) == (has_value, has_value)
    assert result["denominator"] == units


@pytest.mark.parametrize(("hits", "units"), [(6, 6), (12, 12), (5, 6), (58, 63), (0, 20), (41, 377)])
def test_the_interval_of_a_share_is_wilsons(hits, units):
    world = World("2026-10", subjects=GROUPS, cases=cases(("S1", hits, units - hits)))
    result = world.result("proactive_discovery_rate", "cases", "S1")
    expected = binomtest(hits, units).proportion_ci(0.95, method="wilson")
    assert abs(result["lower"] - expected.low) < 1e-9
    assert abs(result["upper"] - expected.high) < 1e-9
    assert 0 <= result["lower"] <= result["value"] <= result["upper"] <= 1


def test_an_edition_has_thirteen_months_and_three_longer_periods():
    world = World("2026-10", subjects=GROUPS)
    found = world.connection.execute(
        "select period_kind, count(distinct period), min(period), max(period) from assessment.results "
        "group by period_kind order by period_kind"
    ).fetchall()
    assert found == [
        ("month", 13, "2025-10", "2026-10"),
        ("quarter", 1, "2026-10", "2026-10"),
        ("r12", 1, "2026-10", "2026-10"),
        ("ytd", 1, "2026-10", "2026-10"),
    ]


def test_a_quarter_is_the_three_months_that_end_with_the_month():
    world = World(
        "2026-11",
        subjects=GROUPS,
        cases="""
            case_id | subject_id | source | filed_at
            K1      | S1         | patrol | 2026-08-31
            K2      | S1         | patrol | 2026-09-01
            K3      | S1         | patrol | 2026-11-30
        """,
    )
    assert world.counts("proactive_discovery_rate", "cases", "S1", period_kind="quarter") == (2, 2, 0, 0)


def test_the_newest_version_known_at_the_as_of_time_is_the_record():
    world = World(
        "2026-10",
        as_of="2026-11-05",
        subjects=GROUPS,
        cases="""
            case_id | subject_id | source    | filed_at   | submitted_at        | updated_at          | operation
            K1      | S1         | patrol    | 2026-10-05 | 2026-10-06          | .                   | i
            K1      | S1         | complaint | 2026-10-05 | 2026-10-06          | 2026-11-05 23:59:59 | u
            K1      | S1         | patrol    | 2026-10-05 | 2026-10-06          | 2026-11-06          | u
            K2      | S1         | patrol    | 2026-10-05 | 2026-10-06          | 2026-10-07          | i
            K2      | S1         | patrol    | 2026-10-05 | 2026-10-06          | 2026-10-08          | d
            K3      | S1         | patrol    | 2026-10-05 | 2026-11-06          | .                   | .
            K4      | S1         | patrol    | 2026-10-05 | .                   | .                   | .
            K5      | S1         | patrol    | 2026-10-05 | 2026-10-06          | 2026-10-07          | i
            K5      | S2         | complaint | 2026-10-05 | 2026-10-06          | 2026-10-07          | u
            K6      | S1         | patrol    | 2026-10-05 | 2026-11-06          | 2026-11-01          | i
        """,
    )
    assert world.evidence("proactive_discovery_rate", "cases") == [
        ("S1", "K1", "miss", None),  # the correction of 5 November is known, that of the 6th is not
        # K2 was withdrawn; K3 was submitted after the as-of time, and so was K6, whatever its clock says of the update
        ("S1", "K4", "hit", None),  # without times the load's time stands
        ("S2", "K5", "miss", None),  # two versions of one time: the one loaded last; the case has moved to S2
    ]


def test_a_late_record_changes_an_old_month_only_for_an_edition_that_knows_it():
    table = """
        case_id | subject_id | source | filed_at   | submitted_at
        K1      | S1         | patrol | 2026-09-05 | 2026-10-20
    """
    september = World("2026-09", as_of="2026-10-05", subjects=GROUPS, cases=table)
    october = World("2026-10", as_of="2026-11-05", subjects=GROUPS, cases=table)
    assert september.counts("proactive_discovery_rate", "cases", "S1") == (0, 0, 0, 0)
    assert october.counts("proactive_discovery_rate", "cases", "S1", period="2026-09") == (1, 1, 0, 0)


def test_evidence_sums_to_results_at_every_level_and_month():
    world = World("2026-10", subjects=GROUPS, cases=cases(("S1", 3, 4), ("S2", 1, 1), ("D1", 2, 0)))
    different = world.connection.execute("""
        with sums as (
            select indicator_id, variant, subject_id, substring(cast(month as varchar), 1, 7) as period,
                sum(numerator) as numerator, sum(denominator) as denominator
            from assessment.evidence group by all
        )
        select results.entity_id from assessment.results
        left join sums
            on results.indicator_id = sums.indicator_id and results.variant = sums.variant
            and results.entity_id = sums.subject_id and results.period = sums.period
        where level = 'subject' and period_kind = 'month'
            and (results.numerator <> coalesce(sums.numerator, 0) or results.denominator <> coalesce(sums.denominator, 0))
    """).fetchall()
    assert different == []


def test_the_variants_in_evidence_are_those_declared():
    world = World(
        "2026-10",
        subjects=GROUPS,
        agencies="agency_id | subject_id\nA1 | S1",
        officers="officer_id | on_post_from | agency_id | frontline | post\nO1 | 2020-01-01 | A1 | true | A",
        devices="device_id | agency_id | kind\nE1 | A1 | recorder",
        matters="matter_id | kind | fine_max\nP1 | penalty | 900\nI1 | inspection | .\nC1 | coercion | .",
        powers="subject_id | matter_id | duty_listed\nS1 | P1 | true\nS1 | I1 | true\nS1 | C1 | true",
        cases="case_id | subject_id | matter_id | source | procedure | filed_at | decided_at | decision | major | fine_amount\nK1 | S1 | P1 | patrol | ordinary | 2026-10-05 | 2026-10-05 | penalty | true | 100",
        leads="lead_id | subject_id | source | received_at\nL1 | S1 | patrol | 2026-10-05",
        inspections="inspection_id | subject_id | mode | object_id | result | started_at\nN1 | S1 | planned | X | pass | 2026-10-05",
        inspection_plans="plan_id | subject_id | due_on\nB1 | S1 | 2026-10-05",
        participations="activity_kind | activity_id | officer_id\ninspection | N1 | O1",
        supervisions="supervision_id | subject_id | kind | done_at | score | problems | rectify_due_on\nV1 | S1 | file_review | 2026-10-05 | 80 | 1 | 2026-10-20",
        disputes="dispute_id | case_id | kind | concluded_on | outcome\nD1 | K1 | reconsideration | 2026-10-20 | upheld\nD2 | K1 | litigation | 2026-10-20 | upheld",
        assistance_requests="request_id | from_subject_id | to_subject_id | requested_at\nR1 | S1 | S1 | 2026-10-05",
    )  # fmt: skip
    in_evidence = world.connection.execute("select distinct indicator_id, variant from assessment.evidence").fetchall()
    declared = world.connection.execute("select indicator_id, variant from assessment.dim_indicator").fetchall()
    assert sorted(in_evidence) == sorted(declared)


def test_a_record_of_a_body_that_is_not_in_the_ledger_counts_for_nobody():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers="officer_id | on_post_from | agency_id\nO1 | 2020-01-01 | A1",
        cases="case_id | subject_id | decision | decided_at\nK1 | S1 | penalty | 2026-10-05\nK2 | S9 | penalty | 2026-10-05",
        inspections="inspection_id | subject_id | mode | started_at\nN1 | S9 | patrol | 2026-10-05",
        participations="activity_kind | activity_id | officer_id\ninspection | N1 | O1",
        supervisions="supervision_id | subject_id | activity_kind | activity_id | done_at\nV1 | S9 | case | K1 | 2026-10-06",
    )  # fmt: skip
    assert world.counts("supervision_rate", "cases") == (0, 1, 0, 0)  # K2 is nobody's, and so is V1
    assert world.counts("participation_rate", "all") == (0, 1, 0, 0)  # nor does N1 credit its officer
