"""What was to arrive of every body, entity and month, what did, and how much is likely still to come.

What is expected is learned from the twelve months before: a body that sent records of an entity in most
of them is expected to send some again, about as many. `expected.yml` of the workspace overrules that.
A month without a return is `no_return`, which is not zero acts. What is still to come is read from the
lag between the act and its submission in months long past, cut at the age that the month now has; its
interval is Wilson's, widened by how much those months differ from one another.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations.contract_suite import literal
from expectations.expected_file import Expected
from expectations.suite_model import Suites
from pipelines.contract.loader import Contracts
from pipelines.warehouse.dbt_project import variables
from pipelines.warehouse.months import Month

FILE = "completeness.parquet"


@dataclass(frozen=True)
class ArrivalRules:
    """How the calendar is learned."""

    #: How many months before a month say what is expected of it, and how few are too few to say.
    history_months: int = 12
    least_history: int = 3
    #: In this share of them the body must have sent something.
    present_share: float = 0.75
    #: Of a body that sends fewer a month on average an empty month may be chance: e^-3 = 5 %.
    least_expected: float = 3.0
    #: A month is `partial` if fewer arrived than expected by this many standard deviations …
    spread: float = 3.0
    #: … or if at least this share of it is likely still to come.
    still_to_come: float = 0.1
    #: Lags are learned from months this long past; of a body with fewer records, from all bodies together.
    mature_days: int = 90
    mature_months: int = 12
    least_records: int = 20


def create_arrivals(connection: duckdb.DuckDBPyConnection, suites: Suites, contracts: Contracts) -> None:
    """Temporary table `arrivals`: entity, subject_id, month, records, and lag_days after the month, NULL if unknown."""
    selects = []
    for entity, body in suites.bodies.items():
        if body.returned:
            activity = "submitted_at" in contracts.entities[entity].by_name
            submitted = "r.submitted_at" if activity else "cast(null as timestamp)"
            selects.append(
                f"select {literal(entity)} as entity, {body.subject} as subject_id, "
                f"cast(date_trunc('month', {body.act_at}) as date) as month, "
                f"greatest(date_diff('day', last_day({body.act_at}), {submitted}), 0) as lag_days, count(*) as records "
                f"from {entity} as r {body.join} where {body.act_at} is not null group by all"
            )
    connection.execute("create or replace temp table arrivals as " + " union all ".join(selects))


def _create_stated(connection: duckdb.DuckDBPyConnection, expected: Expected) -> None:
    connection.execute(
        "create or replace temp table stated_returns "
        "(subject_id varchar, entity varchar, first_month date, last_month date, is_expected boolean, "
        "records double, place integer)"
    )
    for place, stated in enumerate(expected.returns):
        is_count = not isinstance(stated.expected, bool)
        connection.execute(
            "insert into stated_returns values (?, ?, ?, ?, ?, ?, ?)",
            [
                stated.subject,
                stated.entity,
                Month.parse(stated.first).first_day if stated.first else date(1, 1, 1),
                Month.parse(stated.last).first_day if stated.last else date(9999, 12, 1),
                bool(stated.expected),
                float(stated.expected) if is_count else None,
                place,
            ],
        )


def create_completeness(
    connection: duckdb.DuckDBPyConnection,
    suites: Suites,
    contracts: Contracts,
    *,
    month: Month,
    as_of: datetime,
    expected: Expected,
    rules: ArrivalRules | None = None,
) -> None:
    """Temporary table `completeness` over the month and the twelve before it, for every body then in force.

    Columns: subject_id, entity, month (first day), expected (records, NULL if not known), arrived, status
    (complete, partial, no_return, not_expected), share_expected_to_come, share_lower, share_upper (of all that
    will ever be known of the month; NULL where no lag is known), basis (learned, stated).
    """
    rules = rules or ArrivalRules()
    create_arrivals(connection, suites, contracts)
    _create_stated(connection, expected)
    z = float(variables()["normal_quantile"])
    first, last = month.plus(-12).first_day, month.first_day
    moment = f"timestamp {literal(as_of.isoformat(sep=' '))}"
    middle, half = "x / n + {z} * {z} / (2 * n)", "{z} * sqrt(x / n * (1 - x / n) / n + {z} * {z} / (4 * n * n))"
    limit = f"(({middle} {{sign}} {half}) / (1 + {{z}} * {{z}} / n))"
    lower, upper = (limit.format(z=z, sign=sign) for sign in "-+")
    returned = ", ".join(f"({literal(entity)})" for entity, body in suites.bodies.items() if body.returned)
    connection.execute(f"""
        create or replace temp table completeness as
        with entities (entity) as (values {returned}),
        counted as (select entity, subject_id, month, sum(records) as records from arrivals group by all),
        begun as (select entity, min(month) as first_month from arrivals group by entity),
        frame as (
            select s.subject_id, e.entity, cast(m.month as date) as month, b.first_month, s.valid_from
            from (
                select subject_id, min(valid_from) as valid_from, max(coalesce(valid_to, date '9999-12-31')) as valid_to
                from subjects group by subject_id
            ) as s
            cross join entities as e
            cross join generate_series(date '{first}', date '{last}', interval 1 month) as m (month)
            inner join begun as b on b.entity = e.entity and b.first_month <= m.month
            where s.valid_from < m.month + interval 1 month and s.valid_to >= m.month
        ),
        history as (
            select f.subject_id, f.entity, f.month, count(*) as months, count(c.records) as present,
                avg(coalesce(c.records, 0)) as mean,
                -- From sums of integers, which are the same in any order.
                (
                    sum(coalesce(c.records, 0) * coalesce(c.records, 0))
                    - sum(coalesce(c.records, 0)) * sum(coalesce(c.records, 0)) / count(*)
                ) / nullif(count(*) - 1, 0) as variance
            from frame as f
            cross join generate_series(1, {rules.history_months}) as b (back)
            left join counted as c
                on c.subject_id = f.subject_id and c.entity = f.entity
                and c.month = cast(f.month - to_months(cast(b.back as integer)) as date)
            where f.month - to_months(cast(b.back as integer)) >= f.first_month
                and f.month - to_months(cast(b.back as integer)) >= date_trunc('month', f.valid_from)
            group by all
        ),
        mature as (
            select entity, subject_id, month, lag_days, records
            from arrivals
            where lag_days is not null and month >= date '{last}' - to_months({rules.mature_months + 3})
                and last_day(month) + {rules.mature_days} <= cast({moment} as date)
        ),
        ages as (
            select cast(m.month as date) as month, date_diff('day', last_day(m.month), {moment}) as age
            from generate_series(date '{first}', date '{last}', interval 1 month) as m (month)
        ),
        late_by_month as (
            select entity, subject_id, age, mature.month,
                coalesce(sum(records) filter (where lag_days > age), 0) as late, sum(records) as n
            from mature cross join (select distinct age from ages) as a
            group by all
        ),
        late_by_source as (
            select entity, subject_id, age, sum(late) as late, sum(n) as n,
                list(late order by month) as lates, list(n order by month) as ns
            from late_by_month group by all having sum(n) >= {rules.least_records}
            union all
            select entity, null, age, sum(late), sum(n), list(late order by month), list(n order by month)
            from (select entity, age, month, sum(late) as late, sum(n) as n from late_by_month group by all)
            group by all having sum(n) >= {rules.least_records}
        ),
        -- Pearson's dispersion of the months: how much less than independent records their sum says.
        dispersed as (
            select *, greatest(1, case when late > 0 and late < n and len(ns) > 1 then list_sum(
                list_transform(list_zip(lates, ns), lambda pair:
                    (pair[1] - pair[2] * late / n) * (pair[1] - pair[2] * late / n)
                    / (pair[2] * late / n * (1 - late / n)))
            ) / (len(ns) - 1) end) as dispersion
            from late_by_source
        ),
        to_come as (
            select entity, subject_id, age, late / n as share, late / dispersion as x, n / dispersion as n
            from dispersed
        ),
        shares as (
            select entity, subject_id, age, share,
                case when x = 0 then 0 else {lower} end as share_lower,
                case when x = n then 1 else {upper} end as share_upper
            from to_come
        ),
        joined as (
            select f.subject_id, f.entity, f.month, coalesce(c.records, 0) as arrived,
                coalesce(own.share, every.share) as share,
                coalesce(own.share_lower, every.share_lower) as share_lower,
                coalesce(own.share_upper, every.share_upper) as share_upper,
                st.is_expected as stated, st.records as stated_records, h.mean, h.variance,
                coalesce(
                    h.months >= {rules.least_history} and h.present >= {rules.present_share} * h.months
                    and h.mean >= {rules.least_expected}, false
                ) as learned
            from frame as f
            inner join ages as a on a.month = f.month
            left join counted as c on c.subject_id = f.subject_id and c.entity = f.entity and c.month = f.month
            left join history as h on h.subject_id = f.subject_id and h.entity = f.entity and h.month = f.month
            left join shares as own on own.entity = f.entity and own.subject_id = f.subject_id and own.age = a.age
            left join shares as every on every.entity = f.entity and every.subject_id is null and every.age = a.age
            left join (
                select f.subject_id, f.entity, f.month, arg_max(s.is_expected, s.place) as is_expected,
                    arg_max(coalesce(s.records, -1), s.place) as records
                from frame as f
                inner join stated_returns as s
                    on s.subject_id = f.subject_id and s.entity = f.entity
                    and f.month between s.first_month and s.last_month
                group by all
            ) as st on st.subject_id = f.subject_id and st.entity = f.entity and st.month = f.month
        ),
        judged as (
            select *, coalesce(stated, learned) as is_expected,
                case
                    when stated is not null and not stated then null
                    when stated_records >= 0 then stated_records
                    when coalesce(stated, learned) then mean
                end as expected,
                case when stated_records >= 0 then stated_records else variance end as spread_of
            from joined
        )
        select
            subject_id, entity, month, cast(expected as double) as expected, cast(arrived as bigint) as arrived,
            case
                when is_expected and arrived = 0 then 'no_return'
                when not is_expected and arrived = 0 then 'not_expected'
                when is_expected and arrived < expected * (1 - coalesce(share, 0))
                    - {rules.spread} * sqrt(greatest(expected, coalesce(spread_of, 0))) then 'partial'
                when share >= {rules.still_to_come} then 'partial'
                else 'complete'
            end as status,
            cast(share as double) as share_expected_to_come,
            cast(share_lower as double) as share_lower,
            cast(share_upper as double) as share_upper,
            case when stated is not null then 'stated' else 'learned' end as basis
        from judged
        order by subject_id, entity, month
    """)


def write_relation(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the rows of `query`, which orders them, as Parquet."""
    target = path.as_posix().replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' (format parquet, compression zstd)")
