"""What an edition says of ten bodies beside its numbers: scores, findings, rules, signals, law application, changes.

Planted: `S01` has grade A, `S02` grade C after its legality gate, `S03` too little weight, `S10` sent nothing. `S02` has
an improvement that is overdue and escalated, `S01` an attention; one finding of `S04` was closed by data. Rule P01 fails
for one case of `S01` in the month and one of `S02` in the month before; case records of both stand in the edition. The
signal of one body fires for `S02`, the one over bodies for a matter with cases of `S01` and `S02`. The finding of
`S07` waits for a judgement and that of `S06` was closed because its indicator left the scheme: both keep September's
figures. The finding of `S08` stands on units in the numerator, as under a falling band. Objections and decisions
name a person.
"""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.assessment.explanations import EXPLANATION_SCHEMA
from pipelines.assessment.findings import FINDING_SCHEMA
from pipelines.editions.decisions import DECISION_SCHEMA
from reports.relations import (
    CHANGES_SCHEMA,
    LAW_SCHEMA,
    OVER_TIME_SCHEMA,
    RESTATED_SCHEMA,
    RESTATEMENT_SCHEMA,
    RULES_SCHEMA,
    SCORES_SCHEMA,
    SIGNAL_RECORDS_SCHEMA,
    SIGNALS_SCHEMA,
)
from tests.browser.edition_fixture import MONTH, PERSONAL, case_id, write_edition

NOW, BEFORE = date(2026, 10, 1), date(2026, 9, 1)

#: The relations, each with the page that says so when it is missing.
RELATIONS = {
    "scores": "index",
    "findings": "findings",
    "rules": "rules",
    "signals": "signals",
    "law_application": "law",
    "changes": "changes",
}


def _both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def case_of(subject: str) -> str:
    """The id of the first case that `subject` decided in the month."""
    return case_id(subject, NOW, 0)


def _scores() -> list[dict[str, Any]]:
    rows = []
    for subject, state, reason, points, low, high, grade, worst, factor in [
        ("S01", "assessed", None, 90.0, 86.0, 95.0, "A", "A", 100.0),
        ("S02", "assessed", None, 60.25, 40.0, 72.0, "C", "D", 75.0),
        ("S03", "not_assessed", "TOO_LITTLE_WEIGHT", None, None, None, None, None, None),
        ("S10", "no_return", "NOTHING_SENT", None, None, None, None, None, None),
    ]:
        total = {"subject_id": subject, "item_kind": "total", "item_id": "total", "state": state, "reason": reason,
                 "points": points, "points_lower": low, "points_upper": high, "weight": 1.0, "weight_present": 0.3,
                 "grade": grade, "grade_lower": worst, "grade_upper": grade,
                 "quiet_month": state == "no_return"}  # fmt: skip
        pillar = {"subject_id": subject, "item_kind": "pillar", "item_id": "use", "state": "scored", "weight": 1.0,
                  "points": points, "points_lower": low, "points_upper": high}  # fmt: skip
        scored = {"subject_id": subject, "item_kind": "indicator", "item_id": "performance_rate", "variant": "all",
                  "pillar_id": "use", "state": "scored" if points else "not_scored", "value": 0.55, "weight": 1.0,
                  "reason": None if points else "TOO_FEW", "points": points, "points_lower": low,
                  "points_upper": high}  # fmt: skip
        gate = {"subject_id": subject, "item_kind": "gate", "item_id": "supervision_rate", "variant": "cases",
                "state": "scored" if factor else "not_scored", "reason": None if factor else "NO_UNITS",
                "value": 0.2 if factor else None, "points": factor}  # fmt: skip
        rows += [total, pillar, scored, gate]
    return rows


def _finding(subject: str, indicator: str, variant: str, level: str, **more: Any) -> dict[str, Any]:
    return {
        "finding_id": f"{subject}:{indicator}", "subject_id": subject, "indicator_id": indicator, "variant": variant,
        "period_kind": "r12", "period": MONTH, "level": level, "state": "open", "rule": "BELOW_IMPROVEMENT",
        "opened_in": MONTH, "months_open": 1, "times": 1, "escalated": False, "due_on": date(2027, 2, 3),
        "owner_zh": "执法监督科", "owner_en": "Enforcement supervision section", "value": 0.1, "lower": 0.05, "upper": 0.2,
        "numerator": 10.0, "denominator": 100.0, "points": 12.5, "evidence_state": "miss", "evidence_units": 90,
        **more,
    }  # fmt: skip


