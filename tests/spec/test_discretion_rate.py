"""裁量合规率: fines within the band of the version of the matter that the law of the day gives."""

from tests.spec.world import World

MATTERS = """
    matter_id | valid_from | valid_to   | kind    | fine_min | fine_max
    M1        | 2020-01-01 | 2026-06-30 | penalty | 1000     | 5000
    M1        | 2026-07-01 | .          | penalty | 2000     | 9000
    TOP       | 2020-01-01 | .          | penalty | .        | 500
    FREE      | 2020-01-01 | .          | penalty | .        | .
"""


def test_limits_belong_to_the_band_and_the_band_to_the_day_of_the_violation():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        matters=MATTERS,
        cases="""
            case_id | subject_id | matter_id | violation_on | filed_at   | decided_at | decision | fine_amount | discretion | discretion_ground
            K01     | S1         | M1        | 2026-06-30   | 2026-09-01 | 2026-10-10 | penalty  | 1000        | none       | .
            K02     | S1         | M1        | 2026-07-01   | 2026-09-01 | 2026-10-10 | penalty  | 1000        | none       | .
            K03     | S1         | M1        | .            | 2026-09-01 | 2026-10-10 | penalty  | 9000        | heavier    | .
            K04     | S1         | M1        | .            | 2026-09-01 | 2026-10-10 | penalty  | 9000.01     | heavier    | repeated
            K05     | S1         | M1        | .            | 2026-09-01 | 2026-10-10 | penalty  | 500         | mitigated  | first time
            K06     | S1         | M1        | .            | 2026-09-01 | 2026-10-10 | penalty  | 500         | mitigated  | .
            K07     | S1         | M1        | .            | 2026-09-01 | 2026-10-10 | penalty  | 500         | .          | first time
            K08     | S1         | TOP       | .            | 2026-09-01 | 2026-10-10 | penalty  | 500         | .          | .
            K09     | S1         | FREE      | .            | 2026-09-01 | 2026-10-10 | penalty  | 500         | .          | .
            K10     | S1         | M9        | .            | 2026-09-01 | 2026-10-10 | penalty  | 500         | .          | .
            K11     | S1         | M1        | .            | 2026-09-01 | 2026-10-10 | penalty  | .           | .          | .
            K12     | S1         | M1        | .            | 2026-09-01 | 2026-10-10 | penalty  | 0           | .          | .
        """,
    )  # fmt: skip
    assert world.evidence("discretion_rate", "default") == [
        ("S1", "K01", "hit", None),  # 1,000 is the lower limit of the old version
        ("S1", "K02", "miss", None),  # and below the new one's, a day later
        ("S1", "K03", "hit", None),  # the upper limit
        ("S1", "K04", "miss", None),  # a cent above it
        ("S1", "K05", "hit", None),  # mitigated with a ground
        ("S1", "K06", "miss", None),
        ("S1", "K07", "miss", None),
        ("S1", "K08", "hit", None),  # a band with an upper limit alone
        ("S1", "K10", "undecidable", "UNKNOWN_MATTER"),
    ]
    assert world.counts("discretion_rate", "default", "S1") == (4, 8, 0, 1)
    # 1 of 9 undecidable is more than 5 %: the value has the bounds 4/9 and 5/9.
    result = world.result("discretion_rate", "default", "S1")
    assert (result["status"], result["lower"], result["upper"]) == ("bounds", 4 / 9, 5 / 9)
