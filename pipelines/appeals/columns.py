"""The columns of a pack, once: their names in code, in Chinese, in English."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Column:
    """A column; `filled_by` says who writes it: the edition, the body or the bureau. `width` in characters."""

    name: str
    zh: str
    en: str
    filled_by: Literal["edition", "body", "bureau"]
    width: int = 14

    def label(self, language: Language) -> str:
        """The heading in a language."""
        return self.zh if language == "zh" else self.en


ABOUT_SHEET = {"zh": "说明", "en": "About"}
RECORDS_SHEET = {"zh": "佐证记录", "en": "Records"}
FINDINGS_SHEET = {"zh": "问题清单", "en": "Findings"}

_DECISION = (
    Column("objection", "异议", "Objection", "body", 30),
    Column("reason", "理由", "Reason", "body", 40),
    Column("decision", "决定", "Decision", "bureau", 10),
    Column("decided_by", "决定人", "Decided by", "bureau"),
    Column("decided_on", "决定日期", "Decided on", "bureau"),
    Column("decision_reason", "决定理由", "Reason of the decision", "bureau", 40),
)

RECORD_COLUMNS = (
    Column("indicator_id", "指标编码", "Indicator id", "edition", 22),
    Column("indicator", "指标", "Indicator", "edition", 22),
    Column("variant", "口径", "Variant", "edition"),
    Column("month", "月份", "Month", "edition", 10),
    Column("state", "状态", "State", "edition", 12),
    Column("unit_kind", "单位类别", "Kind of unit", "edition"),
    Column("unit_id", "单位", "Unit", "edition", 20),
    Column("record_entity", "记录表", "Record table", "edition"),
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

FINDING_COLUMNS = (
    Column("finding_id", "条目编号", "Finding id", "edition", 40),
    Column("indicator_id", "指标编码", "Indicator id", "edition", 22),
    Column("indicator", "指标", "Indicator", "edition", 22),
    Column("variant", "口径", "Variant", "edition"),
    Column("level", "级别", "Level", "edition", 12),
    Column("opened_in", "提出月份", "Opened in", "edition", 10),
    Column("due_on", "期限", "Due on", "edition", 12),
    Column("value_text", "数值", "Value", "edition", 14),
    *_DECISION,
)

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
