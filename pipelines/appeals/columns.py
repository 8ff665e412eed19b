"""The columns of a pack, once: their names in code, in Chinese, in English.

The import reads columns by their headings and passes over those that it does not know. What it reads as codes
stands in hidden columns, under the headings that packs have always had; what people read beside them has
headings of its own.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Column:
    """A column; `filled_by` says who writes it: the edition, the body or the bureau. `width` in characters.

    `hidden` is what the import reads and nobody needs to.
    """

    name: str
    zh: str
    en: str
    filled_by: Literal["edition", "body", "bureau"]
    width: int = 14
    hidden: bool = False

    def label(self, language: Language) -> str:
        """The heading in a language."""
        return self.zh if language == "zh" else self.en


ABOUT_SHEET = {"zh": "说明", "en": "About"}
RECORDS_SHEET = {"zh": "佐证记录", "en": "Records"}
FINDINGS_SHEET = {"zh": "问题清单", "en": "Findings"}
RULES_SHEET = {"zh": "法定规则", "en": "Rules"}

_DECISION = (
    Column("objection", "异议", "Objection", "body", 30),
    Column("reason", "理由", "Reason", "body", 40),
    Column("decision", "决定", "Decision", "bureau", 10),
    Column("decided_by", "决定人", "Decided by", "bureau"),
    Column("decided_on", "决定日期", "Decided on", "bureau"),
    Column("decision_reason", "决定理由", "Reason of the decision", "bureau", 40),
)

#: What the import reads of the sheet of records.
RECORD_COLUMNS = (
    Column("indicator_id", "指标编码", "Indicator id", "edition", hidden=True),
    Column("variant", "口径", "Variant", "edition", hidden=True),
    Column("unit_kind", "单位类别", "Kind of unit", "edition", hidden=True),
    Column("record_entity", "记录表", "Record table", "edition", hidden=True),
    Column("indicator", "指标", "Indicator", "edition", 22),
    Column("month", "月份", "Month", "edition", 10),
    Column("state", "状态", "State", "edition", 12),
    Column("unit_id", "单位", "Unit", "edition", 20),
    Column("record_id", "记录编号", "Record id", "edition", 20),
    Column("happened_at", "发生时间", "Happened at", "edition", 18),
    Column("numerator", "分子", "Numerator", "edition", 8),
    Column("denominator", "分母", "Denominator", "edition", 8),
    Column("left_out", "排除或不可判定的原因", "Why left out", "edition", 24),
    *_DECISION[:3],
    Column("action", "处理", "Action", "bureau", 10),
    Column("field", "更正字段", "Field to correct", "bureau"),
    Column("value", "更正值", "Correct value", "bureau"),
    *_DECISION[3:],
)

#: What only people read of it, each after a column that the import reads.
_BESIDE_RECORDS = {
    "indicator": Column("variant_label", "统计口径", "Reading", "edition", 16),
    "state": Column("unit_label", "单元类别", "What is counted", "edition", 12),
    "unit_id": Column("unit_name", "事项名称", "Matter", "edition", 30),
    "record_id": Column("record_label", "记录类别", "Kind of record", "edition", 12),
    "happened_at": Column("agency", "执法机构", "Agency", "edition", 18),
    "left_out": Column("failed_rules", "未通过的法定规则", "Statutory rules failed", "edition", 40),
}
#: The sheet of records as it is written.
RECORD_SHEET_COLUMNS = tuple(
    shown for column in RECORD_COLUMNS for shown in (column, _BESIDE_RECORDS.get(column.name)) if shown is not None
)

#: What the import reads of the sheet of findings.
FINDING_COLUMNS = (
    Column("finding_id", "条目编号", "Finding id", "edition", hidden=True),
    Column("indicator_id", "指标编码", "Indicator id", "edition", hidden=True),
    Column("variant", "口径", "Variant", "edition", hidden=True),
    Column("indicator", "指标", "Indicator", "edition", 22),
    Column("level", "级别", "Level", "edition", 12),
    Column("opened_in", "提出月份", "Opened in", "edition", 10),
    Column("due_on", "期限", "Due on", "edition", 12),
    Column("value_text", "数值", "Value", "edition", 14),
    *_DECISION,
)

#: The sheet of findings as it is written.
FINDING_SHEET_COLUMNS = tuple(
    shown
    for column in FINDING_COLUMNS
    for shown in (column, _BESIDE_RECORDS["indicator"] if column.name == "indicator" else None)
    if shown is not None
)

#: The records that a statutory rule found at fault, which the import does not read: objections stand in their rows.
RULE_COLUMNS = (
    Column("rule", "规则", "Rule", "edition", 26),
    Column("article", "条文", "Article", "edition", 30),
    Column("record_label", "记录类别", "Kind of record", "edition", 12),
    Column("record_id", "记录编号", "Record id", "edition", 20),
    Column("month", "月份", "Month", "edition", 10),
    Column("reason", "原因", "Why", "edition", 30),
    Column("observed", "实际", "Observed", "edition", 10),
    Column("allowed", "限值", "Limit", "edition", 10),
    Column("row", "异议填写处", "Where to object", "edition", 20),
)
#: Where an objection to such a record is written.
RULE_ROW = {"zh": "“佐证记录”第 {row} 行", "en": "Records, row {row}"}

#: Kind of unit → the entity of the contract that names it; a kind that has none keeps a name of its own.
UNIT_ENTITIES = {
    "matter": "matters",
    "officer": "officers",
    "device": "devices",
    "power": "powers",
    "case": "cases",
    "inspection": "inspections",
    "coercion": "coercions",
    "lead": "leads",
    "supervision": "supervisions",
    "dispute": "disputes",
    "plan": "inspection_plans",
    "request": "assistance_requests",
}
UNITS_WITHOUT_ENTITY = {"object": {"zh": "检查对象", "en": "Object of inspection"}}

#: What may stand in the bureau's columns, as codes by what is written.
DECISIONS = {"采纳": "accepted", "不采纳": "refused", "accepted": "accepted", "refused": "refused"}
ACTIONS = {
    "撤回": "withdraw",
    "更正": "correct",
    "不处理": "none",
    "withdraw": "withdraw",
    "correct": "correct",
    "none": "none",
}

LEVELS = {
    "zh": {"attention": "关注", "improvement": "整改"},
    "en": {"attention": "attention", "improvement": "improvement"},
}
STATES = {
    "zh": {"hit": "计入分子", "miss": "只计分母", "excluded": "排除", "undecidable": "不可判定"},
    "en": {"hit": "hit", "miss": "miss", "excluded": "excluded", "undecidable": "undecidable"},
}
