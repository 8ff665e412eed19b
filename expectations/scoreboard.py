"""How good the data of every body are, by side of quality, month by month, beside its peers.

A file is an activity with all that hangs on it: a participation that fails makes the file of its
inspection fail. Shares are of files whose act lies in the month: without any failing rule of severity
error or warning of that dimension; for timeliness also submitted by the month's default `as_of`. For
completeness they are shares of the returns expected that came whole. None of it enters the assessment.
"""

from collections.abc import Collection

import duckdb

from expectations.contract_suite import Check, literal, record_id
from expectations.suite_model import Suites
from pipelines.contract.loader import Contracts
from pipelines.warehouse.months import DAYS_UNTIL_KNOWN, Month

FILE = "scoreboard.parquet"

_BY_FAILURE = ("validity", "consistency", "timeliness", "uniqueness")


def create_scoreboard(
    connection: duckdb.DuckDBPyConnection,
    checks: Collection[Check],
    contracts: Contracts,
    suites: Suites,
    *,
    month: Month,
) -> None:
    """Temporary table `scoreboard`; reads `failing_acts` and `completeness`.

    Columns: level (subject, peer_group, total), entity_id, dimension, month (first day), numerator,
    denominator, share (NULL where nothing could be judged).
    """
    counting = ", ".join(
        f"({literal(check.id)}, {literal(check.judgement.dimension)})"
        for check in checks
        if check.judgement.severity != "info"
    )
    first, last = month.plus(-12).first_day, month.first_day
    files, faulty = [], []
    for entity, body in suites.bodies.items():
        if entity not in contracts.entities or body.act_at is None or body.join or body.subject is None:
            continue
        month_of = f"cast(date_trunc('month', {body.act_at}) as date)"
        within = f"{body.act_at} >= date '{first}' and {body.act_at} < date '{last}' + interval 1 month"
        known_until = f"last_day({body.act_at}) + {DAYS_UNTIL_KNOWN + 1}"
        submitted = (
            "r.submitted_at" if "submitted_at" in contracts.entities[entity].by_name else "cast(null as timestamp)"
        )
        files.append(
            f"select {body.subject} as subject_id, {month_of} as month, count(*) as files, "
            f"count({submitted}) as dated, count(*) filter (where {submitted} < {known_until}) as in_time "
            f"from {entity} as r where {within} group by all"
        )
        faulty.append(
            f"select {body.subject} as subject_id, {month_of} as month, c.dimension, "
            f"{submitted} < {known_until} as in_time, {literal(entity)} as entity, f.record_id "
            f"from {entity} as r inner join failing_acts as f on f.entity = {literal(entity)} "
            f"and f.record_id = {record_id(contracts.entities[entity])} "
            f"inner join counting as c on c.expectation_id = f.expectation_id where {within}"
        )
    dimensions = ", ".join(f"({literal(name)})" for name in _BY_FAILURE)
    connection.execute(f"""
        create or replace temp table scoreboard as
        with counting (expectation_id, dimension) as (values {counting}),
        dimensions (dimension) as (values {dimensions}),
        files as (
            select subject_id, month, sum(files) as files, sum(dated) as dated, sum(in_time) as in_time
            from ({" union all ".join(files)}) group by all
        ),
        faulty_files as (select distinct * from ({" union all ".join(faulty)})),
        faulty as (
            select subject_id, month, dimension, count(*) as failing, count(*) filter (where in_time) as failing_in_time
            from faulty_files group by all
        ),
        by_subject as (
            select x.subject_id, d.dimension, x.month,
                case when d.dimension = 'timeliness' then x.in_time - coalesce(f.failing_in_time, 0)
                    else x.files - coalesce(f.failing, 0) end as numerator,
                case when d.dimension = 'timeliness' then x.dated else x.files end as denominator
            from files as x cross join dimensions as d
            left join faulty as f on f.subject_id = x.subject_id and f.month = x.month and f.dimension = d.dimension
            union all
            select subject_id, 'completeness', month, count(*) filter (where status = 'complete'), count(*)
            from completeness where expected is not null group by all
        ),
        ledger as (
            select subject_id, min(kind || ':' || coalesce(field, 'none')) as peer_group_id
            from subjects group by subject_id
        ),
        levels as (
            select 'subject' as level, b.subject_id as entity_id, b.dimension, b.month, b.numerator, b.denominator
            from by_subject as b inner join ledger as l on l.subject_id = b.subject_id
            union all
            select 'peer_group', l.peer_group_id, b.dimension, b.month, b.numerator, b.denominator
            from by_subject as b inner join ledger as l on l.subject_id = b.subject_id
            union all
            select 'total', 'total', b.dimension, b.month, b.numerator, b.denominator
            from by_subject as b inner join ledger as l on l.subject_id = b.subject_id
        )
        select level, entity_id, dimension, month,
            cast(sum(numerator) as bigint) as numerator, cast(sum(denominator) as bigint) as denominator,
            cast(sum(numerator) as double) / nullif(sum(denominator), 0) as share
        from levels
        group by level, entity_id, dimension, month
        order by level, entity_id, dimension, month
    """)
