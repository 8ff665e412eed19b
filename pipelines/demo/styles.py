"""How each export file looks: format, encoding, headers, codes, booleans, dates. It follows from entity and month."""

import zlib
from dataclasses import dataclass

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, ContractField

#: More rows than this are never written as a spreadsheet.
SPREADSHEET_ROWS = 3_000

_LEDGER_FORMATS = {"subjects": "xlsx", "officers": "xlsx", "laws": "xlsx", "matters": "xlsx"}
_DATE_STYLES = {
    "iso": ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"),
    "slash": ("%Y/%-m/%-d", "%Y/%-m/%-d %-H:%M"),
    "chinese": ("%Y年%-m月%-d日", "%Y/%-m/%-d %-H:%M"),
    "compact": ("%Y%m%d", "%Y-%m-%d %H:%M"),
}
_BOOLEANS = (("是", "否"), ("true", "false"), ("1", "0"), ("Y", "N"))


@dataclass(frozen=True)
class FileStyle:
    """`format` csv, csv.gz, xlsx, parquet or jsonl; `codes` code, label or both."""

    format: str
    encoding: str
    separator: str
    chinese: bool
    codes: str
    dates: str
    booleans: tuple[str, str]

    @property
    def is_text(self) -> bool:
        """Whether the file is delimited text, where a broken cell can stand."""
        return self.format in ("csv", "csv.gz")


def style_of(entity: str, month: str, *, ledger: bool, rows: int) -> FileStyle:
    """The look of the file of `entity` for `month` (empty for a ledger)."""
    number = zlib.crc32(f"{entity}|{month}".encode())
    if ledger:
        kind = _LEDGER_FORMATS.get(entity, "csv")
        english = number % 3 == 0
        return FileStyle(
            kind, "utf-8-sig" if english else "gb18030", ",", not english, "both", "iso", _BOOLEANS[number % 2]
        )
    look = number % 10
    spread = (number // 10) % 17
    form = "csv"
    if spread == 0 and rows <= SPREADSHEET_ROWS:
        form = "xlsx"
    elif spread in (1, 2):
        form = "csv.gz"
    elif spread == 3:
        form = "parquet"
    elif spread == 4:
        form = "jsonl"
    if form in ("parquet", "jsonl"):
        return FileStyle(form, "utf-8", ",", False, "code", "iso", _BOOLEANS[1])
    chinese = look < 6
    encoding = "gb18030" if chinese and look != 5 else ("utf-8-sig" if look in (5, 6, 7) else "utf-8")
    codes = ("label", "both", "code")[number // 200 % 3] if chinese else ("code", "both")[number // 200 % 2]
    dates = tuple(_DATE_STYLES)[number // 700 % 4] if chinese else ("iso", "slash")[number // 700 % 2]
    booleans = _BOOLEANS[0] if chinese else _BOOLEANS[1 + number // 3000 % 3]
    separator = "\t" if look == 8 else (";" if look == 9 and entity not in ("cases", "matters") else ",")
    return FileStyle(form, encoding, separator, chinese, codes, dates, booleans)


def headers(contract: Contract, style: FileStyle, columns: list[str]) -> list[str]:
    """Headers of the columns, in Chinese or English."""
    return [contract.field(c).label.zh if style.chinese else c for c in columns]


def _codes(field: ContractField, contracts: Contracts, style: FileStyle) -> dict[str, str]:
    found = contracts.codes_of(field)
    if found is None:
        return {}
    shapes = {"code": "{0}", "label": "{1}", "both": "{0} {1}"}
    return {code: shapes[style.codes].format(code, label.zh) for code, label in found.codes.items()}


def rendered(frame: pl.DataFrame, contract: Contract, contracts: Contracts, style: FileStyle) -> pl.DataFrame:
    """The contract's columns of `frame` as the text that the file shows; nulls stay null."""
    day, minute = _DATE_STYLES[style.dates]
    yes, no = style.booleans
    columns = []
    for field in contract.fields:
        if field.name not in frame.columns:
            continue
        column = pl.col(field.name)
        if field.type == "date":
            shown = column.dt.strftime(day)
        elif field.type == "datetime":
            shown = column.dt.strftime(minute)
        elif field.type == "boolean":
            shown = pl.when(column).then(pl.lit(yes)).when(~column).then(pl.lit(no))
        elif field.type == "money":
            shown = column.cast(pl.Decimal(18, 2)).cast(pl.String)
        elif field.type == "code":
            shown = column.replace_strict(_codes(field, contracts, style), return_dtype=pl.String)
        elif field.type == "list" and field.codes is not None:
            # Members of a list are shown as labels or as codes, never as both.
            plain = style if style.codes != "both" else FileStyle(**{**style.__dict__, "codes": "code"})
            shown = column
            for code, text in _codes(field, contracts, plain).items():
                if text != code:
                    shown = shown.str.replace_all(rf"(^|;){code}(;|$)", f"${{1}}{text}${{2}}")
            shown = shown.str.replace_all(";", "；" if style.chinese else ";", literal=True)
        elif field.type == "list":
            shown = column.str.replace_all(";", "、" if style.chinese else ";", literal=True)
        else:
            shown = column.cast(pl.String)
        columns.append(shown.alias(field.name))
    return frame.select(columns)
