"""The publish audit on three bodies and two indicators: sound results pass, each tampering is found."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.audit import AuditResult, run_audit
from expectations.duckdb_engine import warm_up
from expectations.suite_model import load_suites
from pipelines.contract.loader import load_contracts
from pipelines.errors import ContractError

MONTH = date(2026, 10, 1)

INDICATORS = [
    {"id": "supervision_rate", "unit": "share", "headline": True, "variants": {"cases": {}}},
    {"id": "acts_per_officer", "unit": "per_head", "headline": True, "variants": {"all": {}}},
]

# October 2026, supervision_rate. S1: 20 cases, 15 supervised, 1 excluded. S2: 3 cases, 1 supervised. S3: nothing.
# S1 has one supervised case in August, which the three months to October hold, and one in July, which they do not.
#   subject  n   hits  value   status           total: 16 / 23
#   S1       20  15    15/20   ok
#   S2        3   1    –       tiny
#   S3        0   0    –       none
# acts_per_officer: S1 has 2 officers and 6 acts: 3 per head.
EVIDENCE_DDL = """
create table assessment.evidence as
with cases as (
    select 'S1' as subject_id, i as number, i <= 15 as supervised from range(1, 21) t(i)
    union all
    select 'S2', 100 + i, i = 1 from range(1, 4) t(i)
)
select
    'supervision_rate' as indicator_id, 'cases' as variant, subject_id, 'A-' || subject_id as agency_id,
    date '2026-10-01' as month, 'case' as unit_kind, 'C' || number as unit_id, 'cases' as record_entity,
    'C' || number as record_id, timestamp '2026-10-05 09:00' as happened_at,
    case when supervised then 'hit' else 'miss' end as state,
    case when supervised then 1.0::double else 0.0::double end as numerator, 1.0::double as denominator,
    cast(null as varchar) as reason
from cases
union all
select 'supervision_rate', 'cases', 'S1', 'A-S1', month, 'case', unit, 'cases', unit, month + interval 1 day, 'hit', 1, 1, null
from (values (date '2026-08-01', 'C50'), (date '2026-07-01', 'C51')) as earlier(month, unit)
union all
select 'supervision_rate', 'cases', 'S1', 'A-S1', date '2026-10-01', 'case', 'C99', 'cases', 'C99',
    timestamp '2026-10-05 09:00', 'excluded', 0, 0, 'WITHDRAWN'
union all
select 'acts_per_officer', 'all', 'S1', 'A-S1', date '2026-10-01', 'officer', 'O' || i, 'officers', 'O' || i,
    timestamp '2026-10-01 00:00', 'miss', 0, 1, null from range(2) t(i)
union all
select 'acts_per_officer', 'all', 'S1', 'A-S1', date '2026-10-01', 'case', 'C' || i, 'cases', 'C' || i,
    timestamp '2026-10-05 09:00', 'hit', 1, 0, null from range(6) t(i)
