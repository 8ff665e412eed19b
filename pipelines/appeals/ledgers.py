"""The ledger row behind a unit without a record: an officer without an act, a device not used, a matter not applied."""

import duckdb

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.errors import AppealError
from pipelines.warehouse.months import Month

#: Kind of unit → its ledger, the field that holds the unit, and the days between which a row is in force.
LEDGERS = {
    "officer": ("officers", "officer_id", "on_post_from", "on_post_to"),
    "device": ("devices", "device_id", "issued_on", "retired_on"),
    "matter": ("powers", "matter_id", "valid_from", "valid_to"),
}


def ledger_of(contracts: Contracts, unit_kind: str | None) -> Contract | None:
    """The ledger that lists units of this kind, None where no ledger does."""
    return contracts.entities[LEDGERS[unit_kind][0]] if unit_kind in LEDGERS else None


def end_field(unit_kind: str) -> str:
    """The field that ends a row of the ledger of this kind of unit."""
    return LEDGERS[unit_kind][3]


def key_in_force(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    unit_kind: str,
    unit_id: str,
    subject_id: str,
    month: Month,
) -> str:
    """The key of the one row of a unit that is in force in `month`, its parts joined by `|`.

    Raises AppealError if no row is, or several are: then only the ledger, sent again, says which one is meant.
    """
    _, unit, begins, ends = LEDGERS[unit_kind]
    values: dict[str, object] = {"unit": unit_id, "first": month.first_day, "next": month.plus(1).first_day}
    of_body = ""
    if "subject_id" in contract.key:
        of_body, values["subject"] = "and subject_id = $subject", subject_id
    key = ", ".join(contract.key)
    rows = connection.execute(
        f"""
        with newest as (
            select * from raw.{contract.entity}
            where {unit} = $unit {of_body}
            qualify row_number() over (partition by {key} order by _load_order desc) = 1
        )
        select concat_ws('|', {key}) as record_key from newest
        where coalesce({begins} < $next, true) and coalesce({ends} >= $first, true)
        order by record_key
        """,
        values,
    ).fetchall()
    if len(rows) != 1:
        found = "no row" if not rows else f"{len(rows)} rows ({', '.join(row[0] for row in rows)})"
        raise AppealError(
            f"{contract.entity} has {found} of {unit_kind} {unit_id} of {subject_id} in {month}. Send the ledger again "
            "with the correct row, and write 不处理 (none) as the action."
        )
    return str(rows[0][0])
