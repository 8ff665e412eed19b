"""Blank entry forms: an Excel workbook per entity, made from the contract alone, that loads back as it is filled in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, ContractField, Language
from pipelines.existing import refuse_existing

#: Checks hold for so many rows below the heading.
ROWS = 20_000
#: The same form has the same bytes whenever it is written.
_CREATED = datetime(2000, 1, 1)
_EARLIEST = datetime(1900, 1, 1)

_TEXTS: dict[Language, dict[str, str]] = {
    "zh": {
        "notes": "填写说明",
        "codes": "代码",
        "required": "必填",
        "key": "主键",
        "title": "{label}（{entity}）：{grain}。",
        "how": "带 * 的列必填。代码列请从下拉列表中选；多值用“；”隔开。请勿改动表头。",
        "columns": "列名,英文名,类型,必填,长度或范围,说明",
        "text": "文本，不超过 {limit} 字",
        "any_text": "文本",
        "code": "代码，从下拉列表选",
        "list": "多值，用“；”隔开",
        "date": "日期，如 2026-01-05",
        "datetime": "时间，如 2026-01-05 09:03",
        "integer": "整数",
        "money": "金额（元，两位小数）",
        "number": "数值",
        "boolean": "是 或 否",
        "refers": "应见于{target}",
        "pii": "个人信息，报告中不显示",
        "wrong": "不符合要求",
        "yes": "是",
        "no": "否",
    },
    "en": {
        "notes": "Notes",
        "codes": "Codes",
        "required": "required",
        "key": "key",
        "title": "{label} ({entity}): {grain}.",
        "how": "Columns with * are required. Choose codes from the list; join several by `;`. Keep the headings.",
        "columns": "column,name,type,required,length or range,note",
        "text": "text of at most {limit} characters",
        "any_text": "text",
        "code": "a code, from the list",
        "list": "several, joined by `;`",
        "date": "a date such as 2026-01-05",
        "datetime": "a time such as 2026-01-05 09:03",
        "integer": "a whole number",
        "money": "yuan with two decimals",
        "number": "a number",
        "boolean": "true or false",
        "refers": "should be in {target}",
        "pii": "personal data, shown in no report",
        "wrong": "Not accepted",
        "yes": "true",
        "no": "false",
    },
}

#: The sheets of a form that hold no records, in either language.
OWN_SHEETS = frozenset(texts[name] for texts in _TEXTS.values() for name in ("notes", "codes"))


def _kind(field: ContractField, language: Language) -> str:
    texts = _TEXTS[language]
    if field.type == "text":
        return texts["any_text"] if field.max_length is None else texts["text"].format(limit=field.max_length)
    return texts[field.type]


def _range(field: ContractField) -> str:
    if field.minimum is None and field.maximum is None:
        return "" if field.max_length is None else f"≤ {field.max_length}"
    low = "" if field.minimum is None else f"{field.minimum:g}"
    high = "" if field.maximum is None else f"{field.maximum:g}"
    return f"{low} – {high}".strip()


def _note(field: ContractField, contracts: Contracts, language: Language) -> str:
    texts = _TEXTS[language]
    parts = []
    if field.description is not None:
        parts.append(field.description.text(language))
    if field.references is not None:
        target = contracts.entities[field.references.split(".")[0]].label.text(language)
        parts.append(texts["refers"].format(target=target))
    if field.pii:
        parts.append(texts["pii"])
    codes = contracts.codes_of(field)
    if codes is not None and field.type == "list":
        parts.append("；".join(_code_text(code, label.text(language)) for code, label in codes.codes.items()))
    return ("；" if language == "zh" else "; ").join(parts)


def _code_text(code: str, label: str) -> str:
    return f"{code} {label}"


def _heading(field: ContractField, language: Language) -> str:
    name = field.label.zh if language == "zh" else field.name
    return f"{name}*" if field.required and field.default is None else name


class _Form:
    """One workbook: a sheet to fill in, its notes, and the code lists that the drop-downs point at."""

    def __init__(self, path: Path, contracts: Contracts, language: Language) -> None:
        self.contracts = contracts
        self.language: Language = language
        self.texts = _TEXTS[language]
        self.book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
        self.book.set_properties({"created": _CREATED})
        self.lists: dict[str, str] = {}
        make = self.book.add_format
        self.required = make({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        self.optional = make({"bg_color": "#F2F2F2", "border": 1, "text_wrap": True, "valign": "top"})
        self.aside = make({"bg_color": "#FDE9D9", "border": 1, "text_wrap": True, "valign": "top"})
        self.cells = {
            # Text format keeps leading zeros and long numbers of identifiers as they are typed.
            "text": make({"num_format": "@"}),
            "date": make({"num_format": "yyyy-mm-dd"}),
            "datetime": make({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "money": make({"num_format": "0.00"}),
        }
        self.wrap = make({"text_wrap": True, "valign": "top"})
        self.bold = make({"bold": True})

    def close(self) -> None:
        """Write the code lists, hidden, and the file."""
        used = [name for name in self.contracts.code_lists if name in self.lists]
        if used:
            sheet = self.book.add_worksheet(self.texts["codes"])
            for at, name in enumerate(used):
                texts = self._list_texts(name)
                sheet.write_column(0, at, texts)
            sheet.hide()
        self.book.close()

    def _list_texts(self, name: str) -> list[str]:
        codes = self.contracts.code_lists[name].codes
        return [_code_text(code, label.text(self.language)) for code, label in codes.items()]

    def entry_sheet(
        self,
        contract: Contract,
        rows: Sequence[Mapping[str, str | None]],
        aside: Sequence[str],
        code_columns: Mapping[str, int],
    ) -> None:
        """The sheet that is filled in, with `rows` already in it; `aside` are columns before the contract's."""
        name = contract.label.zh if self.language == "zh" else contract.entity
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, len(aside))
        sheet.set_row(0, 32)
        for at, heading in enumerate(aside):
            sheet.write_string(0, at, heading, self.aside)
            sheet.set_column(at, at, 36)
        for at, field in enumerate(contract.fields, len(aside)):
            self._column(sheet, at, field, code_columns)
        for number, row in enumerate(rows, 1):
            for at, heading in enumerate(aside):
                if row.get(heading):
                    sheet.write_string(number, at, str(row[heading]), self.wrap)
            for at, field in enumerate(contract.fields, len(aside)):
                value = row.get(field.name)
                if value:
                    sheet.write_string(number, at, value)

    def _column(self, sheet: Any, at: int, field: ContractField, code_columns: Mapping[str, int]) -> None:
        is_required = field.required and field.default is None
        sheet.write_string(0, at, _heading(field, self.language), self.required if is_required else self.optional)
        note = _note(field, self.contracts, self.language)
        comment = "\n".join(text for text in (_kind(field, self.language), note) if text)
        sheet.write_comment(0, at, comment[:1000], {"x_scale": 2, "y_scale": 1.5})
        sheet.set_column(at, at, 18, self.cells.get("text" if field.type in ("text", "list", "code") else field.type))
        check = self._check(field, code_columns)
        if check is not None:
            message = f"{_kind(field, self.language)} {_range(field)}".strip()
            sheet.data_validation(
                1,
                at,
                ROWS,
                at,
                {
                    **check,
                    "ignore_blank": True,
                    # A spreadsheet program allows 32 characters in a title and 255 in a message.
                    "input_title": field.label.text(self.language)[:32],
                    "input_message": message[:255],
                    "error_title": self.texts["wrong"],
                    "error_message": message[:255],
                },
            )

    def _check(self, field: ContractField, code_columns: Mapping[str, int]) -> dict[str, Any] | None:
        match field.type:
            case "code":
                assert field.codes is not None  # noqa: S101 - the contract's own validation holds it
                self.lists[field.codes] = field.codes
                column = xl_col_to_name(code_columns[field.codes])
                count = len(self.contracts.code_lists[field.codes].codes)
                sheet = self.texts["codes"]
                return {"validate": "list", "source": f"='{sheet}'!${column}$1:${column}${count}"}
            case "boolean":
                return {"validate": "list", "source": [self.texts["yes"], self.texts["no"]]}
            case "date" | "datetime":
                # Text such as 2026年1月5日 loads as well, so a check only warns.
                return {"validate": "date", "criteria": ">=", "value": _EARLIEST, "error_type": "warning"}
            case "integer" | "money" | "number":
                low = -1e15 if field.minimum is None else field.minimum
                high = 1e15 if field.maximum is None else field.maximum
                kind = "integer" if field.type == "integer" else "decimal"
                return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
            case "text" if field.max_length is not None:
                return {"validate": "length", "criteria": "<=", "value": field.max_length}
            case _:
                return None

    def notes_sheet(self, contract: Contract) -> None:
        """What stands in which column."""
        texts = self.texts
        sheet = self.book.add_worksheet(texts["notes"])
        label, grain = contract.label.text(self.language), contract.grain.text(self.language)
        sheet.write_string(0, 0, texts["title"].format(label=label, entity=contract.entity, grain=grain), self.bold)
        sheet.write_string(1, 0, texts["how"])
        sheet.write_row(3, 0, texts["columns"].split(","), self.optional)
        sheet.set_column(0, 4, 20)
        sheet.set_column(5, 5, 80)
        for at, field in enumerate(contract.fields, 4):
            required = texts["key"] if field.name in contract.key else texts["required"] if field.required else ""
            note = _note(field, self.contracts, self.language)
            row = (field.label.zh, field.name, _kind(field, self.language), required, _range(field), note)
            for column, text in enumerate(row):
                sheet.write_string(at, column, text, self.wrap)


