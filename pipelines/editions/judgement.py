"""Judges the month that the warehouse holds: reads what `assess` needs, from warehouse and earlier editions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.assessment.assess import Assessment, Inputs, assess
from pipelines.contract.loader import Contracts
from pipelines.editions.catalogue import Edition, list_editions
from pipelines.editions.decisions import accepted_findings
from pipelines.scheme.model import Scheme
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import variables
from pipelines.warehouse.frames import frame_of
from pipelines.warehouse.months import Month

#: What a body sends of a month: its inspections, its cases (filed or decided), its leads and its measures, by the month
#: of the act, as known at the as-of time. A body with none of them sent nothing of it. Supervision is sent by others.
#: This is the only place that says so; the site reads `quiet_month` of scores.parquet.
_LAST_SENT = """
    with sent as (
        select subject_id, month from marts.fct_inspections
        union all
        select subject_id, case_month from marts.fct_cases
        union all
        select subject_id, decided_month from marts.fct_cases
        union all
        select subject_id, month from marts.fct_leads
        union all
        select subject_id, month from marts.fct_coercions
    )
    select subject_id, max(month) as last_month from sent where month <= $month group by subject_id order by subject_id
"""


def judge_month(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    contracts: Contracts,
    scheme: Scheme,
    declared: Sequence[Mapping[str, Any]],
    decisions: pl.DataFrame,
    *,
    month: Month,
    as_of: datetime,
    completeness: Path | None = None,
) -> Assessment:
    """Scores, peers, findings and explanations of the month that was built.

    `completeness` is what the audit says was to arrive, None without an audit.
    """
    before = last_before(workspace, month)
    last_sent = connection.execute(_LAST_SENT, {"month": month.first_day}).fetchall()
    numbers = variables()
    return assess(
        Inputs(
            month=month,
            as_of=as_of,
            scheme=scheme,
            declared=declared,
            results=frame_of(
                connection,
                "select * from assessment.results where level = 'subject' and period = ? "
                "order by indicator_id, variant, entity_id, period_kind",
                [str(month)],
            ),
            subjects=frame_of(
                connection,
                "select subject_id, name, kind, field, valid_from, valid_to from marts.dim_subject order by subject_id",
            ),
            last_sent={subject: Month.of(last) for subject, last in last_sent},
            missing=_missing_returns(completeness, month) if completeness is not None else None,
            labels=labels_of(contracts),
            earlier_scores=_frame(before, "scores.parquet"),
            earlier_findings=_frame(before, "findings.parquet"),
            earlier_scheme=_scheme(before),
            decisions=accepted_findings(decisions),
            objections=_objections(decisions, month),
            changes=_changes(connection, int(numbers["tiny_below"])),
            small_below=int(numbers["small_below"]),
        )
    )


def labels_of(contracts: Contracts) -> dict[tuple[str, str], dict[str, str]]:
    """(code list, code) → {zh, en}, and under `entity` the names of the entities."""
    named = [
        *((name, code, one) for name, listed in contracts.code_lists.items() for code, one in listed.codes.items()),
        *(("entity", name, contract.label) for name, contract in contracts.entities.items()),
    ]
    return {(name, code): {"zh": label.zh, "en": label.en} for name, code, label in named}


def _missing_returns(completeness: Path, month: Month) -> dict[str, list[str]]:
    """subject_id → the entities of which a return of the month was expected and nothing came."""
    missing = (
        pl.read_parquet(completeness)
        .filter(pl.col("month") == month.first_day, pl.col("status") == "no_return")
        .sort("subject_id", "entity")
    )
    found: dict[str, list[str]] = {}
    for subject, entity in missing.select("subject_id", "entity").iter_rows():
        found.setdefault(subject, []).append(entity)
    return found


def last_before(workspace: Workspace, month: Month) -> Edition | None:
    """The newest edition of the last month before `month` that has one."""
    earlier = [edition for edition in list_editions(workspace.editions) if edition.month < month]
    return earlier[-1] if earlier else None


def _frame(edition: Edition | None, name: str) -> pl.DataFrame | None:
    path = edition.directory / name if edition is not None else None
    return pl.read_parquet(path) if path is not None and path.exists() else None


def _scheme(edition: Edition | None) -> Scheme | None:
    path = edition.directory / "scheme.json" if edition is not None else None
    if path is None or not path.exists():
        return None
    return Scheme.model_validate_json(path.read_text(encoding="utf-8"))


def _objections(decisions: pl.DataFrame, month: Month) -> dict[str, dict[str, int]]:
    """subject_id → how many objections of the month were accepted, refused, are pending."""
    counted: dict[str, dict[str, int]] = {}
    of_month = decisions.filter(pl.col("month") == str(month))
    for subject, outcome, count in of_month.group_by("subject_id", "decision").len().sort(pl.all()).iter_rows():
        counted.setdefault(subject, {})[outcome] = count
    return counted


def _changes(connection: duckdb.DuckDBPyConnection, tiny_below: int) -> pl.DataFrame:
    """The change of each month since the one before, split into mix and rate, of values that are shown at all.

    Between months of two versions of the definition there is no split; the versions tell them.
    """
    return frame_of(
        connection,
        """
        select
            entity_id as subject_id, indicator_id, variant, any_value(period) as period,
            any_value(base_period) as base_period, any_value(value) as value, any_value(base_value) as base_value,
            sum(denominator) as denominator, sum(base_denominator) as base_denominator,
            sum(mix_effect) as mix, sum(rate_effect) as rate,
            any_value(definition_version) as definition_version,
            any_value(base_definition_version) as base_definition_version
        from assessment.changes
        where level = 'subject' and comparison = 'previous_month'
        group by entity_id, indicator_id, variant
        having sum(denominator) >= $tiny and sum(base_denominator) >= $tiny
        order by all
        """,
        {"tiny": tiny_below},
    )
