"""Forms as they come back from an office: a pack of corrections, the form of a sample of files."""

from pathlib import Path

import polars as pl
import xlsxwriter

from pipelines.contract import correction_form
from reports import sample


def filled_pack(pack: Path, answers: dict[str, tuple[str, str]], out: Path, *, marker: bool = True) -> Path:
    """The pack as a body sends it back: rule → (corrected value, d or nothing)."""
    rows = pl.read_excel(pack, sheet_id=1, read_options={"header_row": 1}, infer_schema_length=0)
    heads = {name: label.zh for name, label in correction_form.COLUMNS.items()}
    book = xlsxwriter.Workbook(str(out))
    sheet = book.add_worksheet("待更正")
    sheet.write_row(0, 0, list(heads.values()))
    for number, row in enumerate(rows.iter_rows(named=True), start=1):
        corrected, withdraw = answers.get(row[heads["expectation_id"]], ("", ""))
        row = {**row, heads["corrected"]: corrected, heads["withdraw"]: withdraw}
        sheet.write_row(number, 0, [row[head] or "" for head in heads.values()])
    if marker:
        book.add_worksheet(correction_form.MARKER_SHEET)
    book.close()
    return out


def filled_sample(form: Path, out: Path, answers: dict[tuple[str, str], str]) -> Path:
    """The form as the reviewer leaves it: (case, field) → answer."""
    rows = pl.read_excel(form, infer_schema_length=0)
    book = xlsxwriter.Workbook(str(out))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, rows.columns)
    names = list(sample.COLUMNS)
    for number, row in enumerate(rows.iter_rows(), start=1):
        cells = dict(zip(names, row, strict=True))
        cells["matches"] = answers.get((cells["case_id"], cells["field"]), "")
        sheet.write_row(number, 0, [value or "" for value in cells.values()])
    book.close()
    return out
