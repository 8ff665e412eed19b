"""Officers and areas as dimensions: one row each, whatever the ledgers repeat."""

from tests.spec.world import World


def test_an_officer_is_one_row_from_the_first_posting_to_the_last():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1\nA2 | S1",
        officers="""
            officer_id | on_post_from | on_post_to | agency_id | certificate_from | certificate_to
            O1         | 2020-01-01   | 2022-06-30 | A1        | 2020-03-01       | 2023-02-28
            O1         | 2022-07-01   | .          | A2        | 2023-03-01       | 2026-02-28
            O2         | 2021-05-01   | 2021-12-31 | A1        | .                | .
        """,
    )
    rows = world.connection.execute("select * from marts.dim_officer order by officer_id").fetchall()
    assert [tuple(str(value) for value in row) for row in rows] == [
        ("O1", "2", "2020-01-01", "9999-12-31", "2020-03-01", "2026-02-28"),
        ("O2", "1", "2021-05-01", "2021-12-31", "None", "None"),  # never had a certificate
    ]


def test_an_area_is_every_code_that_is_named_and_belongs_to_the_one_street_town_that_states_it():
    world = World(
        "2026-10",
        subjects="""
            subject_id | kind        | area_code | valid_from | valid_to
            J0         | street_town | 120116001 | 2015-01-01 | 2026-09-30
            J1         | street_town | 120116001 | 2026-10-01 | .
            J2         | street_town | 120116002 | 2015-01-01 | .
            J3         | street_town | 120116002 | 2015-01-01 | 2026-10-01
            D1         | department  | 120116000 | 2015-01-01 | .
        """,
        inspections="""
            inspection_id | subject_id | mode   | started_at | area_code
            N1            | D1         | patrol | 2026-10-12 | 120116009
            N2            | D1         | patrol | 2026-10-13 | 120116009
            N3            | D1         | patrol | 2026-10-14 | .
        """,
    )
    assert world.connection.execute("select * from marts.dim_area order by area_code").fetchall() == [
        ("120116000", "120116", None),  # a department has no territory
        ("120116001", "120116", "J1"),  # the town before it ended in September
        ("120116002", "120116", None),  # two state it, one to the month's first day
        ("120116009", "120116", None),
    ]
