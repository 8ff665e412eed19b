"""What the publish suite reads: the relations about to be published, as temporary views.

============ ==========================================================================================
results      the columns of the edition's results.parquet but edition_id and as_of
evidence     the columns of evidence/<indicator_id>.parquet
subjects     subject_id, peer_group_id, valid_from, valid_to
declared     indicator_id, variant, unit, headline: one row per indicator and variant declared
months       month (first day), period ("2026-10"): the month assessed and the 12 before it
============ ==========================================================================================
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from pipelines.errors import ContractError

#: The relation read for each name where the caller gives no other.
PUBLISHED = {"results": "assessment.results", "evidence": "assessment.evidence", "subjects": "marts.dim_subject"}

MONTHS_BEFORE = 12


def create_publication_layer(
    connection: duckdb.DuckDBPyConnection,
    *,
    month: date,
    relations: Mapping[str, str] | None,
    indicators: Sequence[Mapping[str, Any]],
) -> None:
    """Define the views on `connection`; ContractError if no indicator is declared."""
    if not indicators:
        raise ContractError(
            "border publish: no indicator is declared, so nothing can be judged. Pass the declarations."
        )
    for name, relation in {**PUBLISHED, **(relations or {})}.items():
        connection.execute(f"create or replace temp view {name} as select * from {relation}")
    connection.execute(
        "create or replace temp table declared (indicator_id varchar, variant varchar, unit varchar, headline boolean)"
    )
    connection.executemany(
        "insert into declared values (?, ?, ?, ?)",
        [
            (declaration["id"], variant, declaration["unit"], bool(declaration.get("headline")))
            for declaration in indicators
            for variant in declaration["variants"]
        ],
    )
    first = month.year * 12 + month.month - 1 - MONTHS_BEFORE
    starts = [date(number // 12, number % 12 + 1, 1) for number in range(first, first + MONTHS_BEFORE + 1)]
    connection.execute("create or replace temp table months (month date, period varchar)")
    connection.executemany("insert into months values (?, ?)", [(start, f"{start:%Y-%m}") for start in starts])
