"""A small edition that agrees with itself, for the tests of the site.

Ten bodies in three peer groups, thirteen months, five indicators. Results are summed from the
evidence here, by rules written independently of the site:

* a unit counts once in a period, as its best state: hit, then miss, undecidable, excluded;
* groups and the total are sums over bodies.

What is planted: `S10` sent nothing at all, `S09` has three officers (status tiny), `S08` between 5
and 19 (small), `S07` has cases of unknown source (bounds), `S05`'s name holds characters that HTML
and spreadsheets must escape, `S02`'s cases have a slash in their ids, a party's name stands in the records although it is personal data.
"""

import json
import math
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from reports.relations import EVIDENCE_SCHEMA

MONTH = "2026-10"
PERSONAL = "王某某不应出现"
RANK = {"hit": 0, "miss": 1, "undecidable": 2, "excluded": 3}

SUBJECTS = [
    ("S01", "临江区市场监督管理局", "department", "economic"),
    ("S02", "临江区商务局", "department", "economic"),
    ("S03", "临江区发展和改革委员会", "department", "economic"),
    ("S04", "临江区文化和旅游局", "department", "economic"),
    ("S05", "东港经济开发区管委会 <A&B>", "zone", None),
    ("S06", "西山高新技术产业开发区管委会", "zone", None),
    ("S07", "柳溪镇人民政府", "street_town", "comprehensive"),
    ("S08", "北塘街道办事处", "street_town", "comprehensive"),
    ("S09", "石桥镇人民政府", "street_town", "comprehensive"),
    ("S10", "新安街道办事处", "street_town", "comprehensive"),
]


def _both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _indicator(
    identifier: str,
    zh: str,
    en: str,
    default: str,
    variants: dict[str, tuple[str, str]],
    *,
    unit: str = "share",
    reasons: dict[str, dict[str, str]] | None = None,
) -> dict[str, Any]:
    return {
        "id": identifier,
        "model": f"evidence_{identifier}",
        "version": "1.0",
        "valid_from": "2026-01-01",
        "owner": _both("执法监督科", "Enforcement supervision section"),
        "unit": unit,
        "direction": "higher" if unit == "share" else "none",
        "interval": "wilson" if unit == "share" else "poisson",
        "headline": True,
        "name": _both(zh, en),
        "question": _both(f"{zh}回答什么问题？", f"What does the {en.lower()} answer?"),
        "numerator": _both("期内至少有一次履职记录的单元", "units with at least one act in the period"),
        "denominator": _both("期内在册的单元", "units in force in the period"),
        "exclusions": _both("上级交办的不计入", "what was ordered from above does not count"),
        "caveat": _both("小样本只看区间。", "Read the interval where units are few."),
        "legal_basis": [_both("《行政处罚法》第七十四条", "Administrative Penalty Law, art. 74")],
        "default_variant": default,
        "variants": {
            name: {"zh": label[0], "en": label[1], "description": _both(f"{label[0]}口径", f"{label[1]} only")}
            for name, label in variants.items()
        },
        "reasons": reasons or {},
        "sql": f"select *\nfrom {{{{ ref('fct_{identifier}') }}}}\nwhere month < '2026-11-01'  -- <scope>",
    }


INDICATORS = [
    _indicator(
        "performance_rate", "履职率", "Performance rate", "all",
        {"all": ("全部", "All"), "duty": ("履职清单", "Duty list"), "penalty": ("处罚", "Penalties"),
         "inspection": ("检查", "Inspections"), "coercion": ("强制", "Coercion"), "broad": ("宽口径", "Broad")},
        reasons={"NO_ACT": _both("期内没有履职记录", "no act in the period")},
    ),
    _indicator(
        "participation_rate", "人均参与执法率", "Participation rate", "frontline",
        {"all": ("全部人员", "All officers"), "frontline": ("一线", "Front line"), "a_post": ("A岗", "A posts")},
        reasons={"NO_ACT": _both("期内未参与执法", "took part in nothing")},
    ),
    _indicator(
        "supervision_rate", "部门监督率", "Supervision rate", "cases",
        {"cases": ("案件", "Cases"), "acts": ("案件与检查", "Cases and inspections")},
    ),
    _indicator(
        "proactive_discovery_rate", "主动发现执法问题率", "Proactive discovery rate", "cases",
        {"cases": ("案件", "Cases"), "leads": ("线索", "Leads")},
        reasons={
            "ORDERED": _both("上级交办或平台派单", "ordered from above"),
            "UNKNOWN_SOURCE": _both("案件来源不详", "source of the case unknown"),
        },
    ),
    _indicator(
        "acts_per_officer", "人均执法量", "Acts per officer", "frontline",
        {"frontline": ("一线", "Front line"), "all": ("全部人员", "All officers")}, unit="per_head",
    ),
]  # fmt: skip


