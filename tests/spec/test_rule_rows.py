"""Rows of a rule's parameters and exemptions: dated, and limited to a body, region, domain, field or kind of party."""

from typing import Any

import pytest

from pipelines.errors import DeclarationError
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.rule_rows import check_rule_rows
from tests.spec.rules import outcomes, row
from tests.spec.world import CompiledModel, World, with_declaration

BODIES = "subject_id | kind | area_code\nS1 | department | 120116001\nS2 | department | 120105001"
MATTERS = """
    matter_id | kind    | valid_from | workflow          | domain
    M1        | penalty | 2010-01-01 | general           | 城市管理
    MARKET    | penalty | 2010-01-01 | market_regulation | 市场监管
"""
ALWAYS = {"valid_from": "1996-10-01"}


def declared(rule_id: str) -> dict[str, Any]:
    return next(rule for rule in declarations("rule") if rule["id"] == rule_id)


def with_rows(rule_id: str, parameter: str, *rows: dict[str, Any]) -> tuple[CompiledModel, ...]:
    """The project where a parameter of a rule has these rows beside its own."""
    rule = declared(rule_id)
    own = rule["parameters"][parameter]
    parameters = {**rule["parameters"], parameter: {**own, "rows": [*own["rows"], *rows]}}
    return with_declaration(rule["model"], "rule", parameters=parameters)


def with_only(rule_id: str, parameter: str, *rows: dict[str, Any]) -> tuple[CompiledModel, ...]:
    """The project where a parameter of a rule has these rows alone."""
    rule = declared(rule_id)
    parameters = {**rule["parameters"], parameter: {**rule["parameters"][parameter], "rows": list(rows)}}
    return with_declaration(rule["model"], "rule", parameters=parameters)


def test_an_exemption_for_a_kind_of_party_exempts_nobody_else():
    rule = declared("P04")
    trader = {"party_kind": "sole_trader", "workflow": "general", **ALWAYS}
    world = World(
        "2026-10",
        models=with_declaration(rule["model"], "rule", exempt=[*rule["exempt"], trader]),
        subjects=BODIES,
        matters=MATTERS,
        cases="""
            case_id  | subject_id | matter_id | procedure | party_kind   | decided_at | decision | penalty_types | fine_amount
            person   | S1         | M1        | simple    | person       | 2026-10-02 | penalty  | fine          | 5000
            firm     | S1         | M1        | simple    | organisation | 2026-10-02 | penalty  | fine          | 5000
            trader   | S1         | M1        | simple    | sole_trader  | 2026-10-02 | penalty  | fine          | 5000
            market   | S1         | MARKET    | simple    | sole_trader  | 2026-10-02 | penalty  | fine          | 5000
            unsaid   | S1         | M1        | simple    | .            | 2026-10-02 | penalty  | fine          | 5000
            ordinary | S1         | M1        | ordinary  | .            | 2026-10-02 | penalty  | fine          | 5000
        """,
    )
    assert outcomes(world, "P04") == {
        "person": "fail ABOVE_LIMIT",
        "firm": "fail ABOVE_LIMIT",
        "trader": "not_applicable EXEMPT",
        "market": "fail ABOVE_LIMIT",  # another field
        "unsaid": "undecidable NO_PARTY_KIND",  # exempt or not: the kind of party decides
        "ordinary": "not_applicable ORDINARY_PROCEDURE",  # either way the rule does not apply
    }


def test_p08_a_type_with_a_scope_is_heavy_in_that_scope_alone():
    world = World(
        "2026-10",
        models=with_rows(
            "P08", "hearing_types",
            {"code": "suspend_licence", "workflow": "market_regulation", **ALWAYS},
            {"code": "restrict_business", "party_kind": "person", **ALWAYS},
        ),
        subjects=BODIES,
        matters=MATTERS,
        cases="""
            case_id | subject_id | matter_id | party_kind   | notified_at | decided_at | decision | penalty_types
            general | S1         | M1        | person       | 2026-10-09  | 2026-10-10 | penalty  | suspend_licence
            market  | S1         | MARKET    | person       | 2026-10-09  | 2026-10-10 | penalty  | suspend_licence
            person  | S1         | M1        | person       | 2026-10-09  | 2026-10-10 | penalty  | restrict_business
            firm    | S1         | M1        | organisation | 2026-10-09  | 2026-10-10 | penalty  | restrict_business
            unsaid  | S1         | M1        | .            | 2026-10-09  | 2026-10-10 | penalty  | restrict_business
        """,
    )  # fmt: skip
    assert outcomes(world, "P08") == {
        "general": "not_applicable NO_HEARING_RIGHT",
        "market": "fail DECIDED_TOO_EARLY",
        "person": "fail DECIDED_TOO_EARLY",
        "firm": "not_applicable NO_HEARING_RIGHT",
        "unsaid": "undecidable NO_PARTY_KIND",
    }


