"""法律适用: which laws, articles and matters are applied, by whom and where, and how discretion is used."""

from typing import Any

from tests.spec.signal_rows import table
from tests.spec.world import World

LEDGER = {
    "subjects": "subject_id | kind\nS1 | department\nS2 | street_town",
    "laws": """
        law_id | name   | level            | valid_from
        L1     | 甲法   | law              | 2020-01-01
        L2     | 乙条例 | local_regulation | 2020-01-01
    """,
    "articles": """
        article_id | law_id | number   | valid_from | valid_to   | replaced_by
        L1-1       | L1     | 第一条   | 2020-01-01 | .          | .
        L1-2       | L1     | 第二条   | 2020-01-01 | 2026-06-30 | L1-2R
        L1-2R      | L1     | 第二条   | 2026-07-01 | .          | .
        L2-1       | L2     | 第一条   | 2020-01-01 | .          | .
        L2-2       | L2     | 第二条   | 2020-01-01 | 2026-03-31 | .
        L2-3       | L2     | 第三条   | 2020-01-01 | 2024-12-31 | .
    """,
    "matters": """
        matter_id | valid_from | kind    | violated_articles | penalty_articles | fine_min | fine_max
        M1        | 2020-01-01 | penalty | L1-1              | L1-2             | 1000     | 4000
        M2        | 2020-01-01 | penalty | L2-1              | L2-2             | .        | .
    """,
    "powers": """
        subject_id | matter_id | valid_from
        S1         | M1        | 2020-01-01
        S1         | M2        | 2020-01-01
        S2         | M1        | 2026-09-01
    """,
}


def applied(world: World, unit: str, scope: str = "total", period_kind: str = "r12") -> dict[str, Any] | None:
    relation = world.connection.execute(
        "select * from reporting.law_application where unit_id = ? and scope_id = ? and period_kind = ?",
        [unit, scope, period_kind],
    )
    names = [column[0] for column in relation.description]
    rows = relation.fetchall()
    assert len(rows) <= 1
    return dict(zip(names, rows[0], strict=True)) if rows else None


def cases(rows: list[tuple[Any, ...]]) -> str:
    head = "case_id | subject_id | matter_id | decision | decided_at | area_code | violated_articles | penalty_articles"
    return table(head, rows)


def test_a_case_applies_its_articles_their_law_once_its_level_and_its_matter():
    world = World(
        "2026-10",
        **LEDGER,
        cases=cases(
            [
                ("K1", "S1", "M1", "penalty", "2026-10-01", "120116001", "L1-1", "L1-2R"),
                ("K2", "S1", "M1", "no_penalty", "2026-02-01", "120116002", "L1-1", "L1-2"),
                ("K3", "S1", "M1", "withdrawn", "2026-02-01", "120116002", "L1-1", "L1-2"),
                ("K4", "S1", "M1", "penalty", "2025-11-30", "120116001", "L1-1", "L1-2"),
                ("K5", "S1", "M1", "penalty", "2025-10-31", "120116001", "L1-1", "L1-2"),
            ]
        ),
    )
    # r12 is November 2025 to October 2026: K1, K2 and K4; the year to date K1 and K2. K3 was withdrawn.
    uses = {unit: applied(world, unit)["uses"] for unit in ("L1", "L1-1", "L1-2", "L1-2R", "law", "M1")}
    assert uses == {"L1": 3, "L1-1": 3, "L1-2": 2, "L1-2R": 1, "law": 3, "M1": 3}
    assert applied(world, "L1", period_kind="ytd")["uses"] == 2
    assert applied(world, "L1-1", scope="S1")["uses"] == 3
    assert applied(world, "L1", scope="120116001")["uses"] == 2  # K1 and K4
    assert applied(world, "L1", scope="120116002")["uses"] == 1
    assert applied(world, "L2", scope="120116001") is None
    assert applied(world, "L1-1")["months_used"] == 3


def test_articles_not_cited_by_the_file_are_those_of_its_matter():
    world = World("2026-10", **LEDGER, cases=cases([("K1", "S1", "M2", "penalty", "2026-10-01", None, None, None)]))
    assert applied(world, "L2-1")["uses"] == 1
    # The matter still names an article that ended in March: the case applied law that was no longer in force.
    assert (applied(world, "L2-2")["uses"], applied(world, "L2-2")["uses_out_of_force"]) == (1, 1)
    assert applied(world, "L2")["uses_out_of_force"] == 1