"""

RESULTS_DDL = """
create table assessment.results as
with months as (
    select strftime(date '2025-10-01' + interval (i) month, '%Y-%m') as period from range(13) t(i)
),
entities as (
    select * from (values
        ('subject', 'S1'), ('subject', 'S2'), ('subject', 'S3'),
        ('agency', 'A-S1'), ('agency', 'A-S2'),
        ('peer_group', 'department:economic'), ('peer_group', 'street_town:none'), ('total', 'total')
    ) as v(level, entity_id)
),
counted as (
    select * from (values
        ('supervision_rate', 'cases', 'S1', 15.0, 20.0, 1), ('supervision_rate', 'cases', 'A-S1', 15.0, 20.0, 1),
        ('supervision_rate', 'cases', 'S2', 1.0, 3.0, 0), ('supervision_rate', 'cases', 'A-S2', 1.0, 3.0, 0),
        ('supervision_rate', 'cases', 'department:economic', 16.0, 23.0, 1),
        ('supervision_rate', 'cases', 'total', 16.0, 23.0, 1),
        ('acts_per_officer', 'all', 'S1', 6.0, 2.0, 0), ('acts_per_officer', 'all', 'A-S1', 6.0, 2.0, 0),
        ('acts_per_officer', 'all', 'department:economic', 6.0, 2.0, 0), ('acts_per_officer', 'all', 'total', 6.0, 2.0, 0)
    ) as v(indicator_id, variant, entity_id, numerator, denominator, excluded)
),
counted_by_month as (
    select *, '2026-10' as month from counted
    union all
    select 'supervision_rate', 'cases', entity_id, 1.0, 1.0, 0, month
    from (values ('S1'), ('A-S1'), ('department:economic'), ('total')) as e(entity_id)
    cross join (values ('2026-08'), ('2026-07')) as earlier(month)
),
spanned as (
    select 'month' as period_kind, period, period as first_month from months
    union all
    select kind, '2026-10', first_month
    from (values ('quarter', '2026-08'), ('ytd', '2026-01'), ('r12', '2025-11')) as k(kind, first_month)
),
numbers as (
    select
        i.indicator_id, i.variant, e.level, e.entity_id, s.period_kind, s.period,
        cast(coalesce(sum(c.numerator), 0) as double) as numerator,
        cast(coalesce(sum(c.denominator), 0) as double) as denominator,
        cast(coalesce(sum(c.excluded), 0) as bigint) as excluded,
        cast(0 as bigint) as undecidable
    from (values ('supervision_rate', 'cases'), ('acts_per_officer', 'all')) as i(indicator_id, variant)
    cross join entities as e
    cross join spanned as s
    left join counted_by_month as c
        on c.indicator_id = i.indicator_id and c.variant = i.variant and c.entity_id = e.entity_id
        and c.month between s.first_month and s.period
    group by all
)
select
    *,
    case
        when indicator_id = 'acts_per_officer' then numerator / nullif(denominator, 0)
        when denominator >= 5 then numerator / denominator
    end as value,
    case when indicator_id = 'supervision_rate' and denominator >= 5 then 0.4::double end as lower,
    case when indicator_id = 'supervision_rate' and denominator >= 5 then 0.9::double end as upper,
    case when denominator = 0 then 'none' when denominator < 5 then 'tiny' when denominator < 20 then 'small' else 'ok' end as status,
    case when denominator = 0 then 'NO_UNITS' end as reason,
    1 as definition_version
