"""协助答复率: requests of street-towns that the department asked answered within 5 working days."""

from tests.spec.world import World


def test_a_request_counts_for_the_body_that_was_asked():
    world = World(
        "2026-10",
        as_of="2026-11-05",
        subjects="subject_id | kind\nD1 | department\nT1 | street_town",
        assistance_requests="""
            request_id | from_subject_id | to_subject_id | requested_at        | replied_at          | outcome
            R1         | T1              | D1            | 2026-10-12 09:00:00 | 2026-10-19 17:00:00 | assisted
            R2         | T1              | D1            | 2026-10-12          | 2026-10-20          | assisted
            R3         | T1              | D1            | 2026-10-12          | 2026-10-13          | refused
            R4         | T1              | D1            | 2026-10-12          | .                   | pending
            R5         | T1              | D1            | 2026-10-30          | .                   | pending
            R6         | T1              | D9            | 2026-10-12          | 2026-10-13          | assisted
        """,
    )
    assert world.evidence("assistance_rate", "default") == [
        ("D1", "R1", "hit", None),  # working days after Monday 10-12: 13, 14, 15, 16, 19
        ("D1", "R2", "miss", None),
        ("D1", "R3", "hit", None),  # a refusal is an answer
        ("D1", "R4", "miss", None),
        ("D1", "R5", "excluded", "NOT_DUE"),  # due on 11-06
    ]
    assert world.counts("assistance_rate", "default", "D1") == (2, 4, 1, 0)
    assert world.counts("assistance_rate", "default", "T1") == (0, 0, 0, 0)