def _findings() -> list[dict[str, Any]]:
    late = {"opened_in": "2026-07", "months_open": 4, "due_on": date(2026, 10, 31), "escalated": True}
    closed = {"state": "closed", "closed_in": MONTH, "closed_by": "data"}
    september = {"period": "2026-09", "opened_in": "2026-09"}
    return [
        _finding("S01", "supervision_rate", "cases", "attention", rule="BELOW_ATTENTION"),
        _finding("S02", "performance_rate", "all", "improvement", **late),
        _finding("S04", "performance_rate", "all", "attention", **closed),
        _finding(
            "S07",
            "supervision_rate",
            "cases",
            "attention",
            rule="NOT_JUDGED",
            **september,
            months_open=2,
            due_on=date(2027, 2, 4),
        ),
        _finding("S06", "supervision_rate", "cases", "attention", **september, **{**closed, "closed_by": "scheme"}),
        _finding(
            "S08",
            "performance_rate",
            "all",
            "attention",
            evidence_state="hit",
            evidence_units=10,
            due_on=date(2027, 2, 5),
        ),
        {**_finding("S03", "performance_rate", "all", "meets"), "state": "none", "rule": "IN_BAND", "due_on": None},
    ]


def _sentences() -> list[dict[str, Any]]:
    found = [
        ("S01", 0, "total.assessed", "S01考核得分 90.0 分，等级好。", "S01: 90.0 points, grade Good."),
        ("S01", 1, "indicator.value", "履职率 55.0 %，得 90.0 分。", "Performance rate 55.0 %, 90.0 points."),
        ("S01", 1, "change.split", "结构因素 +1.0，比率因素 +2.0。", "+1.0 from the mix, +2.0 from the rates."),
        ("S01", 2, "indicator.TOO_FEW", "部门监督率只有 3 个单位。", "Supervision rate: 3 units."),
        ("S03", 0, "total.not_assessed", "S03不予评定。", "S03: not assessed."),
        ("S10", 0, "total.no_return", "S10没有报送（不是 0 分）。", "S10 sent nothing, which is not 0 points."),
    ]
    return [
        {"subject_id": subject, "position": place, "paragraph": paragraph, "rule": rule, "zh": zh, "en": en}
        for place, (subject, paragraph, rule, zh, en) in enumerate(found)
    ]


def _appeals() -> list[dict[str, Any]]:
    decided = {"decided_by": PERSONAL, "decided_on": "2026-11-20", "decision_reason": f"{PERSONAL}的案卷核实"}
    about = {
        "edition_id": MONTH,
        "month": MONTH,
        "subject_id": "S01",
        "kind": "record",
        "indicator_id": "performance_rate",
    }
    return [
        {**about, "record_entity": "cases", "record_id": case_of("S01"), "objection": f"当事人是{PERSONAL}", "reason": f"见{PERSONAL}的案卷",
         "decision": "accepted", "action": "correct", **decided},
        {**about, "unit_id": "M001", "objection": "已上收", "decision": "refused", "action": "none", **decided,
         "decision_reason": "清单未变"},
        {**about, "kind": "finding", "finding_id": "S01:supervision_rate", "objection": "专项行动期间", "decision": "pending"},
    ]  # fmt: skip


def _rule(subject: str, record: str, month: date, result: str, reason: str | None = None) -> dict[str, Any]:
    late = result == "fail"
    return {
        "rule_id": "P01", "subject_id": subject, "month": month, "record_entity": "cases", "record_id": record,
        "happened_at": datetime(2026, 10, 20, 9, 0), "result": result, "reason": reason,
        "from_at": datetime(2026, 7, 1), "to_at": datetime(2026, 10, 20, 9, 30) if late else None,
        "observed": 111.0 if late else 30.0, "allowed": 90.0,
    }  # fmt: skip


RULES = [
    {
        "id": "P01", "position": 101, "severity": "error", "unit": "case", "name": _both("办案期限", "Decision in time"),
        "measure": _both("日", "days"),
        "article": _both("《行政处罚法》第六十条", "Administrative Penalty Law, art. 60"),
        "text": _both("在办案期限内作出决定", "Decided within the limit"), "exceptions": _both("无", "None"),
        "fields": ["cases.filed_at", "cases.decided_at"], "sql": "select 1 < 2",
        "reasons": {"LATE": {"result": "fail", **_both("超过期限才决定", "Decided after the limit")},
                    "NO_FILING_DATE": {"result": "undecidable", **_both("缺立案时间", "No time of filing")}},
    }
]  # fmt: skip

UNDECIDED = [
    {
        "id": "P10", "position": 110, "severity": "error", "unit": "case",
        "name": _both("集体讨论", "Collective discussion"),
        "article": _both("《行政处罚法》第五十七条第二款", "Administrative Penalty Law, art. 57(2)"),
        "missing_fields": ["cases.meeting_on"],
        "why": _both("集体讨论日期没有字段", "The day of the discussion is in no field"),
    }
]  # fmt: skip


