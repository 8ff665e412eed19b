"""From all versions of all rows to the records that count, as known at a moment.

Ledgers count as they stand: of one key the row loaded last. Of an activity, a version counts if it was known by
`as_of`; the newest of those is the record; a withdrawn record, or one submitted later, does not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.contract.loader import Contracts, load_contracts
from tests.reference.exports import Row

ACTIVITIES = (
    "leads", "inspections", "inspection_plans", "cases", "coercions", "participations", "recordings", "documents",
    "supervisions", "disputes", "assistance_requests",
)  # fmt: skip
LEDGERS = ("subjects", "agencies", "officers", "devices", "laws", "articles", "matters", "powers")


def known_at(row: Row) -> datetime:
    """When a version became known: its `updated_at`, else its `submitted_at`, else the time of loading."""
    return row["updated_at"] or row["submitted_at"] or row["_loaded_at"]


def submitted_at(row: Row) -> datetime:
    """When a record was entered: its `submitted_at`, else the time of loading."""
    return row["submitted_at"] or row["_loaded_at"]


def ledger(rows: Iterable[Row], key: tuple[str, ...]) -> list[Row]:
    """Of each key the row loaded last."""
    newest: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: row["_load_order"]):
        newest[tuple(row[name] for name in key)] = row
    return list(newest.values())


def live(rows: Iterable[Row], key: tuple[str, ...], as_of: datetime) -> list[Row]:
    """Of each key the newest version known by `as_of`, unless it withdraws the record or was submitted later."""
    known = [row for row in rows if known_at(row) <= as_of]
    newest: dict[tuple[Any, ...], Row] = {}
    for row in sorted(known, key=lambda row: (known_at(row), row["_load_order"])):
        newest[tuple(row[name] for name in key)] = row
    return [row for row in newest.values() if row["operation"] != "d" and submitted_at(row) <= as_of]


@dataclass(frozen=True)
class Records:
    """The records that count at `as_of`, by entity; the class of each code by code list."""

    as_of: datetime
    subjects: list[Row]
    agencies: list[Row]
    officers: list[Row]
    devices: list[Row]
    laws: list[Row]
    articles: list[Row]
    matters: list[Row]
    powers: list[Row]
    leads: list[Row]
    inspections: list[Row]
    inspection_plans: list[Row]
    cases: list[Row]
    coercions: list[Row]
    participations: list[Row]
    recordings: list[Row]
    documents: list[Row]
    supervisions: list[Row]
    disputes: list[Row]
    assistance_requests: list[Row]
    classes: dict[str, dict[str, str | None]]
    #: Also those of subjects that are not in the ledger: a fine is a fine.
    all_cases: list[Row]


def records(rows: dict[str, list[Row]], as_of: datetime, contracts: Contracts | None = None) -> Records:
    """The records that count at `as_of`, out of all versions by entity (`exports.read_exports(...).rows`).

    What names a subject that is not in the ledger counts for nobody: it is left out here, once, for every
    indicator (the activity, the agency, the power).
    """
    contracts = contracts or load_contracts()
    chosen: dict[str, list[Row]] = {}
    for entity in LEDGERS:
        chosen[entity] = ledger(rows[entity], contracts.entities[entity].key)
    for entity in ACTIVITIES:
        chosen[entity] = live(rows[entity], contracts.entities[entity].key, as_of)
    all_cases = chosen["cases"]
    subjects = {row["subject_id"] for row in chosen["subjects"]}
    for entity, found in chosen.items():
        if "subject_id" in contracts.entities[entity].by_name:
            chosen[entity] = [row for row in found if row["subject_id"] in subjects]
    classes = {
        name: {code: label.code_class for code, label in code_list.codes.items()}
        for name, code_list in contracts.code_lists.items()
    }
    return Records(as_of=as_of, classes=classes, all_cases=all_cases, **chosen)
