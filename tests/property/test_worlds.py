"""The small worlds hold what they are meant to hold; without that, agreement on them would say nothing."""

from collections import Counter

from tests.property.equality import reference_records
from tests.property.worlds import world_of, worlds_side_by_side
from tests.reference.indicators import VARIANTS, evidence
from tests.reference.periods import thirteen_months
from tests.reference.rules import CASE_RULES, COERCION_RULES, LEAD_RULES, judged


def test_a_hundred_worlds_hold_hits_and_misses_of_every_indicator() -> None:
    states: Counter[tuple[str, str]] = Counter()
    for seed in range(100):
        world = world_of(seed)
        states.update((row.indicator_id, row.state) for row in evidence(reference_records(world), world.month))
    # Of the matters without an act, evenness says nothing: it has no misses. Demand for what is dormant is rare.
    wanted = {(name, state) for name in VARIANTS for state in ("hit", "miss")} - {("evenness", "miss")}
    assert wanted - states.keys() <= {("dormant_demanded", "hit")}


#: A rule that holds of every case or measure has no record to which it does not apply.
ALWAYS_APPLY = {"P03", "C01", "C07"}


def test_the_worlds_hold_every_outcome_of_every_rule() -> None:
    outcomes: set[tuple[str, str]] = set()
    for seed in range(8):
        world = worlds_side_by_side(seed, 30)
        results = judged(reference_records(world), set(thirteen_months(world.month)))
        outcomes |= {(rule, result) for (rule, _), result in results.items()}
    assert {
        (rule, result)
        for rule in (*CASE_RULES, *COERCION_RULES, *LEAD_RULES)
        for result in ("pass", "fail", "not_applicable", "undecidable")
        if result != "not_applicable" or rule not in ALWAYS_APPLY
    } == outcomes


def test_worlds_side_by_side_are_the_worlds_themselves_and_share_no_record() -> None:
    both = worlds_side_by_side(3, 2)
    assert len({row["subject_id"] for row in both.rows["subjects"]}) > 2
    owners = [{row["case_id"].split(".")[0] for row in both.rows["cases"] if row["subject_id"].startswith(name)}
              for name in ("w0.", "w1.")]  # fmt: skip
    assert owners == [{"w0"}, {"w1"}]


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    assert world_of(7) == world_of(7)
    assert world_of(7) != world_of(8)


def test_corrections_late_rows_duplicates_and_unknown_names_occur() -> None:
    worlds = [world_of(seed) for seed in range(30)]
    cases = [row for world in worlds for row in world.rows["cases"]]
    assert {row["operation"] for row in cases} == {"i", "u", "d", None}
    assert any(row["subject_id"] == "S9" for row in cases)
    assert any(row["_loaded_at"] != "2020-01-01 00:00:00" for row in cases)
    keys = Counter((number, row["case_id"]) for number, world in enumerate(worlds) for row in world.rows["cases"])
    assert max(keys.values()) > 1
