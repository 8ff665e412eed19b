"""执法装备使用率: recorders in service with at least one recording."""

from tests.spec.world import World

WORLD = {
    "subjects": "subject_id | kind\nS1 | department",
    "agencies": "agency_id | subject_id\nA1 | S1",
    "devices": """
        device_id | agency_id | kind     | issued_on  | retired_on
        E1        | A1        | recorder | 2020-01-01 | .
        E2        | A1        | recorder | 2026-10-31 | .
        E3        | A1        | recorder | 2020-01-01 | 2026-10-01
        E4        | A1        | recorder | 2020-01-01 | 2026-09-30
        E5        | A1        | printer  | 2020-01-01 | .
        E6        | A9        | recorder | 2020-01-01 | .
        E7        | A1        | recorder | 2026-10-20 | 2026-10-19
    """,
    "recordings": """
        recording_id | device_id | activity_kind | activity_id | started_at
        Y1           | E1        | inspection    | N1          | 2026-10-05
        Y2           | E1        | inspection    | N1          | 2026-10-06
        Y3           | E2        | inspection    | N1          | 2026-09-30 23:59:59
        Y4           | .         | inspection    | N1          | 2026-10-05
        Y5           | E6        | inspection    | N1          | 2026-10-05
    """,
}


def test_one_day_in_service_is_enough_to_be_counted():
    world = World("2026-10", **WORLD)
    assert world.evidence("device_usage_rate", "recorder") == [
        ("S1", "E1", "hit", None),  # twice used is used
        ("S1", "E2", "miss", None),  # issued on the last day; the recording is of September
        ("S1", "E3", "miss", None),  # retired on the first; E7 was retired before it was issued, never in service
    ]
    assert world.counts("device_usage_rate", "recorder", "S1") == (1, 3, 0, 0)
    assert world.counts("device_usage_rate", "all", "S1") == (1, 4, 0, 0)
    assert world.counts("device_usage_rate", "recorder", "A1", level="agency") == (1, 3, 0, 0)


def test_over_a_quarter_a_device_counts_once():
    world = World("2026-10", **WORLD)
    # E1 to E4 were in service on a day of August to October; E1 was used, and so was E2 (in September, unissued).
    assert world.counts("device_usage_rate", "recorder", "S1", period_kind="quarter") == (1, 4, 0, 0)
