"""主动发现执法问题率: are problems found by the body itself, or only after somebody complains."""

import pytest

from pipelines.contract.loader import load_contracts
from tests.spec.world import World

BODY = {"subjects": "subject_id | kind\nS1 | department\nS2 | department"}

STATES = {
    "proactive": ("hit", None),
    "reactive": ("miss", None),
    "ordered": ("excluded", "ORDERED"),
    "unknown": ("undecidable", "UNKNOWN_SOURCE"),
}


@pytest.mark.parametrize("code", load_contracts().code_lists["source"].codes)
def test_every_source_has_its_state(code):
    world = World("2026-10", **BODY, cases=f"case_id | subject_id | source | filed_at\nK1 | S1 | {code} | 2026-10-09")
    code_class = load_contracts().code_lists["source"].codes[code].code_class
    assert world.evidence("proactive_discovery_rate", "cases") == [("S1", "K1", *STATES[code_class])]


def test_a_case_belongs_to_the_month_of_its_filing_else_of_its_decision():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | source    | filed_at            | decided_at
            K1      | S1         | patrol    | 2026-10-31 23:59:59 | 2026-11-01
            K2      | S1         | complaint | .                   | 2026-10-01
            K3      | S1         | complaint | 2026-09-30          | 2026-10-02
            K4      | S1         | patrol    | .                   | .
        """,
    )
    assert world.counts("proactive_discovery_rate", "cases", "S1") == (1, 1 + 1, 0, 0)


def test_duplicate_leads_are_left_out():
    world = World(
        "2026-10",
        **BODY,
        leads="""
            lead_id | subject_id | source    | received_at | disposition
            L1      | S1         | complaint | 2026-10-02  | handled
            L2      | S1         | complaint | 2026-10-02  | duplicate
            L3      | S1         | patrol    | 2026-10-02  | .
            L4      | S1         | unknown   | 2026-10-02  | handled
        """,
    )
    assert world.counts("proactive_discovery_rate", "leads", "S1") == (1, 2, 1, 1)


def test_inspections_by_mode_without_those_that_found_nobody_in():
    world = World(
        "2026-10",
        **BODY,
        inspections="""
            inspection_id | subject_id | mode        | result   | started_at
            N1            | S1         | planned     | pass     | 2026-10-02
            N2            | S1         | random      | .        | 2026-10-02
            N3            | S1         | patrol      | pass     | 2026-10-02
            N4            | S1         | complaint   | problem  | 2026-10-02
            N5            | S1         | complaint   | no_entry | 2026-10-02
            N6            | S1         | directed    | pass     | 2026-10-02
            N7            | S1         | followup    | pass     | 2026-10-02
            N8            | S1         | application | pass     | 2026-10-02
        """,
    )
    assert world.evidence("proactive_discovery_rate", "inspections") == [
        ("S1", "N1", "hit", None),
        ("S1", "N2", "hit", None),
        ("S1", "N3", "hit", None),
        ("S1", "N4", "miss", None),
        ("S1", "N5", "excluded", "NO_ENTRY"),
        ("S1", "N6", "excluded", "DIRECTED"),
        ("S1", "N7", "excluded", "FOLLOWUP"),
        ("S1", "N8", "excluded", "APPLICATION"),
    ]
    assert world.counts("proactive_discovery_rate", "inspections", "S1") == (3, 3 + 1, 4, 0)


def test_problems_found_by_supervision_against_corrections_by_others():
    world = World(
        "2026-10",
        **BODY,
        cases="case_id | subject_id | decision | decided_at\nK1 | S1 | penalty | 2026-01-09",
        supervisions="""
            supervision_id | subject_id | done_at    | problems
            V1             | S1         | 2026-10-03 | 3
            V2             | S1         | 2026-10-31 | 1
            V3             | S1         | 2026-10-03 | 0
            V4             | S1         | 2026-10-03 | .
        """,
        disputes="""
            dispute_id | case_id | kind            | filed_on   | concluded_on | outcome
            D1         | K1      | reconsideration | 2026-03-01 | 2026-10-31   | revoked
            D2         | K1      | litigation      | 2026-03-01 | 2026-10-01   | upheld
            D3         | K1      | litigation      | 2026-03-01 | .            | .
            D4         | K9      | litigation      | 2026-03-01 | 2026-10-01   | changed
        """,
    )
    # D4 disputes a case that nobody has, so it counts for nobody.
    assert world.counts("proactive_discovery_rate", "supervision", "S1") == (3 + 1, 3 + 1 + 1, 0, 0)


def test_many_unknown_sources_turn_the_value_into_two_bounds():
    rows = [f"H{n} | S1 | patrol | 2026-10-02" for n in range(6)]
    rows += [f"M{n} | S1 | complaint | 2026-10-02" for n in range(4)]
    rows += [f"U{n} | S1 | unknown | 2026-10-02" for n in range(2)]
    world = World("2026-10", **BODY, cases="\n".join(["case_id | subject_id | source | filed_at", *rows]))
    result = world.result("proactive_discovery_rate", "cases", "S1")
    assert result["status"] == "bounds"
    assert result["value"] == 6 / 10
    assert (result["lower"], result["upper"]) == (6 / (10 + 2), (6 + 2) / (10 + 2))
