"""The columns that reports read of the relations of an edition whose writers declare none.

An edition may lack a relation: an older one, or one of a workspace that judges nothing. It is then read
as empty, and its pages say so. Findings, explanations and decisions have the schemas of their writers. The
schemas of scores and of points over time are typed here, because their writer takes half a second to import.
"""

from typing import Any

import polars as pl

EVIDENCE_SCHEMA: dict[str, Any] = {
    "indicator_id": pl.String,
    "variant": pl.String,
    "subject_id": pl.String,
    "agency_id": pl.String,
    "month": pl.Date,
    "unit_kind": pl.String,
    "unit_id": pl.String,
    "record_entity": pl.String,
    "record_id": pl.String,
    "happened_at": pl.Datetime("us"),
    "state": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "reason": pl.String,
}

FAILURES_SCHEMA: dict[str, Any] = {
    "expectation_id": pl.String,
    "entity": pl.String,
    "subject_id": pl.String,
    "record_id": pl.String,
    "month": pl.Date,
    "value": pl.String,
    "source_file": pl.String,
    "source_row": pl.Int64,
}

AFTER_AS_OF_SCHEMA: dict[str, Any] = {"entity": pl.String, "subject_id": pl.String, "records": pl.Int64}

COMPLETENESS_SCHEMA: dict[str, Any] = {
    "subject_id": pl.String,
    "entity": pl.String,
    "month": pl.Date,
    "expected": pl.Float64,
    "arrived": pl.Int64,
    "status": pl.String,
    "share_expected_to_come": pl.Float64,
    "share_lower": pl.Float64,
    "share_upper": pl.Float64,
    "basis": pl.String,
}

EFFECTS_SCHEMA: dict[str, Any] = {
    "expectation_id": pl.String,
    "indicator_id": pl.String,
    "variant": pl.String,
    "level": pl.String,
    "entity_id": pl.String,
    "period_kind": pl.String,
    "period": pl.String,
    "records": pl.Int64,
    "touched": pl.Int64,
    "touched_hits": pl.Int64,
    "uncounted": pl.Int64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "lowest": pl.Float64,
    "highest": pl.Float64,
}

SCOREBOARD_SCHEMA: dict[str, Any] = {
    "level": pl.String,
    "entity_id": pl.String,
    "dimension": pl.String,
    "month": pl.Date,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "share": pl.Float64,
}

SCORES_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("subject_id", "item_kind", "item_id", "variant", "pillar_id", "period_kind"), pl.String),
    **dict.fromkeys(("value", "lower", "upper", "weight", "points", "points_lower", "points_upper"), pl.Float64),
    **dict.fromkeys(("state", "reason"), pl.String),
    "weight_present": pl.Float64,
    **dict.fromkeys(("grade", "grade_lower", "grade_upper"), pl.String),
    **dict.fromkeys(("rank_best", "rank_worst", "ranked"), pl.Int64),
    "quiet_month": pl.Boolean,
    "last_sent": pl.String,
}

OVER_TIME_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("item_kind", "item_id", "base_period", "period"), pl.String),
    **dict.fromkeys(("bodies", "left_out"), pl.Int64),
    **dict.fromkeys(("base_points", "points"), pl.Float64),
    "same_scheme": pl.Boolean,
}

RULES_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("rule_id", "subject_id"), pl.String),
    "month": pl.Date,
    **dict.fromkeys(("record_entity", "record_id"), pl.String),
    "happened_at": pl.Datetime("us"),
    **dict.fromkeys(("result", "reason"), pl.String),
    **dict.fromkeys(("from_at", "to_at"), pl.Datetime("us")),
    **dict.fromkeys(("observed", "allowed"), pl.Float64),
}

SIGNALS_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("signal_id", "subject_id", "scope_id"), pl.String),
    "month": pl.Date,
    **dict.fromkeys(("statistic", "p_value", "threshold"), pl.Float64),
    "units": pl.Int64,
    "has_fired": pl.Boolean,
}

SIGNAL_RECORDS_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("signal_id", "subject_id", "scope_id"), pl.String),
    "month": pl.Date,
    **dict.fromkeys(("record_entity", "record_id"), pl.String),
}

LAW_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("period_kind", "unit_kind", "unit_id", "scope_kind", "scope_id"), pl.String),
    **dict.fromkeys(("law_id", "law_level", "unit_name", "article_number"), pl.String),
    **dict.fromkeys(("uses", "bodies"), pl.Int64),
    "last_used_on": pl.Date,
    "usage_class": pl.String,
    **dict.fromkeys(("below_band", "at_minimum", "lower_third", "middle_third", "upper_third"), pl.Int64),
    **dict.fromkeys(("at_maximum", "above_band", "no_band", "lighter", "mitigated", "heavier"), pl.Int64),
    "uses_out_of_force": pl.Int64,
    "law_change": pl.String,
    "changed_on": pl.Date,
    "replaced_by": pl.String,
    "changed_articles": pl.Int64,
}

RESTATEMENT_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("subject_id", "kind", "indicator_id", "variant", "period_kind", "period"), pl.String),
    **dict.fromkeys(("old_numerator", "new_numerator", "old_denominator", "new_denominator"), pl.Float64),
    **dict.fromkeys(("old_value", "new_value"), pl.Float64),
    **dict.fromkeys(("old_state", "new_state", "cause"), pl.String),
    "records": pl.List(pl.String),
}

RESTATED_SCHEMA: dict[str, Any] = dict.fromkeys(("entity", "record_id", "record_key", "change"), pl.String)

CHANGES_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("comparison", "period", "base_period", "indicator_id", "variant"), pl.String),
    **dict.fromkeys(("level", "entity_id", "domain"), pl.String),
    **dict.fromkeys(("numerator", "denominator", "base_numerator", "base_denominator"), pl.Float64),
    **dict.fromkeys(("value", "base_value", "difference", "mix_effect", "rate_effect"), pl.Float64),
}
