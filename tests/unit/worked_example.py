"""The five bodies of docs/judgement.md: results as a table, a scheme, and what comes of them."""

from datetime import datetime
from typing import Any

import polars as pl
from scipy.stats import binomtest

from pipelines.assessment.assess import Assessment, Inputs, assess
from pipelines.contract.loader import load_contracts
from pipelines.editions.judgement import labels_of
from pipelines.scheme.model import Scheme
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month
from tests.spec.world import rows_of

BODIES = {"S1": "甲街道", "S2": "乙街道", "S3": "丙街道", "S4": "丁街道", "S5": "戊街道"}

#: hits/units of October 2026.
RESULTS = """
    body | performance_rate all | participation_rate frontline | proactive_discovery_rate cases | supervision_rate cases
    S1   | 33/60                | 18/30                        | 9/30                           | 12/60
    S2   | 48/60                | 27/30                        | 12/24                          | 24/80
    S3   | 12/60                | 12/30                        | 3/30                           | 30/60
    S4   | 42/60                | 6/6                          | 20/40                          | 20/50
    S5   | 0/60                 | 3/3                          | .                              | .
"""
SCHEME: dict[str, Any] = {
    "id": "example", "name": {"zh": "算例方案", "en": "Example"}, "valid_from": "2026-01", "period": "month",
    "pillars": [
        {"id": "use", "name": {"zh": "履职", "en": "Use"}, "weight": 0.6, "indicators": [
            {"indicator": "performance_rate", "variant": "all", "weight": 0.5, "band": {"floor": 0.2, "low": 0.8}},
            {"indicator": "participation_rate", "variant": "frontline", "weight": 0.5, "band": {"floor": 0.4, "low": 0.9}},
        ]},
        {"id": "discovery", "name": {"zh": "发现", "en": "Discovery"}, "weight": 0.4, "indicators": [
            {"indicator": "proactive_discovery_rate", "variant": "cases", "weight": 1, "band": {"floor": 0.1, "low": 0.5}},
        ]},
    ],
    "gates": [{"indicator": "supervision_rate", "variant": "cases", "floor": 0.1, "low": 0.3, "least": 0.5}],
    "grades": [
        {"id": "A", "name": {"zh": "好", "en": "Good"}, "at_least": 80},
        {"id": "B", "name": {"zh": "一般", "en": "Fair"}, "at_least": 50},
        {"id": "C", "name": {"zh": "较差", "en": "Poor"}, "at_least": 0},
    ],
}  # fmt: skip


def results_of(table: str, month: str, kind: str = "month") -> pl.DataFrame:
    """Result rows of periods of `kind` of a table `hits/units`, with Wilson limits by SciPy and the statuses of method.md."""
    rows = []
    for line in rows_of(table):
        for heading, cell in line.items():
            if heading == "body":
                continue
            indicator, variant = heading.split()
            hits, units = (float(part) for part in (cell or "0/0").split("/"))
            shown = units >= 5
            limits = binomtest(int(hits), int(units)).proportion_ci(0.95, method="wilson") if shown else None
            rows.append({
                "entity_id": line["body"], "indicator_id": indicator, "variant": variant, "period_kind": kind,
                "period": month, "numerator": hits, "denominator": units, "excluded": 0, "undecidable": 0,
                "value": hits / units if shown else None, "lower": limits.low if limits else None,
                "upper": limits.high if limits else None,
                "status": "none" if units == 0 else "tiny" if units < 5 else "small" if units < 20 else "ok",
            })  # fmt: skip
    schema = {"value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)


def judged(
    table: str = RESULTS, month: str = "2026-10", before: Assessment | None = None, **changed: Any
) -> Assessment:
    """The example assessed; `changed` replaces keys of the scheme or fields of the inputs.

    `silent` bodies never sent anything, the others sent something of the month; `results_kind` is the period of the results.
    """
    names = ("last_sent", "missing", "decisions", "changes", "objections")
    fields = {name: changed.pop(name) for name in names if name in changed}
    chosen = Month.parse(month)
    kind = changed.pop("results_kind", "month")
    silent = changed.pop("silent", frozenset())
    fields.setdefault("last_sent", {body: chosen for body in BODIES if body not in silent})
    used = {name for line in rows_of(table) for name in line if name != "body"}
    return assess(
        Inputs(
            month=chosen,
            as_of=datetime.combine(chosen.default_as_of.date(), datetime.min.time()),
            scheme=Scheme.model_validate({**SCHEME, **changed}),
            declared=[one for one in declarations() if any(name.startswith(one["id"] + " ") for name in used)],
            results=results_of(table, month, kind),
            subjects=pl.DataFrame({
                "subject_id": list(BODIES), "name": list(BODIES.values()), "kind": ["street_town"] * 5,
                "field": ["comprehensive"] * 5, "valid_from": [Month.parse("2020-01").first_day] * 5,
                "valid_to": [None] * 5,
            }, schema_overrides={"valid_to": pl.Date}),
            labels=labels_of(load_contracts()),
            earlier_scores=before.scores if before else None,
            earlier_findings=before.findings if before else None,
            **fields,
        )
    )  # fmt: skip