def _code_columns(contracts: Contracts, shown: Sequence[Contract]) -> dict[str, int]:
    """Where each code list stands on the hidden sheet."""
    used = {field.codes for contract in shown for field in contract.fields if field.type == "code"}
    return {name: at for at, name in enumerate(name for name in contracts.code_lists if name in used)}


def write_form(path: Path, contract: Contract, contracts: Contracts, *, language: Language) -> None:
    """Write the blank form of `contract` to `path` (.xlsx)."""
    form = _Form(path, contracts, language)
    form.entry_sheet(contract, (), (), _code_columns(contracts, [contract]))
    form.notes_sheet(contract)
    form.close()


def write_filled_form(
    path: Path,
    rows: Mapping[str, Sequence[Mapping[str, str | None]]],
    contracts: Contracts,
    *,
    language: Language,
    aside: Sequence[str] = (),
) -> None:
    """Write one workbook with a sheet per entity of `rows`, each row its fields as text; `aside` columns come first."""
    form = _Form(path, contracts, language)
    shown = [contract for entity, contract in contracts.entities.items() if rows.get(entity)]
    for contract in shown:
        form.entry_sheet(contract, rows[contract.entity], aside, _code_columns(contracts, shown))
    form.close()


def write_forms(folder: Path, contracts: Contracts, *, language: Language, force: bool = False) -> list[Path]:
    """Write the blank form of every entity to `folder`; the paths, in the order of entities.

    Raises UsageError if one of them exists (unless `force`): it may have been filled in.
    """
    paths = {
        folder / f"{contract.label.zh if language == 'zh' else contract.entity}.xlsx": contract
        for contract in contracts.entities.values()
    }
    refuse_existing(paths, force=force)
    folder.mkdir(parents=True, exist_ok=True)
    for path, contract in paths.items():
        write_form(path, contract, contracts, language=language)
    return list(paths)
