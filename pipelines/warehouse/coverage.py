"""Which months the landed records cover, so that a month without any is refused and not published as zeros.

And which records of the month came too late for it, so that nobody takes what is not known yet for nothing done.
"""

import duckdb

from pipelines.contract.loader import load_contracts
from pipelines.errors import UsageError
from pipelines.warehouse.history import COUNTS_FROM, KNOWN_AT
from pipelines.warehouse.months import Month

#: The date by which an act belongs to a month, for the entities that are acts.
ACT_DATES = {
    "inspections": "started_at",
    "cases": "coalesce(filed_at, decided_at)",
    "coercions": "imposed_at",
    "leads": "received_at",
}


def covered_months(connection: duckdb.DuckDBPyConnection) -> list[Month]:
    """The months in which a landed act lies, in order."""
    queries = [
        f"select distinct cast(date_trunc('month', {expression}) as date) as month from raw.{entity}"
        for entity, expression in ACT_DATES.items()
    ]
    rows = connection.execute(
        f"select distinct month from ({' union all '.join(queries)}) where month is not null order by month"
    ).fetchall()
    return [Month.of(month) for (month,) in rows]


def require_records(connection: duckdb.DuckDBPyConnection, month: Month) -> None:
    """UsageError if no landed act lies in `month`; the message names the months that are there."""
    covered = covered_months(connection)
    if month in covered:
        return
    acts = "、".join(load_contracts().entities[entity].label.zh for entity in ACT_DATES)
    held = f"they run from {covered[0]} to {covered[-1]}" if covered else "there are none at all"
    raise UsageError(
        f"no record of {month} has been loaded ({acts} / {', '.join(ACT_DATES)}): {held}. "
        "Put the month's exports into the inbox, or name a month that is there."
    )


def after_as_of_query() -> str:
    """A query: entity, subject_id, records that were loaded, lie in the month of the run and count only after `as_of`.

    A record is what its newest version says; one that this version withdraws or dates in another month is left out.
    """
    contracts = load_contracts().entities
    since = f"greatest({KNOWN_AT}, {COUNTS_FROM})"
    parts = []
    for entity, expression in ACT_DATES.items():
        names = contracts[entity].key
        key = ", ".join(f"r.{name}" for name in names)
        # Few versions come after the as-of time; only of their records are the other versions looked at. The time is
        # asked for in a query of its own: compared with the column, DuckDB would tell beforehand that there are none,
        # and declare the columns of the empty file otherwise than those of one with rows.
        parts.append(
            f"select '{entity}' as entity, r.subject_id, run.as_of, "
            f"min({since}) over (partition by {key}) as counts_from, "
            f"row_number() over (partition by {key} order by {KNOWN_AT} desc, r._load_order desc) as rank, "
            f"coalesce(r.operation, 'i') <> 'd' "
            f"and cast(date_trunc('month', {expression}) as date) = run.month as is_of_month "
            f"from raw.{entity} as r "
            f"semi join (select {key} from raw.{entity} as r where {since} > (select as_of from control.run)) "
            f"as late using ({', '.join(names)}) cross join control.run as run"
        )
    return (
        f"select entity, subject_id, count(*) as records from ({' union all '.join(parts)}) "
        "where rank = 1 and is_of_month and counts_from > as_of group by entity, subject_id order by entity, subject_id"
    )
