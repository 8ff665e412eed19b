"""The remediation pack: per body a workbook of the rows to mend: why, how, and room for the right value."""

from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from pipelines.contract.correction_form import COLUMNS, CORRECTED, MARKER_SHEET, WITHDRAW
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Label, Language
from pipelines.errors import UsageError
from pipelines.existing import refuse_existing

#: One fixed moment: the same failures give the same bytes.
CREATED = datetime(2000, 1, 1)
#: The name of packs whose rows belong to no body in the ledger.
NOBODY = "unassigned"

_SEVERITY = {
    "error": Label(zh="错误", en="error"),
    "warning": Label(zh="警告", en="warning"),
    "info": Label(zh="提示", en="note"),
}
_SHEET = Label(zh="待更正", en="To mend")
_GUIDE = Label(
    zh="在“更正值”列填写正确的值；记录不应存在的，在“撤回填d”列填 d；其余列不要改动。填好后：hengfa load 本文件。",
    en="Write the right value under `Corrected value`; write d under `d to withdraw` for a record that should not be; "
    "leave the other columns. Then: hengfa load THIS FILE.",
)
_WIDTHS = {
    "label": 36,
    "reason": 40,
    "remedy": 36,
    "record_id": 22,
    "field": 14,
    "value": 22,
    CORRECTED: 22,
    "source_file": 26,
}


def write_packs(
    failures: pl.DataFrame,
    quality: pl.DataFrame,
    contracts: Contracts,
    out: Path,
    *,
    language: Language,
    subject: str | None = None,
    force: bool = False,
) -> list[tuple[str, Path, int]]:
    """Write `out/remedy__<subject>.xlsx` for every body with rows to mend; (subject, path, rows) of each.

    `failures` and `quality` have the columns of failures.parquet and quality.parquet. Rows that are no record
    (a body's volume, a stated total) cannot be mended in a form and are left out. Raises UsageError if
    `subject` has nothing to mend, and if a pack exists (unless `force`): it may hold corrections.
    """
    rules = quality.filter(pl.col("subject_id").is_null()).unique("expectation_id", keep="first")
    texts = ("label", "reason", "remedy")
    rows = (
        failures.filter(pl.col("source_row").is_not_null())
        .join(
            rules.select(
                "expectation_id", "severity", "field", *(pl.col(f"{name}_{language}").alias(name) for name in texts)
            ),
            on="expectation_id",
            how="inner",
        )
        .with_columns(
            pl.col("subject_id").fill_null(NOBODY),
            pl.col("severity")
            .replace_strict({"error": 0, "warning": 1, "info": 2}, return_dtype=pl.Int8)
            .alias("_grave"),
        )
        .sort("subject_id", "_grave", "entity", "expectation_id", "record_id", "source_row", nulls_last=True)
    )
    if subject is not None:
        rows = rows.filter(pl.col("subject_id") == subject)
        if not rows.height:
            raise UsageError(f"body `{subject}` has no record to mend in this audit. Check the subject id.")
    by_body = {str(name): own for (name,), own in rows.group_by("subject_id", maintain_order=True)}
    paths = {name: out / f"remedy__{name}.xlsx" for name in by_body}
    refuse_existing(paths.values(), force=force)
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for name, own in by_body.items():
        path = paths[name]
        _write(path, own, contracts, language)
        made.append((name, path, own.height))
    return made


def _write(path: Path, rows: pl.DataFrame, contracts: Contracts, language: Language) -> None:
    book = xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"created": CREATED})
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E9ECEF", "text_wrap": True})
    wrapped, entry = (
        book.add_format({"text_wrap": True, "valign": "top"}),
        book.add_format({"bg_color": "#FFF6D6", "num_format": "@"}),
    )
    sheet = book.add_worksheet(_SHEET.text(language))
    sheet.write_string(0, 0, _GUIDE.text(language))
    for place, (name, label) in enumerate(COLUMNS.items()):
        sheet.write_string(1, place, label.text(language), bold)
        sheet.set_column(place, place, _WIDTHS.get(name, 11))
    sheet.freeze_panes(2, 0)
    for number, row in enumerate(rows.iter_rows(named=True), start=2):
        contract = contracts.entities[row["entity"]]
        field = contract.by_name.get(row["field"] or "")
        shown = {
            **row,
            "severity": _SEVERITY[row["severity"]].text(language),
            "entity": contract.label.zh if language == "zh" else contract.entity,
            "field": field.label.text(language) if field is not None else None,
        }
        for place, name in enumerate(COLUMNS):
            if name in (CORRECTED, WITHDRAW):
                sheet.write_blank(number, place, None, entry)
            elif shown.get(name) is not None:
                sheet.write_string(number, place, str(shown[name]), wrapped)
    marker = book.add_worksheet(MARKER_SHEET)
    marker.write_string(0, 0, "1")
    marker.hide()
    book.close()