def test_p04_a_type_that_the_simple_procedure_knows_in_one_region_is_unknown_elsewhere():
    world = World(
        "2026-10",
        models=with_rows(
            "P04", "simple_types",
            {"code": "criticism", "region": "120116", **ALWAYS},
            {"code": "suspend_licence", "party_kind": "organisation", **ALWAYS},
        ),
        subjects=BODIES,
        matters=MATTERS,
        cases="""
            case_id | subject_id | matter_id | procedure | party_kind   | decided_at | decision | penalty_types
            here    | S1         | M1        | simple    | person       | 2026-10-02 | penalty  | criticism
            there   | S2         | M1        | simple    | person       | 2026-10-02 | penalty  | criticism
            firm    | S1         | M1        | simple    | organisation | 2026-10-02 | penalty  | suspend_licence
            person  | S1         | M1        | simple    | person       | 2026-10-02 | penalty  | suspend_licence
            unsaid  | S1         | M1        | simple    | .            | 2026-10-02 | penalty  | suspend_licence
        """,
    )  # fmt: skip
    assert outcomes(world, "P04") == {
        "here": "pass",
        "there": "fail TYPE_NOT_SIMPLE",
        "firm": "pass",
        "person": "fail TYPE_NOT_SIMPLE",
        "unsaid": "undecidable NO_PARTY_KIND",
    }


def test_c03_and_c06_two_words_for_a_release_are_two_words_for_a_release():
    tables = {
        "subjects": BODIES,
        "coercions": """
            coercion_id | subject_id | measure | imposed_at       | released_at
            papers      | S1         | seize   | 2026-10-09 10:00 | .
            release     | S1         | seize   | 2026-10-09 10:00 | .
            elsewhere   | S2         | seize   | 2026-10-09 10:00 | .
            freeze      | S1         | freeze  | 2026-10-09 10:00 | 2026-10-20
        """,
        "documents": """
            document_id | activity_kind | activity_id | kind           | issued_at
            D1          | coercion      | papers      | 扣押决定书     | 2026-10-09
            D2          | coercion      | papers      | 扣押物品清单   | 2026-10-09
            D3          | coercion      | papers      | 解除扣押决定书 | 2026-10-20
            D4          | coercion      | release     | 解除扣押决定书 | 2026-10-09
            D5          | coercion      | release     | 解除扣押清单   | 2026-10-09
            D6          | coercion      | elsewhere   | 退还决定书     | 2026-10-09
            D7          | coercion      | elsewhere   | 退还物品清单   | 2026-10-09
            D8          | coercion      | freeze      | 退还决定书     | 2026-10-09
        """,
    }
    given_back = {"code": "退还", "region": "120116", **ALWAYS}
    world = World("2026-10", models=with_rows("C03", "release_document", given_back), **tables)
    assert outcomes(world, "C03") == {
        "papers": "pass",
        "release": "undecidable NO_DOCUMENT",  # papers of the release alone
        "elsewhere": "pass",  # the second word is one of another region
        "freeze": "not_applicable OTHER_MEASURE",
    }
    frozen = World("2026-10", models=with_rows("C06", "release_document", given_back), **tables)
    assert outcomes(frozen, "C06")["freeze"] == "undecidable NO_DOCUMENT"


def test_p23_and_p24_stages_and_words_hold_in_their_scope_and_dates():
    tables = {
        "subjects": BODIES,
        "matters": MATTERS,
        "cases": """
            case_id | subject_id | matter_id | procedure | decision | decided_at
            general | S1         | M1        | ordinary  | penalty  | 2026-10-10
            market  | S1         | MARKET    | ordinary  | penalty  | 2026-10-10
        """,
        "recordings": """
            recording_id | activity_kind | activity_id | stage
            R1           | case          | general     | start
            R2           | case          | market      | start
        """,
        "documents": """
            document_id | activity_kind | activity_id | kind     | issued_at  | complete
            D1          | case          | general     | 决定文书 | 2026-10-10 | true
            D2          | case          | market      | 决定文书 | 2026-10-10 | true
        """,
    }
    stages = ({"code": "start", **ALWAYS}, {"code": "decision", "workflow": "market_regulation", **ALWAYS})
    world = World("2026-10", models=with_only("P23", "stages", *stages), **tables)
    assert outcomes(world, "P23") == {"general": "pass", "market": "fail STAGE_MISSING"}
    later = World("2026-10", models=with_only("P23", "stages", {"code": "start", "valid_from": "2026-10-11"}), **tables)
    assert set(outcomes(later, "P23").values()) == {"not_applicable NOT_IN_FORCE"}
    word = {"code": "决定文书", "subject_id": "S1", "workflow": "general", **ALWAYS}
    named = World("2026-10", models=with_rows("P24", "decision_document", word), **tables)
    assert outcomes(named, "P24") == {"general": "pass", "market": "undecidable NO_DOCUMENT"}