def months() -> list[date]:
    """The thirteen months of the edition, oldest first."""
    return [date(2025 + (9 + i) // 12, (9 + i) % 12 + 1, 1) for i in range(13)]


def period_months(kind: str) -> list[date]:
    """The months of a period that ends with October 2026."""
    wanted = {"month": 1, "quarter": 3, "ytd": 10, "r12": 12}[kind]
    return months()[-wanted:]


def subjects_of(count: int) -> list[tuple[str, str, str, str | None]]:
    """The ten bodies, and invented ones after them up to `count`."""
    fields = ["economic", "social", "special", "construction_env"]
    more = [
        (f"D{i:03d}", f"临江区第{i}执法主体", ("department", "street_town")[i % 2], fields[i % 4])
        for i in range(count - len(SUBJECTS))
    ]
    return [*SUBJECTS[:count], *more]


def case_id(subject: str, month: date, number: int) -> str:
    """The id of a case; `S02` numbers its own with a slash, which an address must not take for a step of a path."""
    return f"{subject}-C{month:%Y%m}{'/' if subject == 'S02' else '-'}{number:03d}"


def _evidence(
    subjects: list[tuple[str, str, str, str | None]], scale: int, seed: int
) -> tuple[pl.DataFrame, list[str]]:
    draw = random.Random(seed)
    rows: list[tuple[Any, ...]] = []
    cases: list[str] = []

    def add(indicator: str, variants: list[str], *rest: Any) -> None:
        rows.extend((indicator, variant, *rest) for variant in variants)

    for subject, _, _, _ in subjects:
        silent = subject == "S10"
        officers = {"S09": 3, "S08": 9, "S10": 5}.get(subject, 24)
        matters = 30
        diligence = 0.3 + 0.5 * draw.random()
        for m in months():
            stamp = datetime(m.year, m.month, 1)
            for i in range(matters):
                hit = not silent and draw.random() < diligence * 0.6
                kind = ("penalty", "inspection", "coercion")[i % 3]
                variants = ["all", kind, "broad"] + (["duty"] if i < 12 else [])
                when = stamp + timedelta(days=draw.randrange(27), minutes=draw.randrange(480, 1080)) if hit else None
                add("performance_rate", variants, subject, None, m, "matter", f"M{i:03d}",
                    "cases" if hit else None, f"{subject}-C202510-000" if hit else None, when,
                    "hit" if hit else "miss", float(hit), 1.0, None if hit else "NO_ACT")  # fmt: skip
            for i in range(officers):
                hit = not silent and draw.random() < diligence
                variants = ["all"] + (["frontline"] if i % 4 else []) + (["a_post"] if i % 2 else [])
                officer = f"{subject}-P{i:02d}"
                add("participation_rate", variants, subject, f"{subject}-A{i % 2}", m, "officer", officer,
                    "cases" if hit else None, f"{subject}-C202510-000" if hit else None, stamp if hit else None,
                    "hit" if hit else "miss", float(hit), 1.0, None if hit else "NO_ACT")  # fmt: skip
                add("acts_per_officer", [v for v in variants if v != "a_post"], subject, f"{subject}-A{i % 2}", m,
                    "officer", officer, None, None, None, "miss", 0.0, 1.0, None)  # fmt: skip
            for i in range(0 if silent else scale * draw.randrange(2, 12)):
                case = case_id(subject, m, i)
                cases.append(case)
                agency = f"{subject}-A{i % 2}"
                when = stamp + timedelta(days=draw.randrange(27), minutes=draw.randrange(480, 1080))
                watched = draw.random() < 0.3
                add("supervision_rate", ["cases", "acts"], subject, agency, m, "case", case, "cases", case, when,
                    "hit" if watched else "miss", float(watched), 1.0, None)  # fmt: skip
                add("acts_per_officer", ["frontline", "all"], subject, agency, m, "case", case, "cases", case, when,
                    "hit", 1.0, 0.0, None)  # fmt: skip
                chance = draw.random()
                unknown, ordered = (0.5, 0.55) if subject == "S07" else (0.01, 0.1)
                if chance < unknown:
                    state, reason = "undecidable", "UNKNOWN_SOURCE"
                elif chance < ordered:
                    state, reason = "excluded", "ORDERED"
                else:
                    state, reason = ("hit" if chance < 0.8 else "miss"), None
                inside = float(state in ("hit", "miss"))
                add("proactive_discovery_rate", ["cases"], subject, agency, m, "case", case, "cases", case, when,
                    state, float(state == "hit"), inside, reason)  # fmt: skip
    frame = pl.DataFrame(rows, schema=EVIDENCE_SCHEMA, orient="row")
    return frame.sort("indicator_id", "variant", "subject_id", "month", "unit_kind", "unit_id"), cases


def wilson(hits: float, units: float) -> tuple[float, float]:
    """The 95 % Wilson interval of a share."""
    z, p = 1.959963984540054, hits / units
    middle, half = p + z * z / (2 * units), z * math.sqrt(p * (1 - p) / units + z * z / (4 * units * units))
    scale = 1 + z * z / units
    return (middle - half) / scale, (middle + half) / scale


def poisson(acts: float, heads: float) -> tuple[float, float]:
    """Byar's approximation of the exact 95 % Poisson interval, per head."""
    z = 1.959963984540054
    low = acts * (1 - 1 / (9 * acts) - z / (3 * math.sqrt(acts))) ** 3 if acts else 0.0
    more = acts + 1
    return low / heads, more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3 / heads


def _status(numerator: float, denominator: float, undecidable: int) -> str:
    if denominator == 0:
        return "none"
    if denominator < 5:
        return "tiny"
    if undecidable > 0.05 * (denominator + undecidable):
        return "bounds"
    return "small" if denominator < 20 else "ok"


def _results(evidence: pl.DataFrame, subjects: list[tuple[str, str, str, str | None]]) -> pl.DataFrame:
    group_of = {s: f"{kind}:{field or 'none'}" for s, _, kind, field in subjects}
    spans = [("month", f"{m:%Y-%m}", [m]) for m in months()]
    spans += [(kind, MONTH, period_months(kind)) for kind in ("quarter", "ytd", "r12")]
    ranked = evidence.with_columns(rank=pl.col("state").replace_strict(RANK, return_dtype=pl.Int8))
    agency_of_unit = ["indicator_id", "variant", "subject_id", "agency_id", "unit_kind", "unit_id"]
    unit = [name for name in agency_of_unit if name != "agency_id"]
    rows: list[dict[str, Any]] = []
    for kind, period, span in spans:
        inside = ranked.filter(pl.col("month").is_in(span))
        for level, keys in (("agency", agency_of_unit), ("subject", unit), ("peer_group", unit), ("total", unit)):
            chosen = inside.drop_nulls("agency_id") if level == "agency" else inside
            units = chosen.group_by(keys).agg(
                pl.col("rank").min(), pl.col("numerator").max(), pl.col("denominator").max()
            )
            entity = {
                "agency": pl.col("agency_id") if level == "agency" else pl.lit("total"),
                "subject": pl.col("subject_id"),
                "peer_group": pl.col("subject_id").replace_strict(group_of),
                "total": pl.lit("total"),
            }[level]
            sums = units.group_by("indicator_id", "variant", entity.alias("entity_id")).agg(
                pl.col("numerator").sum(),
                pl.col("denominator").sum(),
                (pl.col("rank") == RANK["excluded"]).sum().alias("excluded"),
                (pl.col("rank") == RANK["undecidable"]).sum().alias("undecidable"),
            )
            found = {(r["indicator_id"], r["variant"], r["entity_id"]): r for r in sums.iter_rows(named=True)}
            entities = {
                "agency": sorted({r["entity_id"] for r in found.values()}),
                "subject": list(group_of),
                "peer_group": sorted(set(group_of.values())),
                "total": ["total"],
            }[level]
            for indicator in INDICATORS:
                for variant in indicator["variants"]:
                    for entity_id in entities:
                        r = found.get((indicator["id"], variant, entity_id))
                        if r is None and level == "agency":
                            continue
                        numerator, denominator = (r["numerator"], r["denominator"]) if r else (0.0, 0.0)
                        undecidable = int(r["undecidable"]) if r else 0
                        status = _status(numerator, denominator, undecidable)
                        interval: tuple[float | None, float | None] = (None, None)
                        if status == "bounds":
                            whole = denominator + undecidable
                            interval = numerator / whole, (numerator + undecidable) / whole
                        elif status in ("ok", "small"):
                            interval = (wilson if indicator["unit"] == "share" else poisson)(numerator, denominator)
                        rows.append(
                            {
                                "edition_id": MONTH,
                                "as_of": datetime(2026, 11, 5, 23, 59, 59),
                                "indicator_id": indicator["id"],
                                "variant": variant,
                                "level": level,
                                "entity_id": entity_id,
                                "period_kind": kind,
                                "period": period,
                                "numerator": numerator,
                                "denominator": denominator,
                                "excluded": int(r["excluded"]) if r else 0,
                                "undecidable": undecidable,
                                "value": None if status in ("tiny", "none") else numerator / denominator,
                                "lower": interval[0],
                                "upper": interval[1],
                                "status": status,
                                "reason": "NO_UNITS" if status == "none" else None,
                                "definition_version": "1.0",
                            }
                        )
    return pl.DataFrame(rows, infer_schema_length=None)


def _quality(subjects: list[tuple[str, str, str, str | None]]) -> pl.DataFrame:
    common = {
        "owner_zh": "数据管理员",
        "owner_en": "data steward",
        "remedy_zh": "核对台账后重新报送。",
        "remedy_en": "Check the ledger and send the rows again.",
    }
    named = [
        ("landed", "participations.officer_known", "participations", "officer_id", "warning",
         "参与人员在人员台账中", "Participants are in the officer ledger", {"S01": 3, "S08": 1}),
        ("landed", "cases.filed_before_decided", "cases", "decided_at", "error",
         "决定不早于立案", "No case is decided before it is filed", {}),
        ("publish", "results.value_finite", "results", "value", "error",
         "发布的数值有限", "Published values are finite", {}),
    ]  # fmt: skip
    rows = []
    for border, identifier, entity, field, severity, zh, en, failing in named:
        for subject in [None, *[s for s, _, _, _ in subjects]]:
            bad = sum(failing.values()) if subject is None else failing.get(subject, 0)
            rows.append(
                {
                    "border": border,
                    "expectation_id": identifier,
                    "entity": entity,
                    "field": field,
                    "severity": severity,
                    "label_zh": zh,
                    "label_en": en,
                    **common,
                    "subject_id": subject,
                    "evaluated": 400 if subject is None else 40,
                    "failing": bad,
                    "success": bad == 0,
                }
            )
    return pl.DataFrame(rows, schema_overrides={"subject_id": pl.String}, infer_schema_length=None)


def _records(folder: Path, cases: list[str]) -> None:
    folder.mkdir()
    count = len(cases)
    pl.DataFrame(
        {
            "case_id": cases,
            "document_no": [f"临江罚〔2026〕{i}号" for i in range(count)],
            "subject_id": [c.split("-")[0] for c in cases],
            "matter_id": [f"M{i % 30:03d}" for i in range(count)],
            "source": [("patrol", "hotline", "not_a_code")[i % 3] for i in range(count)],
            "party_name": [PERSONAL] * count,
            "filed_at": [datetime(2026, 10, 1 + i % 28, 9, 5) if i % 5 else None for i in range(count)],
            "penalty_types": ["fine;warning"] * count,
            "fine_amount": pl.Series([f"{1000 + i}.50" for i in range(count)]).cast(pl.Decimal(18, 2)),
            "major": [i % 7 == 0 for i in range(count)],
            "source_file": ["cases__2026-10.csv"] * count,
            "source_row": list(range(2, count + 2)),
        }
    ).write_parquet(folder / "cases.parquet")


def write_edition(folder: Path, *, subjects: int = 10, scale: int = 1, seed: int = 7) -> Path:
    """Write an edition of October 2026 into `folder/2026-10`; returns that path."""
    edition = folder / MONTH
    (edition / "evidence").mkdir(parents=True)
    (edition / "dimensions").mkdir()
    bodies = subjects_of(subjects)
    evidence, cases = _evidence(bodies, scale, seed)
    for indicator in INDICATORS:
        evidence.filter(pl.col("indicator_id") == indicator["id"]).write_parquet(
            edition / "evidence" / f"{indicator['id']}.parquet"
        )
    _results(evidence, bodies).write_parquet(edition / "results.parquet")
    _records(edition / "records", cases)
    _quality(bodies).write_parquet(edition / "quality.parquet")
    pl.DataFrame(
        {
            "entity": ["cases", None],
            "name": ["cases__2026-10.csv", "说明.docx"],
            "sha256": ["0" * 64, "1" * 64],
            "format": ["csv", None],
            "encoding": ["gb18030", None],
            "status": ["loaded", "refused"],
            "rows_read": [410, 0],
            "rows_loaded": [400, 0],
            "rows_quarantined": [10, 0],
            "rows_filtered": [0, 0],
            "extra_columns": [None, None],
            "reason": [None, "UNKNOWN_ENTITY"],
        }
    ).write_parquet(edition / "files.parquet")
    dimensions = edition / "dimensions"
    pl.DataFrame(
        [
            {
                "subject_id": s,
                "name": name,
                "kind": kind,
                "field": field,
                "peer_group_id": f"{kind}:{field or 'none'}",
                "area_code": None,
                "population": 30_000 + 10 * i,
                "area_km2": 12.5,
                "valid_from": date(2024, 1, 1),
                "valid_to": None,
            }
            for i, (s, name, kind, field) in enumerate(bodies)
        ],
        schema_overrides={"field": pl.String, "area_code": pl.String, "valid_to": pl.Date},
        infer_schema_length=None,
    ).write_parquet(dimensions / "subjects.parquet")
    pl.DataFrame(
        [
            {"agency_id": f"{s}-A{i}", "subject_id": s, "name": f"{name}执法{'一二'[i]}队", "workflow": "general"}
            for s, name, _, _ in bodies
            for i in range(2)
        ]
    ).write_parquet(dimensions / "agencies.parquet")
    pl.DataFrame(
        [
            {"matter_id": f"M{i:03d}", "name": f"对第{i}类违法行为的处理", "kind": "penalty", "domain": "市场监管"}
            for i in range(30)
        ]
    ).write_parquet(dimensions / "matters.parquet")
    groups: dict[tuple[str, str | None], int] = {}
    for _, _, kind, field in bodies:
        groups[kind, field] = groups.get((kind, field), 0) + 1
    pl.DataFrame(
        [
            {"peer_group_id": f"{kind}:{field or 'none'}", "kind": kind, "field": field, "subjects": n}
            for (kind, field), n in groups.items()
        ],
        schema_overrides={"field": pl.String},
    ).write_parquet(dimensions / "peer_groups.parquet")
    (edition / "indicators.json").write_text(json.dumps(INDICATORS, ensure_ascii=False), encoding="utf-8")
    manifest: dict[str, Any] = {
        "edition_id": MONTH,
        "month": MONTH,
        "as_of": "2026-11-05T23:59:59",
        "code_version": {"hengfa": "0.1.0", "dbt_project": "cd" * 8},
        "previous": None,
        "definitions": {i["id"]: i["version"] for i in INDICATORS},
        "inputs": [],
        "row_counts": {},
        "files": {},
        "content_sha256": "ab" * 32,
        "territory": {"zh": "临江区", "en": "Linjiang District"},
    }
    (edition / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return edition
