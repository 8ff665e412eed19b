"""Rows that withdraw a record (`d`) and say little more than which one, as logs of deletions do.

Such a row takes what it leaves empty from the newest version known of its record, so that a withdrawal stands with its
body and its dates like any other version. One of a record that was never loaded cannot be completed.
"""

from datetime import datetime

import duckdb
import polars as pl

from pipelines.contract.model import Contract
from pipelines.ingest.casting import stored_type

OPERATION, WITHDRAWN, KNOWN_FROM = "operation", "d", "updated_at"


def may_be_withdrawals(contract: Contract, present: set[str]) -> bool:
    """Whether rows with the fields `present` say enough to withdraw a record: its key, that it goes, and when."""
    return OPERATION in contract.by_name and {*contract.key, OPERATION, KNOWN_FROM} <= present


def completed(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    rows: pl.DataFrame,
    beside: pl.DataFrame,
    loaded_at: datetime,
) -> pl.DataFrame:
    """The withdrawals among `rows` whose record is known, with what they leave empty taken from its newest version.

    Versions are those of `raw` and the typed records `beside` of the same file; of two of one time the last counts.
    """
    fields = [field.name for field in contract.fields]

    def with_every_field(frame: pl.DataFrame) -> pl.DataFrame:
        lacking = [field for field in contract.fields if field.name not in frame.columns]
        return frame.with_columns(pl.lit(None, dtype=stored_type(field)).alias(field.name) for field in lacking)

    withdrawn = with_every_field(rows).to_arrow()
    here = with_every_field(beside).select(*fields, "_row_number").to_arrow()
    names = ", ".join(f'"{name}"' for name in fields)
    key = ", ".join(f'"{name}"' for name in contract.key)
    same = " and ".join(f'w."{name}" = n."{name}"' for name in contract.key)
    taken = ", ".join(f'coalesce(w."{name}", n."{name}") as "{name}"' for name in fields)
    others = "".join(f', w."{name}"' for name in withdrawn.column_names if name not in fields)
    query = (
        f"with versions as ("
        f"select {names}, _loaded_at, _load_order as place, 0 as is_here from raw.{contract.entity} "
        f"where ({key}) in (select ({key}) from withdrawn) "
        f"union all select {names}, ?, _row_number, 1 from here), "
        f"newest as (select * from versions qualify row_number() over (partition by {key} "
        f"order by coalesce(updated_at, submitted_at, _loaded_at) desc, is_here desc, place desc) = 1) "
        f"select {taken}{others} from withdrawn as w join newest as n on {same} order by w._row_number"
    )
    # The query finds `withdrawn` and `here` by their names in this function.
    found = pl.DataFrame(pl.from_arrow(connection.sql(query, params=[loaded_at]).to_arrow_table()))
    del withdrawn, here
    return found.cast({field.name: stored_type(field) for field in contract.fields})