def test_the_most_particular_row_of_the_day_counts():
    tables = {
        "subjects": BODIES,
        "matters": MATTERS,
        # Served on Wednesday 10-14, the third working day after Friday 10-09 (Saturday 10-10 is worked).
        "cases": """
            case_id  | subject_id | matter_id | decision | decided_at | served_at
            body     | S1         | MARKET    | penalty  | 2026-10-09 | 2026-10-14
            field    | S2         | MARKET    | penalty  | 2026-10-09 | 2026-10-14
            any      | S2         | M1        | penalty  | 2026-10-09 | 2026-10-14
            earlier  | S1         | MARKET    | penalty  | 2026-10-08 | 2026-10-13
        """,
    }
    world = World(
        "2026-10",
        models=with_rows(
            "P02", "working_days",
            {"workflow": "market_regulation", "valid_from": "2021-07-15", "value": 5},
            {"subject_id": "S1", "valid_from": "2026-10-09", "value": 2},
        ),
        **tables,
    )  # fmt: skip
    assert {case: row(world, "P02", case)["allowed"] for case in outcomes(world, "P02")} == {
        "any": 7, "body": 2, "earlier": 5, "field": 5,
    }  # fmt: skip


def test_a_limit_that_a_day_does_not_know_is_not_applied_to_it():
    world = World(
        "2021-10",
        subjects=BODIES,
        matters="""
            matter_id | kind    | valid_from | decision_days
            M1        | penalty | 2010-01-01 | .
            OWN       | penalty | 2010-01-01 | 60
        """,
        # 2021-07-14 + 90 days = 2021-10-12.
        cases="""
            case_id | subject_id | matter_id | procedure | filed_at   | decided_at | decision
            before  | S1         | M1        | ordinary  | 2021-07-14 | 2021-10-13 | penalty
            own     | S1         | OWN       | ordinary  | 2021-07-14 | 2021-10-13 | penalty
            since   | S1         | M1        | ordinary  | 2021-07-15 | 2021-10-13 | penalty
            late    | S1         | M1        | ordinary  | 2021-07-15 | 2021-10-14 | penalty
        """,
    )
    assert outcomes(world, "P01") == {
        "before": "not_applicable NOT_IN_FORCE",  # art. 60 is in force since 2021-07-15
        "own": "fail LATE",  # another law set the matter's own limit
        "since": "pass",  # 90 days
        "late": "fail LATE",
    }
    assert world.evidence("decision_on_time_rate", "default") == [
        ("S1", "before", "excluded", "NOT_IN_FORCE"),
        ("S1", "late", "miss", None),
        ("S1", "own", "miss", None),
        ("S1", "since", "hit", None),
    ]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"workflw": "general"}, "no row has a 'workflw'; choices: subject_id, region, domain, workflow, party_kind"),
        ({"workflows": "general"}, "no row has a 'workflows'"),
        ({"workflow": "markets"}, "workflow 'markets' is no code of workflow; choices: .*market_regulation"),
        ({"party_kind": "trader"}, "party_kind 'trader' is no code of object_kind; choices: person"),
        ({"region": "滨海"}, "region '滨海' is not the first digits"),
        ({"region": 120116}, "region 120116 is not text"),
        ({"subject_id": " "}, "subject_id is empty"),
        ({"valid_to": "2026-02-30"}, "valid_to '2026-02-30' is not a day"),
        ({"valid_from": "2026"}, "valid_from '2026' is not a day"),
    ],
)
@pytest.mark.parametrize("place", ["exempt", "parameters.fine_limit"])
def test_a_row_that_nothing_would_read_is_refused(fault: dict[str, Any], said: str, place: str):
    wrong = {**ALWAYS, **fault}
    rule = {"id": "P04", "parameters": {"fine_limit": {"rows": [wrong]}}} if place != "exempt" else {"id": "P04"}
    with pytest.raises(DeclarationError, match=f"rule P04, {place}: {said}"):
        check_rule_rows([{**rule, "exempt": [wrong] if place == "exempt" else []}])


def test_a_parameter_that_cannot_tell_parties_apart_refuses_to():
    with pytest.raises(AssertionError, match="cannot be limited to a party_kind"):
        with_rows("P02", "working_days", {"party_kind": "person", "value": 5, **ALWAYS})
    with pytest.raises(AssertionError, match="need the reason NO_PARTY_KIND"):
        with_declaration("p03_two_officers", "rule", exempt=[{"party_kind": "person", **ALWAYS}])
