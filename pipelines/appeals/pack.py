"""Writes the Excel packs of an edition: for each body the records behind its numbers, failed rules, and findings."""

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
    FINDING_SHEET_COLUMNS,
    FINDINGS_SHEET,
    RECORD_SHEET_COLUMNS,
    RECORDS_SHEET,
    RULE_COLUMNS,
    RULE_ROW,
    RULES_SHEET,
    Column,
    Language,
)
from pipelines.appeals.contents import Contents, PackRows
from pipelines.appeals.ledgers import LEDGERS
from pipelines.contract.loader import Contracts, load_contracts
from pipelines.editions.catalogue import MANIFEST_NAME, Edition
from pipelines.editions.verify import sha256_of
from pipelines.errors import EditionError, UsageError
from pipelines.existing import refuse_existing

#: What a sheet of Excel holds, its heading row counted.
MOST_ROWS = 1_048_576

_ABOUT = {
    "zh": [
        ("主体编码", "subject_id"), ("主体", "name"), ("版次", "edition_id"), ("截止时点", "as_of"),
        ("清单哈希", "manifest_sha256"),
        ("", ""),
        ("填写", "认为某条记录有误，或不同意某条问题，请在该行填写“异议”和“理由”，其余不改。"),
        ("决定", "监督机关填写“决定”（采纳、不采纳）、“决定人”、“决定日期”、“决定理由”；采纳记录异议的，"
                 "“处理”填撤回、更正或不处理，更正时填“更正字段”（字段名称）和“更正值”。"),
        ("台账", "记录编号为空的{ledgers}行，更正的是其台账行；台账行不撤回，更正截止日期（{ends}）。"
                 "来源系统的台账也要改正，否则下次报送又会覆盖。"),
        ("范围", "方案评分的指标列其评分期的记录，其余指标列最短统计期的记录；近12个月未通过法定规则的记录全部列入，"
                 "逐条见“法定规则”，异议填在“佐证记录”的对应行。隐藏列是导入所需的编码，请勿删除。"),
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
        ("Ledgers", "In a row of {ledgers} without a record id the ledger row is corrected. It is ended, not "
                    "withdrawn: correct its last day ({ends}). Mend the ledger at its source too, or its next file "
                    "undoes it."),
        ("What is listed", "Of indicators that the scheme weighs the records of the period weighed, of others those of "
                           "their shortest period; every record that failed a statutory rule in twelve months, rule by "
                           "rule on its sheet, with the row where to object. Hidden columns are codes that the import "
                           "needs: leave them."),
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
    force: bool = False,
) -> list[Path]:
    """One workbook per body in `out`, named by its id; the same edition gives the same bytes.

    Raises UsageError for a body that the edition does not assess and for a pack that exists (unless `force`: objections
    may stand in it), EditionError for an edition without scores.
    """
    if not (edition.directory / "scores.parquet").exists():
        raise EditionError(f"edition {edition.edition_id} has no scores; an earlier version made it. Run it again.")
    manifest = edition.manifest()
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
        paths = {subject: out / f"{subject}.xlsx" for subject, _ in chosen}
        refuse_existing(paths.values(), force=force)
        out.mkdir(parents=True, exist_ok=True)
        contracts = load_contracts()
        contents = Contents(connection, edition, contracts, language)
        made = []
        for number, (subject, name) in enumerate(chosen, start=1):
            path = paths[subject]
            _write_pack(
                path,
                {**about, "subject_id": subject, "name": name, **_ledger_words(contracts, language)},
                contents.of(subject),
                language,
            )
            made.append(path)
            if progress is not None:
                progress(path.name, number, len(chosen))
    return made


def _ledger_words(contracts: Contracts, language: Language) -> dict[str, str]:
    """The ledgers whose rows an objection may end, and the fields that end them, in the contract's words."""
    entities = [(contracts.entities[entity], end) for entity, _, _, end in LEDGERS.values()]
    comma = "、" if language == "zh" else ", "
    return {
        "ledgers": comma.join(contract.label.text(language) for contract, _ in entities),
        "ends": comma.join(contract.field(end).label.text(language) for contract, end in entities),
    }


def _write_pack(path: Path, about: Mapping[str, str], rows: PackRows, language: Language) -> None:
    records = rows.records
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
            sheet.write_string(row, 1, about[key] if key in about else key.format(**about), wrapped)
        formats = heading, to_fill
        _write_sheet(book.add_worksheet(RECORDS_SHEET[language]), RECORD_SHEET_COLUMNS, records, language, *formats)
        _write_sheet(
            book.add_worksheet(FINDINGS_SHEET[language]), FINDING_SHEET_COLUMNS, rows.findings, language, *formats
        )
        sheet = book.add_worksheet(RULES_SHEET[language])
        _write_sheet(sheet, RULE_COLUMNS, rows.rules, language, *formats)
        place = [column.name for column in RULE_COLUMNS].index("row")
        for number, failed in enumerate(rows.rules, start=1):
            if failed["row"] is not None:
                target = f"internal:'{RECORDS_SHEET[language]}'!A{failed['row']}"
                sheet.write_url(number, place, target, string=RULE_ROW[language].format(row=failed["row"]))


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
        sheet.set_column(position, position, column.width, None, {"hidden": column.hidden})
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