from numbers
"""

SUBJECTS_DDL = """
create table marts.dim_subject as
select * from (values
    ('S1', 'department:economic', date '2020-01-01', cast(null as date)),
    ('S2', 'department:economic', date '2020-01-01', date '2026-10-01'),
    ('S3', 'street_town:none', date '2026-10-31', null)
) as v(subject_id, peer_group_id, valid_from, valid_to)
"""


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    """One import of Great Expectations serves all tests."""
    warm_up()


Audit = Callable[..., AuditResult]


@pytest.fixture
def audit_after(tmp_path: Path) -> Audit:
    """Audits the sound relations after the given statements tampered with them."""

    def run(*statements: str, indicators: list[dict] = INDICATORS) -> AuditResult:
        path = tmp_path / "warehouse.duckdb"
        connection = duckdb.connect(str(path))
        connection.execute("create schema assessment; create schema marts")
        for statement in (EVIDENCE_DDL, RESULTS_DDL, SUBJECTS_DDL, *statements):
            connection.execute(statement)
        connection.close()
        return run_audit(
            path,
            border="publish",
            contracts=load_contracts(),
            month=MONTH,
            work=tmp_path / "work",
            indicators=indicators,
        )

    return run


def failing(result: AuditResult) -> dict[str, dict[str | None, int]]:
    """Failing rows per rule and body, all bodies under None."""
    found: dict[str, dict[str | None, int]] = {}
    for row in result.rows:
        if row.failing:
            found.setdefault(row.expectation_id, {})[row.subject_id] = row.failing
    return found


def test_sound_results_pass_every_rule_and_every_rule_judged_something(audit_after: Audit) -> None:
    result = audit_after()
    assert failing(result) == {}
    assert result.failed_errors == ()
    assert [row.expectation_id for row in result.rows if row.evaluated == 0] == []
    evaluated = {row.expectation_id: row.evaluated for row in result.rows}
    # S1 is in force in 13 months, S2 too (its last day is 2026-10-01), S3 in one: 27 × 2 indicators.
    assert evaluated["results.every_subject"] == 54


AT_S1 = "indicator_id = 'supervision_rate' and level = 'subject' and entity_id = 'S1' and period_kind = 'month' and period = '2026-10'"

TAMPERINGS = {
    "one hit more than the evidence has, and the value with it": (
        f"update assessment.results set numerator = 16, value = 0.8 where {AT_S1}",
        {"results.sum_of_evidence": {None: 1, "S1": 1}},
    ),
    # A hit turned to a miss changes subject, agency, peer group and total of the month; the three longer periods of S1.
    "one record of evidence taken back": (
        "update assessment.evidence set state = 'miss', numerator = 0 where unit_id = 'C1' and indicator_id = 'supervision_rate'",
        {"results.sum_of_evidence": {None: 4, "S1": 1}, "results.rollup_of_evidence": {None: 3, "S1": 3}},
    ),
    "an exclusion that the result does not count": (
        f"update assessment.results set excluded = 0 where {AT_S1}",
        {"results.sum_of_evidence": {None: 1, "S1": 1}},
    ),
    "a body that vanished from one month": (
        f"delete from assessment.results where {AT_S1}",
        {"results.every_subject": {None: 1, "S1": 1}, "results.sum_of_evidence": {None: 1, "S1": 1}},
    ),
    "a row published twice": (
        f"insert into assessment.results select * from assessment.results where {AT_S1}",
        {"results.unique": {None: 1, "S1": 1}},
    ),
    "a division by zero": (
        f"update assessment.results set upper = 'infinity'::double where {AT_S1}",
        {"results.finite": {None: 1, "S1": 1}, "results.share_in_unit": {None: 1, "S1": 1}},
    ),
    "an interval beside its value": (
        f"update assessment.results set lower = 0.8 where {AT_S1}",
        {"results.interval_holds_value": {None: 1, "S1": 1}},
    ),
    "a value shown for three cases": (
        "update assessment.results set value = 1.0 / 3 where indicator_id = 'supervision_rate' and entity_id = 'S2' and period_kind = 'month' and period = '2026-10'",
        {"results.status_fits_n": {None: 1, "S2": 1}},
    ),
    "an unknown status": (
        f"update assessment.results set status = 'fine' where {AT_S1}",
        {"results.status_known": {None: 1, "S1": 1}, "results.status_fits_n": {None: 1, "S1": 1}},
    ),
    "a negative count of undecidable units": (
        "update assessment.results set undecidable = -1 where indicator_id = 'acts_per_officer' and entity_id = 'S1' and period_kind = 'r12'",
        {"results.not_negative": {None: 1, "S1": 1}},
    ),
    "a headline indicator without any value": (
        "update assessment.results set value = null where indicator_id = 'acts_per_officer'",
        {"results.headline_present": {None: 1}},
    ),
    # It counts once in every sum, as results count it.
    "a unit that came twice": (
        "insert into assessment.evidence from assessment.evidence where unit_id = 'C1' and indicator_id = 'supervision_rate'",
        {"evidence.unit_once": {None: 1, "S1": 1}},
    ),
    # Still 2 officers in S1, in its peer group and in all; A-S2 has one that its results do not have.
    "an officer of S1 in an agency of another body, too": (
        """
        insert into assessment.evidence
        select * replace ('A-S2' as agency_id) from assessment.evidence where unit_id = 'O1'
        """,
        {"results.sum_of_evidence": {None: 1}},
    ),
    "evidence of a body that is in no ledger, outside the window, in an unknown state": (
        """
        insert into assessment.evidence
        select * replace ('S9' as subject_id, date '2025-09-01' as month, 'maybe' as state, 'C77' as unit_id)
        from assessment.evidence where unit_id = 'C1' and indicator_id = 'supervision_rate'
        """,
        {
            "evidence.subject_known": {None: 1},
            "evidence.month_in_window": {None: 1},
            "evidence.states_known": {None: 1},
        },
    ),
}


@pytest.mark.parametrize("name", list(TAMPERINGS))
def test_tampering_is_found_where_it_was_done_and_nowhere_else(audit_after: Audit, name: str) -> None:
    statement, expected = TAMPERINGS[name]
    result = audit_after(statement)
    assert failing(result) == expected
    # A headline without any value is a warning: a young district may have no case yet.
    stopping = {rule.id for rule in load_suites().written["publish"] if rule.severity == "error"}
    assert set(result.failed_errors) == stopping & set(expected)


def test_empty_results_stop_publication(audit_after: Audit) -> None:
    result = audit_after("delete from assessment.results", "delete from assessment.evidence")
    assert {"results.has_rows", "evidence.has_rows", "results.every_declared"} <= set(result.failed_errors)
    assert "results.headline_present" in failing(result)
    assert not any(row.success for row in result.rows if row.evaluated == 0)


def test_a_declared_indicator_without_results_stops_publication(audit_after: Audit) -> None:
    added = [*INDICATORS, {"id": "lawful_rate", "unit": "share", "headline": False, "variants": {"default": {}}}]
    assert failing(audit_after(indicators=added)) == {"results.every_declared": {None: 1}}


def test_without_declarations_nothing_can_be_judged(audit_after: Audit) -> None:
    with pytest.raises(ContractError, match="declar"):
        audit_after(indicators=[])
