"""Judges the month that the warehouse holds: reads what `assess` needs, from warehouse and earlier editions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
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

#: A body that has none of these in the month, and entered none in it, sent nothing. Supervision is sent by others.
_SENT = """
    select subject_id from marts.fct_inspections where month = $month
    union
    select subject_id from marts.fct_cases where case_month = $month or decided_month = $month
    union
    select subject_id from marts.fct_leads where month = $month
    union
    select subject_id from marts.fct_coercions where month = $month
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
) -> Assessment:
    """Scores, peers, findings and explanations of the month that was built."""
    before = last_before(workspace, month)
    silent = connection.execute(
        f"select subject_id from marts.dim_subject except ({_SENT}) order by 1", {"month": month.first_day}
    ).fetchall()
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
            silent=frozenset(subject for (subject,) in silent),
            labels={
                (name, code): {"zh": label.zh, "en": label.en}
                for name, code_list in contracts.code_lists.items()
                for code, label in code_list.codes.items()
            },
            earlier_scores=_frame(before, "scores.parquet"),
            earlier_findings=_frame(before, "findings.parquet"),
            earlier_scheme=_scheme(before),
            decisions=accepted_findings(decisions),
            objections=_objections(decisions, month),
            changes=_changes(connection, int(variables()["tiny_below"])),
        )
    )


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
    """The change of each month since the one before, split into mix and rate, of values that are shown at all."""
    return frame_of(
        connection,
        """
        select
            entity_id as subject_id, indicator_id, variant, any_value(period) as period,
            any_value(base_period) as base_period, any_value(value) as value, any_value(base_value) as base_value,
            sum(mix_effect) as mix, sum(rate_effect) as rate
        from assessment.changes
        where level = 'subject' and comparison = 'previous_month'
        group by entity_id, indicator_id, variant
        having sum(denominator) >= $tiny and sum(base_denominator) >= $tiny
        order by all
        """,
        {"tiny": tiny_below},
    )