def _signal(identifier: str, position: int, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier, "position": position, "name": _both(zh, en), "question": _both(f"{zh}吗？", f"{en}?"),
        "test": _both("与其他主体比较", "Compared with the other bodies"), "threshold": 0.001, "threshold_of": "p_value",
        "false_alarm_rate": 0.001, "parameters": {"least_units": 10},
        "parameter_labels": {"least_units": _both("至少几条", "fewest units")},
        "caveat": _both("线索供人工核查，从不直接扣分。", "A lead for a human check, never a deduction."),
        "owner": _both("执法监督科", "Enforcement supervision section"), "sql": "select 1 < 2",
        "legal_basis": [_both("《行政处罚法》第四十七条", "Administrative Penalty Law, art. 47")], **more,
    }  # fmt: skip


SIGNALS = [
    _signal("month_end_batch", 1, "月末集中录入", "Month-end batch entry"),
    _signal("uniform_fines", 2, "罚款额扎堆", "Fines in a narrow band", threshold=0.8, threshold_of="statistic",
            false_alarm_rate=None),
    _signal("copy_text", 3, "裁量理由雷同", "Copied grounds"),
]  # fmt: skip


def _tested(signal: str, subject: str | None, scope: str, month: date, p: float | None, fired: bool) -> dict[str, Any]:
    return {
        "signal_id": signal, "subject_id": subject, "scope_id": scope, "month": month, "units": 40,
        "statistic": 0.875, "p_value": p, "threshold": 0.8 if p is None else 0.001, "has_fired": fired,
    }  # fmt: skip


def _law(unit: str, name: str, scope: tuple[str, str], uses: int, used: str, **more: Any) -> dict[str, Any]:
    zeros = dict.fromkeys((c for c, kind in LAW_SCHEMA.items() if kind == pl.Int64), 0)
    row = {**zeros, "unit_kind": unit, "unit_id": name, "unit_name": f"名{name}", "scope_kind": scope[0],
           "scope_id": scope[1], "uses": uses, "bodies": min(uses, 2), "usage_class": used, **more}  # fmt: skip
    if uses:
        row["last_used_on"] = date(2026, 10, 9)
    return row


def _laws() -> list[dict[str, Any]]:
    total, fines = ("total", "total"), {"below_band": 1, "lower_third": 3}
    changed = {"law_change": "replaced", "changed_on": date(2026, 3, 1), "replaced_by": "L1-2", "uses_out_of_force": 1}
    rows = [
        _law("law", "L1", total, 4, "occasional", law_level="law", law_id="L1", changed_articles=1, **fines),
        _law("law", "L2", total, 0, "unused", law_level="local_rule", law_id="L2"),
        _law("level", "law", total, 4, "occasional", law_level="law"),
        _law("article", "L1-1", total, 3, "rare", law_id="L1", article_number="第1条", **changed),
        _law("article", "L1-2", total, 1, "rare", law_id="L1", article_number="第2条"),
        _law("matter", "M000", total, 4, "frequent", **fines),
        _law("matter", "M001", total, 0, "dormant"),
        _law("matter", "M000", ("subject", "S01"), 4, "frequent", **fines),
        _law("matter", "M001", ("subject", "S01"), 0, "dormant"),
        _law("law", "L1", ("subject", "S01"), 4, "occasional", law_id="L1"),
        _law("matter", "M000", ("area", "120116001"), 4, "frequent", **fines),
    ]
    return [{"period_kind": kind, **row} for kind in ("r12", "ytd") for row in rows]


def _changed(level: str, entity: str, domain: str, mix: float, rate: float) -> dict[str, Any]:
    return {
        "comparison": "previous_month", "period": MONTH, "base_period": "2026-09", "indicator_id": "performance_rate",
        "variant": "all", "level": level, "entity_id": entity, "domain": domain, "numerator": 3.0, "denominator": 10.0,
        "base_numerator": 2.0, "base_denominator": 10.0, "value": 0.3, "base_value": 0.27, "difference": 0.03,
        "mix_effect": mix, "rate_effect": rate,
    }  # fmt: skip


def _write(folder: Path, name: str, rows: list[dict[str, Any]], schema: dict[str, Any]) -> None:
    pl.DataFrame(rows, schema=schema).write_parquet(folder / f"{name}.parquet")


