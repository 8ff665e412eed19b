"""Reads signals of a spec world."""

from typing import Any

from pipelines.warehouse.months import Month
from tests.spec.world import World


def scopes_of(world: World, signal: str, month: str | None = None) -> dict[str, dict[str, Any]]:
    """Scope → statistic, p_value, units, has_fired, subject_id of a signal in a month, the world's own by default."""
    relation = world.connection.execute(
        "select scope_id, subject_id, statistic, p_value, units, has_fired from signals.signal_results "
        "where signal_id = ? and month = ?",
        [signal, Month.parse(month).first_day if month else world.month.first_day],
    )
    names = [column[0] for column in relation.description]
    rows = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
    return {row.pop("scope_id"): row for row in rows}


def records(world: World, signal: str, month: str | None = None) -> list[str]:
    """The numbers of the records behind a signal in a month, sorted."""
    rows = world.connection.execute(
        "select record_id from signals.signal_records where signal_id = ? and month = ? order by record_id",
        [signal, Month.parse(month).first_day if month else world.month.first_day],
    ).fetchall()
    return [record for (record,) in rows]


def table(header: str, rows: list[tuple[Any, ...]]) -> str:
    """An ASCII table of many like rows; None is NULL."""
    lines = [" | ".join("." if cell is None else str(cell) for cell in row) for row in rows]
    return "\n".join([header, *lines])
