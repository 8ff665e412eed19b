"""Writes `docs/contract.md`, the data dictionary, from the contracts.

Run `make generate` after a contract changes; a test holds that the committed page is what this gives.
"""

from pathlib import Path

from pipelines.contract.loader import Contracts, load_contracts
from pipelines.contract.model import Contract, ContractField

DICTIONARY_FILE = Path(__file__).resolve().parents[2] / "docs" / "contract.md"

_HEAD = """\
# 数据字典 Data dictionary

由 `expectations/contracts` 生成（`make generate`），请勿手工修改。
Generated from `expectations/contracts` by `make generate`; do not edit.

- 一个文件或工作表一类记录：`<类别>[__说明].csv|.csv.gz|.xlsx|.xls|.parquet|.jsonl`；表头用中文名或英文名，
  次序不限，多余的列另存并报告。
  One kind of record per file or sheet; headers in Chinese or English, in any order; unknown columns are kept aside
  and reported.
- 文本可为 UTF-8、GB18030/GBK、UTF-16；逗号、分号或制表符分隔。
  Text may be UTF-8, GB18030/GBK or UTF-16, with comma, semicolon or tab.
  单元格 `="0007"` 和 `'0007` 的值是 0007；其他公式是文本。
  A cell `="0007"` or `'0007` has the value 0007; any other formula is text.
- 日期时间：ISO、`2026/1/5 9:03`、`2026年1月5日`、`20260105`、Excel 序列值，均为北京时间；金额为元。
  Dates: ISO, the forms above, an Excel serial, in Asia/Shanghai local time; amounts are yuan.
- 代码可写代码、`代码 中文` 或中文；多值用 `;` 分隔；是否可写 true/false、是/否、1/0、Y/N。
  Codes as the code, `code 中文` or the Chinese label; lists are joined by `;`; booleans true/false, 是/否, 1/0, Y/N.
- 同一编号以更新时间最新的版本为准；`操作` 为 `d` 即撤回；所有版本保留。
  The version with the newest update time is the record; operation `d` withdraws it; all versions are kept.
- `操作` 为 `d` 的行只须有主键、更新时间和操作，缺少的必填项由该记录已知的最新版本补全；从未载入的记录不能这样撤回。
  A row with operation `d` needs the key, `updated_at` and `operation` alone: the newest version known of its record
  gives what it lacks. A record that was never loaded cannot be withdrawn so.

🔑 主键 key · ＊ 必填 required · 🔒 个人信息 personal data (masked everywhere)
"""

_TYPES = {
    "text": "文本 text",
    "code": "代码 code",
    "list": "多值 list",
    "date": "日期 date",
    "datetime": "日期时间 date and time",
    "integer": "整数 integer",
    "money": "金额 amount",
    "number": "数值 number",
    "boolean": "是否 boolean",
}


def _limits(field: ContractField) -> str:
    parts = []
    if field.minimum is not None:
        parts.append(f"≥ {field.minimum:g}")
    if field.maximum is not None:
        parts.append(f"≤ {field.maximum:g}")
    if field.max_length is not None:
        parts.append(f"≤ {field.max_length} 字 characters")
    if field.default is not None:
        parts.append(f"默认 default {field.default}")
    if field.references is not None:
        parts.append(f"→ `{field.references}`")
    return "，".join(parts)


def _row(field: ContractField, key: tuple[str, ...], contracts: Contracts) -> str:
    marks = ("🔑" if field.name in key else "") + ("＊" if field.required else "") + ("🔒" if field.pii else "")
    kind = _TYPES[field.type]
    code_list = contracts.codes_of(field)
    if code_list is not None:
        codes = "、".join(f"`{code}` {label.zh}" for code, label in code_list.codes.items())
        kind = f"{kind}：{codes}"
    return f"| `{field.name}` | {field.label.zh} | {field.label.en} | {marks} | {kind} | {_limits(field)} |"


def dictionary(contracts: Contracts) -> str:
    """The whole page in Markdown: a section per entity, a row per field."""
    return _HEAD + "".join(_section(contract, contracts) for contract in contracts.entities.values())


def _section(contract: Contract, contracts: Contracts) -> str:
    return (
        f"\n## {contract.label.zh} `{contract.entity}` {contract.label.en}\n\n"
        f"{contract.grain.zh}。{contract.grain.en}.\n\n"
        "| 字段 field | 中文名 | English | | 类型 type | 限制 limits |\n| --- | --- | --- | --- | --- | --- |\n"
        + "\n".join(_row(field, contract.key, contracts) for field in contract.fields)
        + "\n"
    )


def write() -> None:
    """Write the page."""
    DICTIONARY_FILE.write_text(dictionary(load_contracts()), encoding="utf-8")


if __name__ == "__main__":
    write()