def write_judgement(edition: Path) -> None:
    """Add the relations to an edition of `write_edition`."""
    scheme = {
        "name": _both("默认考核方案", "Default scheme"),
        "grades": [{"id": "A", "name": _both("好", "Good")}, {"id": "C", "name": _both("一般", "Fair")},
                   {"id": "D", "name": _both("较差", "Poor")}],
        "pillars": [{"id": "use", "name": _both("履职", "Use of powers")}],
    }  # fmt: skip
    for name, content in (("scheme", scheme), ("rules", RULES), ("rules_undecided", UNDECIDED), ("signals", SIGNALS)):
        (edition / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    _write(edition, "scores", _scores(), SCORES_SCHEMA)
    _write(edition, "findings", _findings(), FINDING_SCHEMA)
    _write(edition, "explanations", _sentences(), EXPLANATION_SCHEMA)
    _write(edition, "appeals", _appeals(), DECISION_SCHEMA)
    compared = {"item_kind": "total", "item_id": "total", "base_period": "2026-09", "period": MONTH, "bodies": 2,
                "left_out": 3, "base_points": 70.0, "points": 75.125, "same_scheme": True}  # fmt: skip
    _write(edition, "over_time", [compared], OVER_TIME_SCHEMA)
    one, two = case_of("S01"), case_of("S02")
    rules = [
        _rule("S01", one, NOW, "fail", "LATE"),
        _rule("S01", case_id("S01", NOW, 1), NOW, "pass"),
        _rule("S01", case_id("S01", BEFORE, 0), BEFORE, "undecidable", "NO_FILING_DATE"),
        _rule("S02", two, BEFORE, "fail", "LATE"),
        _rule("S03", case_of("S03"), date(2025, 10, 1), "fail", "LATE"),  # thirteen months ago: in no period
    ]
    _write(edition, "rules", rules, RULES_SCHEMA)
    tested = [
        _tested("month_end_batch", "S01", "S01", NOW, 0.43, False),
        _tested("month_end_batch", "S02", "S02", BEFORE, 0.0009, True),
        _tested("month_end_batch", "S02", "S02", NOW, 1.2e-9, True),
        _tested("month_end_batch", "S04", "S04", BEFORE, 0.0004, True),
        _tested("uniform_fines", None, "M000:street_town", NOW, None, True),
    ]
    _write(edition, "signals", tested, SIGNALS_SCHEMA)
    behind = [
        {"signal_id": "month_end_batch", "subject_id": "S02", "scope_id": "S02", "month": NOW, "record_entity": "cases",
         "record_id": two},
        *({"signal_id": "uniform_fines", "subject_id": None, "scope_id": "M000:street_town", "month": NOW,
           "record_entity": "cases", "record_id": case} for case in (one, two)),
    ]  # fmt: skip
    _write(edition, "signal_records", behind, SIGNAL_RECORDS_SCHEMA)
    _write(edition, "law_application", _laws(), LAW_SCHEMA)
    changes = [
        _changed("total", "total", "市容管理", 0.01, -0.005),
        _changed("total", "total", "none", 0.005, 0.02),
        _changed("subject", "S01", "市容管理", 0.01, 0.02),
    ]
    _write(edition, "changes", changes, CHANGES_SCHEMA)


def write_judged_edition(folder: Path) -> Path:
    """An edition of `write_edition` in `folder` with the relations of `write_judgement`; returns its path."""
    edition = write_edition(folder)
    write_judgement(edition)
    return edition


def _restated(subject: str, kind: str, cause: str, old: float | None, new: float | None, **more: Any) -> dict[str, Any]:
    return {"subject_id": subject, "kind": kind, "period": MONTH, "old_value": old, "new_value": new, "old_state": "ok",
            "new_state": "ok", "cause": cause, "records": [], **more}  # fmt: skip


def write_revision(folder: Path) -> Path:
    """The second edition of the month: S01's total, points and two results changed, and a result of too few units."""
    edition = write_judged_edition(folder).rename(folder / f"{MONTH}.r2")
    manifest = json.loads((edition / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"edition_id": f"{MONTH}.r2", "previous": {"edition_id": MONTH, "manifest_sha256": "0" * 64}}
    (edition / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    rate = {"indicator_id": "supervision_rate", "variant": "cases"}
    counts = {"old_numerator": 3.0, "old_denominator": 10.0, "new_numerator": 4.0, "new_denominator": 10.0}
    case = f"cases/{case_of('S01')}"
    rows = [
        _restated("S01", "result", "appeal", 0.3, 0.4, period_kind="month", **rate, **counts, records=[case]),
        _restated("S01", "result", "late_record,correction", 0.3, 0.4, period_kind="month", **rate, **counts,
                  records=["officers/O1|2020-01-01"]) | {"period": "2026-09"},
        _restated("S01", "points", "appeal", 60.0, 70.25, period_kind="month", **rate),
        _restated("S01", "total", "appeal", 85.0, 90.0, old_state="C", new_state="A"),
        _restated("S09", "result", "late_record", 0.25, 0.5, old_state="tiny", new_state="tiny", old_numerator=1.0,
                  old_denominator=4.0, new_numerator=2.0, new_denominator=4.0, period_kind="month", **rate),
    ]  # fmt: skip
    _write(edition, "restatement", rows, RESTATEMENT_SCHEMA)
    _write(edition, "restated", [{"entity": "officers", "record_id": "O1", "record_key": "O1|2020-01-01",
                                  "change": "late_record"}], RESTATED_SCHEMA)  # fmt: skip
    return edition
