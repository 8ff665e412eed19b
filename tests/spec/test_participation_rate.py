"""人均参与执法率: of the officers on post, how many took part in enforcement."""

import pytest

from tests.spec.world import World

BODIES = {
    "subjects": """
        subject_id | kind
        S1         | street_town
        S2         | department
    """,
    "agencies": """
        agency_id | subject_id
        A1        | S1
        A2        | S1
        B1        | S2
    """,
}


def test_an_officer_takes_part_when_named_on_an_activity_of_the_month():
    world = World(
        "2026-10",
        **BODIES,
        officers="""
            officer_id | on_post_from | agency_id | frontline | post | certificate_from
            O1         | 2020-01-01   | A1        | true      | A    | 2020-01-01
            O2         | 2020-01-01   | A1        | true      | B    | 2020-01-01
            O3         | 2020-01-01   | A1        | false     | A    | 2020-01-01
            O4         | 2020-01-01   | A1        | .         | .    | 2020-01-01
        """,
        inspections="""
            inspection_id | subject_id | mode    | result   | started_at
            N1            | S1         | patrol  | pass     | 2026-10-31 23:00
            N2            | S1         | planned | no_entry | 2026-10-05
            N3            | S1         | planned | pass     | 2026-11-01
        """,
        cases="""
            case_id | subject_id | filed_at   | decided_at
            K1      | S1         | 2026-09-30 | 2026-10-20
        """,
        leads="""
            lead_id | subject_id | received_at | first_visit_at
            L1      | S1         | 2026-09-29  | 2026-10-01 08:00
        """,
        participations="""
            activity_kind | activity_id | officer_id
            inspection    | N1          | O1
            inspection    | N2          | O2
            inspection    | N3          | O2
            case          | K1          | O2
            lead          | L1          | O3
            inspection    | N1          | O9
            inspection    | N9          | O4
        """,
    )
    assert world.evidence("participation_rate", "all") == [
        ("S1", "O1", "hit", None),  # a patrol counts
        ("S1", "O2", "miss", None),  # no entry does not; N3 is November; K1's date is its filing in September
        ("S1", "O3", "hit", None),  # the visit to a lead counts by its day
        ("S1", "O4", "miss", None),  # an activity that does not exist credits nobody
    ]  # O9 is in no ledger and is never credited
    assert world.counts("participation_rate", "all", "S1") == (2, 4, 0, 0)
    assert world.counts("participation_rate", "frontline", "S1") == (1, 2, 0, 0)
    assert world.counts("participation_rate", "a_post", "S1") == (1 + 1, 2, 0, 0)


@pytest.mark.parametrize(
    ("posting", "certificate", "on_post"),
    [
        ("2026-10-31 | .         ", "2020-01-01 | .         ", True),
        ("2026-11-01 | .         ", "2020-01-01 | .         ", False),
        ("2020-01-01 | 2026-10-01", "2020-01-01 | .         ", True),
        ("2020-01-01 | 2026-09-30", "2020-01-01 | .         ", False),
        ("2020-01-01 | .         ", "2020-01-01 | 2026-09-30", False),
        # Posting and certificate each touch October, but no day has both.
        ("2020-01-01 | 2026-10-10", "2026-10-11 | .         ", False),
        ("2020-01-01 | 2026-10-11", "2026-10-11 | .         ", True),
        # A span that ends before it begins holds no day, though each of its ends lies in October.
        ("2026-10-20 | 2026-10-10", "2020-01-01 | .         ", False),
        ("2020-01-01 | .         ", "2026-10-20 | 2026-10-10", False),
    ],
)
def test_on_post_means_that_posting_certificate_and_month_share_a_day(posting, certificate, on_post):
    world = World(
        "2026-10",
        **BODIES,
        officers=f"""
            officer_id | on_post_from | on_post_to | agency_id | certificate_from | certificate_to
            O1         | {posting}                 | A1        | {certificate}
        """,
    )
    assert bool(world.evidence("participation_rate", "all")) is on_post


def test_an_act_is_credited_to_the_posting_of_its_day_whichever_body_did_it():
    world = World(
        "2026-10",
        **BODIES,
        officers="""
            officer_id | on_post_from | on_post_to | agency_id | frontline
            O1         | 2020-01-01   | 2026-10-14 | A1        | true
            O1         | 2026-10-15   | .          | B1        | true
        """,
        inspections="inspection_id | subject_id | mode | started_at\nN1 | S1 | patrol | 2026-10-15",
        participations="activity_kind | activity_id | officer_id\ninspection | N1 | O1",
    )
    assert world.evidence("participation_rate", "frontline") == [("S1", "O1", "miss", None), ("S2", "O1", "hit", None)]


def test_two_postings_in_one_body_are_one_officer():
    world = World(
        "2026-10",
        **BODIES,
        officers="""
            officer_id | on_post_from | on_post_to | agency_id | frontline
            O1         | 2020-01-01   | 2026-10-14 | A1        | true
            O1         | 2026-10-15   | .          | A2        | false
        """,
        inspections="inspection_id | subject_id | mode | started_at\nN1 | S1 | patrol | 2026-10-20",
        participations="activity_kind | activity_id | officer_id\ninspection | N1 | O1",
    )
    assert world.counts("participation_rate", "all", "S1") == (1, 1, 0, 0)
    # The front-line posting had ended when he took part.
    assert world.counts("participation_rate", "frontline", "S1") == (0, 1, 0, 0)
    assert world.counts("participation_rate", "all", "A2", level="agency") == (1, 1, 0, 0)


def test_an_officer_counts_once_in_a_year_and_twice_in_two_bodies():
    world = World(
        "2026-10",
        **BODIES,
        officers="""
            officer_id | on_post_from | on_post_to | agency_id
            O1         | 2020-01-01   | 2026-03-31 | A1
            O1         | 2026-04-01   | .          | B1
        """,
        inspections="inspection_id | subject_id | mode | started_at\nN1 | S1 | patrol | 2026-02-20",
        participations="activity_kind | activity_id | officer_id\ninspection | N1 | O1",
    )
    assert world.counts("participation_rate", "all", "S1", period_kind="ytd") == (1, 1, 0, 0)
    assert world.counts("participation_rate", "all", "S2", period_kind="ytd") == (0, 1, 0, 0)
    assert world.counts("participation_rate", "all", period_kind="ytd") == (1 + 0, 1 + 1, 0, 0)


def test_a_participation_that_was_withdrawn_credits_nobody():
    world = World(
        "2026-10",
        **BODIES,
        officers="officer_id | on_post_from | agency_id\nO1 | 2020-01-01 | A1",
        inspections="inspection_id | subject_id | mode | started_at\nN1 | S1 | patrol | 2026-10-20",
        participations="""
            activity_kind | activity_id | officer_id | operation | updated_at
            inspection    | N1          | O1         | i         | 2026-10-21
            inspection    | N1          | O1         | d         | 2026-10-22
        """,
    )
    assert world.counts("participation_rate", "all", "S1") == (0, 1, 0, 0)
