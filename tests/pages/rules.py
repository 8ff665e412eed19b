"""The table of statutory rules in `docs/method.md`, between its two marks, from the register of rules."""

from pathlib import Path
from typing import Any

from pipelines.contract.loader import load_contracts
from pipelines.warehouse.dbt_project import declarations, undecided_rules
from tests.pages.indicators import both, in_words, table

METHOD = Path(__file__).resolve().parents[2] / "docs" / "method.md"
BEGIN = "<!-- 以下由规则声明生成（make generate） Generated from the declarations of the rules -->"
END = "<!-- 生成部分结束 End of the generated part -->"
UNITS = {
    "yuan": "元 yuan", "calendar_day": "日 calendar days", "working_day": "工作日 working days", "year": "年 years",
    "hour": "小时 hours", "officer": "人 officers",
}  # fmt: skip
#: What a row of a parameter may be limited to.
SCOPES = ("subject_id", "region", "domain", "workflow", "party_kind")
#: A parameter of more rows than this is a table of its own in the declaration.
MOST_ROWS = 6


def _scope(row: dict[str, Any]) -> str:
    named = []
    for name in SCOPES:
        if name in row:
            codes = load_contracts().code_lists.get({"party_kind": "object_kind"}.get(name, name))
            named.append(codes.codes[row[name]].zh if codes and row[name] in codes.codes else str(row[name]))
    return "、".join(named)


def _parameter(parameter: dict[str, Any]) -> str:
    label = f"{parameter['label']['zh']} {parameter['label']['en']}"
    # What held before the revision is in the declaration.
    rows = [row for row in parameter["rows"] if "valid_to" not in row]
    if len(rows) > MOST_ROWS:
        return f"{label}：{len(rows)} 行 rows"
    values = []
    for row in rows:
        value = f"{row['value']:,} {UNITS.get(parameter['unit'], parameter['unit'])}" if "value" in row else ""
        parts = [_scope(row), f"`{row['code']}`" if "code" in row else "", value]
        values.append(" ".join(part for part in parts if part) or "✓")
    return f"{label}：{'；'.join(values)}"


def generated() -> str:
    """The part of the page between the marks."""
    rules = [
        (
            f"`{rule['id']}`", both(rule["name"]), both(rule["article"]), both(rule["text"]),
            "<br>".join(_parameter(parameter) for parameter in rule["parameters"].values()),
            both(rule["exceptions"])
            + "".join(f"<br>不适用 exempt：{_scope(row)}" for row in rule.get("exempt", [])),
            in_words("rule.severity", rule["severity"]),
        )
        for rule in declarations("rule")
    ]  # fmt: skip
    undecided = [
        (
            f"`{rule['id']}`", both(rule["name"]), both(rule["article"]), in_words("rule.severity", rule["severity"]), both(rule["why"]),
            "<br>".join(f"`{name}`" for name in rule["missing_fields"]),
        )
        for rule in undecided_rules()
    ]  # fmt: skip
    head = [
        "",
        "规则 Rule",
        "条文 Article",
        "判断什么 What is decided",
        "参数 Parameters",
        "例外 Exceptions",
        "级别 Severity",
    ]
    return "\n\n".join(
        [
            table(head, rules),
            "### 字段不能判断的规则 Rules that no field decides",
            table(
                ["", "规则 Rule", "条文 Article", "级别 Severity", "为什么 Why", "缺的字段 Fields that are missing"],
                undecided,
            ),
        ]
    )


def with_rules(text: str) -> str:
    """The page with its generated part as it should be; ValueError if a mark is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{METHOD.name}: the marks of the generated part are missing")
    return f"{before}{BEGIN}\n\n{generated()}\n\n{END}{after}"


def write_rules() -> None:
    """Bring the page up to date."""
    METHOD.write_text(with_rules(METHOD.read_text(encoding="utf-8")), encoding="utf-8")
