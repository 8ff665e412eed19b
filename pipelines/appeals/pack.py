"""Writes the Excel packs of an edition: for each body the records behind its numbers, and its findings."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from pipelines.appeals.columns import (
    ABOUT_SHEET,
    ACTIONS,
    DECISIONS,
    FINDING_COLUMNS,
    FINDINGS_SHEET,
    LEVELS,
    RECORD_COLUMNS,
    RECORDS_SHEET,
    STATES,
    Column,
    Language,
)
from pipelines.assessment.explanations import finding_name, measure
from pipelines.editions.catalogue import MANIFEST_NAME, Edition
from pipelines.editions.verify import sha256_of
from pipelines.errors import EditionError, UsageError

#: What a sheet of Excel holds, its heading row counted.
MOST_ROWS = 1_048_576

_ABOUT = {
    "zh": [
        ("主体编码", "subject_id"), ("主体", "name"), ("版次", "edition_id"), ("截止时点", "as_of"),
        ("清单哈希", "manifest_sha256"),
        ("", ""),
        ("填写", "认为某条记录有误，或不同意某条问题，请在该行填写“异议”和“理由”，其余不改。"),
        ("决定", "监督机关填写“决定”（采纳、不采纳）、“决定人”、“决定日期”、“决定理由”；采纳记录异议的，"
                 "“处理”填撤回、更正或不处理，更正时填“更正字段”（字段的英文名或中文名）和“更正值”。"),
        ("台账", "记录编号为空的人员、设备、事项行，更正的是其台账行（officers、devices、powers）；台账行不撤回，"
                 "更正截止日期（on_post_to、retired_on、valid_to）。来源系统的台账也要改正，否则下次报送又会覆盖。"),
        ("导入", "hengfa appeals import 本文件。采纳的记录异议在下一修订版生效。"),
    ],
    "en": [
        ("Subject id", "subject_id"), ("Subject", "name"), ("Edition", "edition_id"), ("As of", "as_of"),
        ("Manifest hash", "manifest_sha256"),
        ("", ""),
        ("To fill in", "Where a record is wrong or you disagree with a finding, write the objection and the reason "
                       "in its row. Change nothing else."),
        ("To decide", "The bureau writes the decision (accepted, refused), who decided, when (2026-11-20) and why; for "
                      "an accepted objection to a record also the action: withdraw, correct or none, and with correct "
                      "the field and the correct value."),
        ("Ledgers", "In a row of an officer, a device or a matter without a record id the ledger row is "
                    "corrected (officers, devices, powers). It is ended, not withdrawn: correct on_post_to, "
                    "retired_on or valid_to. Mend the ledger at its source too, or its next file undoes it."),
        ("To import", "hengfa appeals import FILE. What was accepted takes effect with the next revision."),
    ],
}  # fmt: skip


def write_packs(
    edition: Edition,
    out: Path,
    *,
    language: Language,
    entity: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Path]:
    """One workbook per body in `out`, named by its id; the same edition gives the same bytes.

    Raises UsageError for a body that the edition does not assess, EditionError for an edition without scores.
    """
    if not (edition.directory / "scores.parquet").exists():
        raise EditionError(f"edition {edition.edition_id} has no scores; an earlier version made it. Run it again.")
    out.mkdir(parents=True, exist_ok=True)
    manifest = edition.manifest()
    declared = {declaration["id"]: declaration for declaration in edition.declarations()}
    about = {
        "edition_id": edition.edition_id,
        "as_of": manifest["as_of"],
        "manifest_sha256": sha256_of(edition.directory / MANIFEST_NAME),
    }
    with duckdb.connect() as connection:
        bodies = connection.execute(
            "select scores.subject_id, subjects.name from read_parquet(?) as scores "
            "inner join read_parquet(?) as subjects using (subject_id) where item_kind = 'total' order by 1",
            [str(edition.directory / "scores.parquet"), str(edition.directory / "dimensions" / "subjects.parquet")],
        ).fetchall()
        if entity is not None and entity not in dict(bodies):
            raise UsageError(
                f"edition {edition.edition_id} assesses no body `{entity}`. List them with `hengfa results`."
            )
        chosen = [(subject, name) for subject, name in bodies if entity in (None, subject)]
        readings = _readings(edition)
        made = []
        for number, (subject, name) in enumerate(chosen, start=1):
            path = out / f"{subject}.xlsx"
            _write_pack(
                path,
                {**about, "subject_id": subject, "name": name},
                _records(connection, edition, subject, readings, declared, language),
                _findings(connection, edition, subject, declared, language),
                language,
            )
            made.append(path)
            if progress is not None:
                progress(path.name, number, len(chosen))
    return made


def _readings(edition: Edition) -> list[tuple[str, str, str]]:
    """(indicator, variant, first month) of what the scheme weighs, or gates by, or has per default."""
    scheme = json.loads((edition.directory / "scheme.json").read_text(encoding="utf-8"))
    declared = {declaration["id"]: declaration for declaration in edition.declarations()}
    entries = [entry for pillar in scheme["pillars"] for entry in pillar["indicators"]] + scheme["gates"]
    readings = {}
    for entry in entries:
        if entry["indicator"] in declared:
            kind = entry["period"] or scheme["period"]
            variant = entry["variant"] or declared[entry["indicator"]]["default_variant"]
            readings[entry["indicator"], variant] = edition.month.first_of(kind).first_day
    return [(indicator, variant, first) for (indicator, variant), first in sorted(readings.items())]  # type: ignore[misc]


def _records(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    subject: str,
    readings: Sequence[tuple[str, str, Any]],
    declared: Mapping[str, Mapping[str, Any]],
    language: Language,
) -> list[dict[str, Any]]:
    rows = []
    for indicator, variant, first in readings:
        relation = connection.execute(
            "select month, state, unit_kind, unit_id, record_entity, record_id, happened_at, numerator, denominator, "
            "reason as left_out from read_parquet(?) where variant = ? and subject_id = ? and month between ? and ? "
            "order by month desc, state, unit_kind, unit_id, record_id",
            [
                str(edition.directory / "evidence" / f"{indicator}.parquet"), variant, subject, first,
                edition.month.first_day,
            ],
        )  # fmt: skip
        names = [column[0] for column in relation.description]
        reasons = declared[indicator]["reasons"]
        for values in relation.fetchall():
            row = dict(zip(names, values, strict=True))
            row |= {
                "indicator_id": indicator, "indicator": declared[indicator]["name"][language], "variant": variant,
                "month": str(row["month"])[:7], "state": STATES[language][row["state"]],
                "left_out": reasons.get(row["left_out"], {}).get(language, row["left_out"]),
            }  # fmt: skip
            rows.append(row)
    return rows


def _findings(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    subject: str,
    declared: Mapping[str, Mapping[str, Any]],
    language: Language,
) -> list[dict[str, Any]]:
    rows = connection.execute(
        "select finding_id, indicator_id, variant, level, opened_in, due_on, value from read_parquet(?) "
        "where subject_id = ? and state = 'open' order by level desc, indicator_id, variant",
        [str(edition.directory / "findings.parquet"), subject],
    ).fetchall()
    found = []
    for finding_id, indicator, variant, level, opened_in, due_on, value in rows:
        declaration = declared.get(indicator)
        found.append({
            "finding_id": finding_id, "indicator_id": indicator, "variant": variant, "opened_in": opened_in,
            "indicator": finding_name(indicator, declaration)[language],
            "level": LEVELS[language][level], "due_on": due_on,
            "value_text": measure(value, declaration["unit"]) if declaration and value is not None else None,
        })  # fmt: skip
    return found


def _write_pack(
    path: Path,
    about: Mapping[str, str],
    records: Sequence[Mapping[str, Any]],
    findings: Sequence[Mapping[str, Any]],
    language: Language,
) -> None:
    if len(records) >= MOST_ROWS:
        raise EditionError(f"{path.name}: {len(records)} records do not fit into a sheet of {MOST_ROWS} rows.")
    with xlsxwriter.Workbook(str(path), {"constant_memory": False, "strings_to_urls": False}) as book:
        # The time of a workbook would make every pack another file: it is the edition's.
        book.set_properties({"created": datetime.fromisoformat(about["as_of"]), "title": about["edition_id"]})
        heading = book.add_format({"bold": True, "bg_color": "#E7ECF2", "text_wrap": True, "valign": "top"})
        to_fill = book.add_format({"bold": True, "bg_color": "#FFF3CC", "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(ABOUT_SHEET[language])
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 90)
        for row, (label, key) in enumerate(_ABOUT[language]):
            sheet.write_string(row, 0, label, heading)
            sheet.write_string(row, 1, about.get(key, key), wrapped)
        _write_sheet(book.add_worksheet(RECORDS_SHEET[language]), RECORD_COLUMNS, records, language, heading, to_fill)
        _write_sheet(
            book.add_worksheet(FINDINGS_SHEET[language]), FINDING_COLUMNS, findings, language, heading, to_fill
        )


def _write_sheet(
    sheet: Any,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    language: Language,
    heading: Any,
    to_fill: Any,
) -> None:
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(0, position, column.label(language), heading if column.filled_by == "edition" else to_fill)
        choices = {"decision": DECISIONS, "action": ACTIONS}.get(column.name)
        if choices is not None and rows:
            listed = [written for written in choices if written.isascii() == (language == "en")]
            sheet.data_validation(1, position, len(rows), position, {"validate": "list", "source": listed})
    for number, row in enumerate(rows, start=1):
        for position, column in enumerate(columns):
            value = row.get(column.name)
            if isinstance(value, (int, float)):
                sheet.write_number(number, position, value)
            elif value is not None:
                sheet.write_string(number, position, _text(value))
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