def test_classes_of_use():
    twelve = [(f"A{n:02d}", "S1", "M1", "penalty", "2026-05-10", None, "L1-1", "L1-2") for n in range(12)]
    earlier = [("B1", "S1", "M2", "penalty", "2024-05-10", None, "L2-1", "L2-2")]
    world = World("2026-10", **LEDGER, cases=cases(twelve + earlier))
    classes = {
        unit: applied(world, unit)["usage_class"] for unit in ("L1-1", "L1-2", "L1-2R", "L2-1", "L2-2", "L1", "L2")
    }
    assert classes == {
        "L1-1": "frequent",  # 12 in the period
        "L1-2": "frequent",
        "L1-2R": "not_in_force",  # only since July
        "L2-1": "dormant",  # in force throughout, not applied, but in 2024
        "L2-2": "not_in_force",  # ended in March
        "L1": "frequent",
        "L2": "dormant",
    }
    assert applied(world, "L2-3") is None  # ended before the period
    never = World("2026-10", **LEDGER, cases=cases(twelve[:3]))
    assert applied(never, "L1-1")["usage_class"] == "rare"  # 3
    assert applied(never, "L2-1")["usage_class"] == "unused"
    # 4 to 11 are occasional, unless among the top tenth: of the 5 articles in force the first one is.
    assert applied(World("2026-10", **LEDGER, cases=cases(twelve[:4])), "L1-1")["usage_class"] == "frequent"
    mixed = [*twelve, *[(f"C{n}", "S1", "M2", "penalty", "2026-05-10", None, "L2-1", None) for n in range(11)]]
    assert applied(World("2026-10", **LEDGER, cases=cases(mixed)), "L2-1")["usage_class"] == "occasional"


def test_a_body_has_a_row_for_every_matter_of_its_powers_and_every_article_they_rest_on():
    world = World("2026-10", **LEDGER)
    rows = world.connection.execute(
        "select scope_id, unit_kind, unit_id, usage_class from reporting.law_application "
        "where scope_kind = 'subject' and period_kind = 'r12' order by all"
    ).fetchall()
    assert rows == [
        ("S1", "article", "L1-1", "unused"),
        ("S1", "article", "L1-2", "not_in_force"),
        ("S1", "article", "L2-1", "unused"),
        ("S1", "article", "L2-2", "not_in_force"),
        ("S1", "matter", "M1", "unused"),
        ("S1", "matter", "M2", "unused"),
        ("S2", "article", "L1-1", "not_in_force"),  # held since September
        ("S2", "matter", "M1", "not_in_force"),
    ]


def test_articles_whose_law_has_changed():
    world = World("2026-10", **LEDGER)
    changes = {
        unit: (applied(world, unit)["law_change"], str(applied(world, unit)["changed_on"]), applied(world, unit)["replaced_by"])
        for unit in ("L1-1", "L1-2", "L1-2R", "L2-2")
    }  # fmt: skip
    assert changes == {
        "L1-1": (None, "None", None),
        "L1-2": ("replaced", "2026-06-30", "L1-2R"),
        "L1-2R": ("new", "2026-07-01", None),
        "L2-2": ("ended", "2026-03-31", None),
    }
    assert (applied(world, "L1")["changed_articles"], applied(world, "L2")["changed_articles"]) == (2, 1)


def test_where_fines_lie_in_the_band():
    fines = [
        # the band of M1 is 1,000 to 4,000: thirds end at 2,000 and 3,000
        ("K1", 999.99, "mitigated"),
        ("K2", 1000, "none"),
        ("K3", 1000.01, "lighter"),
        ("K4", 2000, "none"),
        ("K5", 3000, "none"),
        ("K6", 4000, "heavier"),
        ("K7", 4000.01, "heavier"),
        ("K8", None, "none"),
    ]
    head = "case_id | subject_id | matter_id | decision | decided_at | fine_amount | discretion"
    world = World(
        "2026-10",
        **LEDGER,
        cases=table(head, [(k, "S1", "M1", "penalty", "2026-10-01", fine, d) for k, fine, d in fines]
                    + [("K9", "S1", "M2", "penalty", "2026-10-01", 500, "none")]),
    )  # fmt: skip
    row = applied(world, "M1")
    places = (
        "below_band",
        "at_minimum",
        "lower_third",
        "middle_third",
        "upper_third",
        "at_maximum",
        "above_band",
        "no_band",
    )
    assert [row[place] for place in places] == [1, 1, 1, 1, 1, 1, 1, 0]
    assert (row["uses"], row["lighter"], row["mitigated"], row["heavier"]) == (8, 1, 1, 2)
    assert applied(world, "M2")["no_band"] == 1
