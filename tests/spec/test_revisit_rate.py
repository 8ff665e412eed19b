"""重复检查率: objects that two different bodies inspected within 30 days of each other; lower is better."""

import random
from datetime import date, timedelta

from tests.spec.world import World

BODIES = {"subjects": "subject_id | kind\nS1 | department\nS2 | department\nS3 | zone"}


def test_thirty_days_before_or_after_another_bodys_visit_are_a_revisit():
    world = World(
        "2026-10",
        **BODIES,
        inspections="""
            inspection_id | subject_id | mode    | object_id | result | started_at
            A1            | S1         | planned | A         | pass   | 2026-10-01
            A2            | S2         | planned | A         | pass   | 2026-10-31 23:00:00
            B1            | S1         | planned | B         | pass   | 2026-10-01
            B2            | S1         | planned | B         | pass   | 2026-10-02
            B3            | S2         | planned | B         | pass   | 2026-11-02
            C1            | S1         | planned | C         | pass   | 2026-10-02
            C2            | S2         | planned | C         | pass   | 2026-11-02
            D1            | S2         | planned | D         | pass   | 2026-09-05
            D2            | S1         | planned | D         | pass   | 2026-10-05
            E1            | S1         | planned | E         | pass   | 2026-10-05
            E2            | S2         | patrol  | E         | pass   | 2026-10-06
            F1            | S1         | planned | F         | pass   | 2026-10-05
            F2            | S2         | planned | F         | pass   | 2026-10-05
        """,
    )
    assert world.evidence("revisit_rate", "default") == [
        ("S1", "A", "hit", None),  # 10-01 and 10-31: 30 days
        ("S1", "B", "miss", None),  # 10-02 and 11-02: 31 days; its own second visit is no revisit
        ("S1", "C", "miss", None),
        ("S1", "D", "hit", None),  # 09-05 and 10-05: looking back
        ("S1", "E", "miss", None),  # a patrol is not an inspection
        ("S1", "F", "hit", None),  # the same day
        ("S2", "A", "hit", None),
        ("S2", "F", "hit", None),
    ]
    assert world.counts("revisit_rate", "default") == (5, 8, 0, 0)


def test_an_object_counts_once_over_several_months():
    world = World(
        "2026-10",
        **BODIES,
        inspections="""
            inspection_id | subject_id | mode    | object_id | result | started_at
            A1            | S1         | planned | A         | pass   | 2026-09-10
            A2            | S2         | planned | A         | pass   | 2026-09-20
            A3            | S1         | planned | A         | pass   | 2026-10-30
        """,
    )
    assert world.counts("revisit_rate", "default", "S1") == (0, 1, 0, 0)  # October alone: 40 days apart
    assert world.counts("revisit_rate", "default", "S1", period_kind="quarter") == (1, 1, 0, 0)


def test_the_linear_search_finds_what_comparing_all_pairs_finds():
    chance = random.Random(5)
    visits = [
        (f"N{n}", chance.choice(["S1", "S2", "S3"]), f"X{chance.randrange(18)}",
         date(2026, 9, 1) + timedelta(days=chance.randrange(66)))
        for n in range(60)
    ]  # fmt: skip
    world = World(
        "2026-10",
        **BODIES,
        inspections="\n".join(
            ["inspection_id | subject_id | mode | object_id | result | started_at"]
            + [f"{name} | {subject} | planned | {thing} | pass | {day}" for name, subject, thing, day in visits]
        ),
    )
    expected = set()
    for _, subject, thing, day in visits:
        if day.month == 10:
            near = any(o == thing and s != subject and abs((d - day).days) <= 30 for _, s, o, d in visits)
            expected.add((subject, thing, near))
    hits = {(subject, thing) for subject, thing, near in expected if near}
    units = {(subject, thing) for subject, thing, _ in expected}
    found = world.evidence("revisit_rate", "default")
    assert {(subject, thing) for subject, thing, _, _ in found} == units
    assert {(subject, thing) for subject, thing, state, _ in found if state == "hit"} == hits
    assert 0 < len(hits) < len(units)
