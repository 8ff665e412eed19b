"""truth.json: what was asked for, what was written, and what is planted where. It holds no personal data."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipelines.demo.arguments import DemoArguments
from pipelines.demo.clock import MINUTES_A_DAY, to_date
from pipelines.demo.defects import BREAKING, CONTRADICTING
from pipelines.demo.export import Export
from pipelines.demo.signal_plan import QUOTA_FINE, SignalPlan
from pipelines.demo.vocabulary import IDLE_STREETS
from pipelines.demo.world import World

FILE = "truth.json"
MARK = "hengfa demo"


@dataclass(frozen=True)
class DemoSummary:
    """What `write_demo` made: files, rows in them, records alive by entity, planted defects and signals."""

    out: Path
    files: int
    rows: int
    headline: dict[str, int]
    alive: dict[str, int]
    defects: int
    signals: tuple[str, ...]


def is_earlier_demo(folder: Path) -> bool:
    """Whether `folder` holds a demo made before."""
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("made_by") == MARK


def mark_unfinished(folder: Path) -> None:
    """Say that a demo is being written, so that one that was interrupted may be replaced."""
    (folder / FILE).write_text(json.dumps({"made_by": MARK, "complete": False}) + "\n", encoding="utf-8")


def write_truth(
    folder: Path,
    world: World,
    plan: SignalPlan,
    export: Export,
    headline: dict[str, int],
    frames: dict[str, pl.DataFrame],
) -> DemoSummary:
    """Write the file and return its summary."""
    arguments = world.arguments
    defects = _defects(world, export)
    breaches = [
        {"rule": rule, "entity": entity, "count": len(ids), "records": ids}
        for rule, entity, ids in world.breaches.listed()
    ]
    signals = _signals(world, plan, frames)
    entities = {
        entity: {
            "keys_alive": alive,
            "rows": sum(f.rows for f in export.files if f.entity == entity),
            "rows_to_quarantine": sum(f.broken for f in export.files if f.entity == entity),
            "files": sum(f.entity == entity for f in export.files),
        }
        for entity, alive in export.alive.items()
    }
    content = {
        "made_by": MARK,
        "complete": True,
        "arguments": _arguments(arguments),
        "headline": headline,
        "entities": entities,
        "files": [vars(f) for f in export.files],
        "defects": defects,
        "signals": signals,
        "breaches": breaches,
        "unfinished": _unfinished(world, frames),
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
    rows = sum(f.rows for f in export.files)
    planted = sum(d["count"] for d in defects)
    return DemoSummary(
        folder, len(export.files), rows, headline, dict(export.alive), planted, tuple(s["kind"] for s in signals)
    )


def _arguments(arguments: DemoArguments) -> dict[str, Any]:
    return {
        "seed": arguments.seed,
        "scale": arguments.scale,
        "from": arguments.first_month,
        "to": arguments.last_month,
        "defects": arguments.defect_rate,
    }


def _defects(world: World, export: Export) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for kind in BREAKING:
        places = sorted(export.planted.places.get(kind, []))
        found.append(
            {
                "kind": kind.kind, "group": "quarantine", "entity": kind.entity, "field": kind.field,
                "count": len(places),
                "records": [{"places": [[file, row]]} for file, row in places],
            }
        )  # fmt: skip
    for kind in CONTRADICTING:
        keys = export.planted.keys.get(kind, [])
        names = world.contracts.entities[kind.entity].key
        where = export.places.get(kind.entity, {})
        found.append(
            {
                "kind": kind.kind, "group": "audit", "entity": kind.entity, "field": kind.field, "count": len(keys),
                "records": [
                    {"key": dict(zip(names, key, strict=True)), "places": [list(p) for p in where.get(key, [])]}
                    for key in keys
                ],
            }
        )  # fmt: skip
    return found


def _unfinished(world: World, frames: dict[str, pl.DataFrame]) -> dict[str, list[str]]:
    """Records of which something is entered only after the last export: what they lack there was not left undone."""
    stages = {
        "cases": ("_in", "_in1", "_in2", "_in3"),
        "leads": ("_in", "_in1", "_end"),
        "coercions": ("_in", "_released"),
    }
    found = {}
    for entity, columns in stages.items():
        frame = frames[entity]
        latest = np.maximum.reduce([frame[column].to_numpy() for column in columns])
        # A measure's release is entered half an hour after it.
        known = world.volumes.awake(frame["_s"].to_numpy(), latest + 30)
        key = world.contracts.entities[entity].key[0]
        found[entity] = frame[key].filter(pl.Series(known > world.arguments.cutoff)).to_list()
    return found


def _signals(world: World, plan: SignalPlan, frames: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
    months, ids = world.arguments.months, world.bodies.subjects["subject_id"].to_list()

    def planned(kind: str, subjects: Any, when: Any, **more: Any) -> dict[str, Any]:
        return {
            "kind": kind,
            "subject_ids": [ids[int(s)] for s in subjects],
            "months": [months[int(m)] for m in when],
            "records": {entity: sorted(set(found)) for entity, found in plan.records.get(kind, {}).items() if found},
            **more,
        }

    def found(kind: str) -> dict[str, Any]:
        """A signal whose subjects and months are those of its records."""
        own = planned(kind, [], [])
        subjects, when = set(), set()
        for entity, keys in own["records"].items():
            key = world.contracts.entities[entity].key[0]
            rows = frames[entity].filter(pl.col(key).is_in(pl.Series(keys).implode()))
            subjects |= set(rows["subject_id"].to_list())
            when |= {to_date(m // MINUTES_A_DAY).isoformat()[:7] for m in rows["_act"].to_list()}
        more = {"groups": plan.groups[kind]} if kind in plan.groups else {}
        return {**own, "subject_ids": sorted(subjects), "months": sorted(when), **more}

    matter = world.book.ids[world.book.quota]
    signals = [
        planned("quota_uniformity", plan.quota_subjects, plan.quota_months, matter_id=matter, fine=list(QUOTA_FINE)),
        planned("month_end_batch", [plan.batch_subject], plan.batch_months),
        found("split_cases"),
        found("two_places_at_once"),
        found("filed_then_withdrawn"),
        planned("silent_months", [plan.silent_subject], plan.silent_months),
    ]
    for s in IDLE_STREETS:
        quiet = np.flatnonzero(world.volumes.silent[s])
        signals.append(planned("silent_months_of_idle_body", [s], quiet))
    return [s for s in signals if s["records"] or (s["kind"].startswith("silent") and s["months"])]
