"""Makes the world and writes it: the one public function of the demo."""

import re
from pathlib import Path

import numpy as np
import polars as pl

from pipelines import log
from pipelines.contract.loader import ENTITY_ORDER, load_contracts
from pipelines.demo import arguments as sizes
from pipelines.demo.arguments import DemoArguments
from pipelines.demo.bodies import make_bodies, make_devices, make_officers
from pipelines.demo.cases import Cases, make_cases
from pipelines.demo.clock import MINUTES_A_DAY, NONE, WorkingDays
from pipelines.demo.defects import Planter, counts
from pipelines.demo.export import Export
from pipelines.demo.field_acts import FieldActs, make_plans, withdrawn_beside
from pipelines.demo.identifiers import pick
from pipelines.demo.law_book import make_law_book, make_powers
from pipelines.demo.objects import make_objects
from pipelines.demo.oversight import make_assistance_requests, make_disputes, make_supervisions
from pipelines.demo.signal_plan import SignalPlan, make_signal_plan
from pipelines.demo.signals import enter_in_batches, lend_a_name
from pipelines.demo.traces import make_documents, make_participations, make_recordings
from pipelines.demo.truth import DemoSummary, is_earlier_demo, mark_unfinished, write_truth
from pipelines.demo.versions import exported, withdrawn_at
from pipelines.demo.volumes import make_volumes
from pipelines.demo.world import World
from pipelines.errors import UsageError

_CASE_GATES = {
    "reviewed_at": "_reviewed", "notified_at": "_notified", "hearing_requested_at": "_asked", "hearing_at": "_hearing",
    "document_no": "_decided", "decided_at": "_decided", "decision": "_decided", "penalty_types": "_decided",
    "fine_amount": "_decided", "confiscated_amount": "_decided", "discretion": "_decided",
    "discretion_ground": "_decided",
    "review_required": "_decided", "major": "_decided", "served_at": "_served", "executed_at": "_executed",
    "closed_at": "_closed", "published_at": "_published", "revoked_at": "_revoked",
}  # fmt: skip
_LEAD_GATES = {
    "accepted_at": "_accepted", "first_visit_at": "_visit", "closed_at": "_closed", "disposition": "_closed",
    "case_id": "_end",
}  # fmt: skip


def write_demo(
    out: Path,
    *,
    seed: int = 20260101,
    scale: float = 1.0,
    first_month: str = "2024-01",
    last_month: str = "2026-10",
    defect_rate: float = 0.01,
    force: bool = False,
) -> DemoSummary:
    """Write a district's exports and `truth.json` into `out`; the same arguments give the same bytes.

    `scale` 1.0 over 34 months is Binhai by mid-2019: 110 bodies, 252 agencies, 2,500 officers, 531,955 records,
    8,740 of them penalty cases. `defect_rate` is the share of the records that planted defects amount to.
    Raises UsageError for arguments that cannot be used, and where `out` holds anything but an earlier demo
    (unless `force`); an earlier demo is replaced.
    """
    asked = DemoArguments(seed, scale, first_month, last_month, defect_rate)
    _prepare(out, force=force)
    world, plan = make_world(asked)
    log.event("demo.world", scale=scale, months=len(asked.months))
    records = asked.scaled(sizes.RECORDS)
    wanted = counts(defect_rate, records)
    duplicates = sum(n for k, n in wanted.items() if k.kind == "duplicate_act")
    frames = make_activity(world, plan, records, duplicates)
    planter = Planter(world, wanted, _keep_clear(plan, frames))
    frames = planter.plant(frames)
    export = Export(out, world, wanted, planter.planted)
    _write(world, export, frames)
    headline = _headline(world, frames)
    summary = write_truth(out, world, plan, export, headline, frames)
    log.event("demo.written", files=summary.files, rows=summary.rows)
    return summary


def make_world(asked: DemoArguments) -> tuple[World, SignalPlan]:
    """The ledgers, and what will be planted."""
    bodies = make_bodies(asked)
    working = WorkingDays(asked.first_day - 1000, asked.last_day + 700)
    plan = make_signal_plan(asked, bodies)
    officers = make_officers(asked, bodies)
    devices, recorder_start, recorder_count = make_devices(asked, bodies, officers)
    book = make_law_book(asked)
    world = World(
        asked, load_contracts(), working, bodies, officers, devices, recorder_start, recorder_count, book,
        make_powers(asked, bodies, book), make_objects(asked, len(bodies.streets)),
        make_volumes(asked, bodies, working, plan),
    )  # fmt: skip
    return world, plan


def make_activity(world: World, plan: SignalPlan, records: int, duplicates: int) -> dict[str, pl.DataFrame]:
    """All activity without defects: `records` records of enforcement, less the duplicates to be planted."""
    asked = world.arguments
    numbers = {
        n: asked.scaled(r)
        for n, r in (
            ("cases", sizes.CASES),
            ("inspections", sizes.INSPECTIONS),
            ("leads", sizes.LEADS),
            ("coercions", sizes.COERCIONS),
        )
    }
    patrols = records - sum(numbers.values())
    cases = make_cases(world, plan, numbers["cases"], withdrawn_beside(numbers["cases"]))
    field = FieldActs(
        world, cases, numbers["inspections"] - duplicates, patrols, numbers["leads"], numbers["coercions"]
    )
    inspections = enter_in_batches(world, plan, field.inspections)
    plans, inspections = make_plans(world, inspections)
    leads = _with_out(world, "leads", field.leads)
    inspections = _with_out(world, "inspections", inspections)
    case_frame = _with_out(world, "cases", _with_leads(cases.frame, leads))
    coercions = _with_cases(world, field.coercions, cases)
    acts = {"inspection": inspections, "case": case_frame, "coercion": coercions, "lead": leads}
    participations = lend_a_name(world, plan, inspections, make_participations(world, acts))
    supervisions, faults = make_supervisions(world, case_frame, inspections)
    return {
        "leads": leads,
        "inspection_plans": plans,
        "inspections": inspections,
        "cases": case_frame,
        "coercions": coercions,
        "participations": participations,
        "recordings": make_recordings(world, acts),
        "documents": make_documents(world, acts),
        "supervisions": supervisions,
        "review_faults": faults,
        "disputes": make_disputes(world, cases),
        "assistance_requests": make_assistance_requests(world),
    }


def _prepare(out: Path, *, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file. Name a folder for the demo.")
    if out.is_dir() and any(out.iterdir()):
        if is_earlier_demo(out):
            ours = re.compile(rf"({'|'.join(ENTITY_ORDER)})(__[^/]*)?\.(csv|csv\.gz|xlsx|parquet|jsonl)")
            for path in sorted(out.iterdir()):
                if path.is_file() and ours.fullmatch(path.name):
                    path.unlink()
        elif not force:
            raise UsageError(f"{out}: is not empty and holds no earlier demo. Name an empty folder, or use --force.")
    out.mkdir(parents=True, exist_ok=True)
    mark_unfinished(out)


def _with_out(world: World, entity: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `_out`, when a record entered by mistake was withdrawn."""
    generator = world.arguments.generator(f"withdrawn {entity}")
    out = withdrawn_at(generator, world.arguments, frame["_in"].to_numpy())
    return frame.with_columns(pl.Series("_out", np.where(frame["_gone"].to_numpy(), out, NONE)))


def _with_leads(cases: pl.DataFrame, leads: pl.DataFrame) -> pl.DataFrame:
    rows = leads["_case"].to_numpy()
    named = np.flatnonzero(rows != NONE)
    lead_of = np.full(len(cases), NONE, dtype=np.int64)
    lead_of[rows[named]] = named
    return cases.with_columns(pick(leads["lead_id"], lead_of).alias("lead_id"))


def _with_cases(world: World, coercions: pl.DataFrame, cases: Cases) -> pl.DataFrame:
    """Names the ordinary case of the same body that began within a week, for half of the measures that have one."""
    generator = world.arguments.generator("coercion cases")
    usable = np.flatnonzero(cases.ordinary & ~cases.gone)
    if not len(usable) or not len(coercions):
        return coercions
    key = cases.subject[usable] * 1_000_000 + cases.start_day[usable]
    order = np.argsort(key, kind="stable")
    wanted = coercions["_s"].to_numpy() * 1_000_000 + coercions["_act"].to_numpy() // MINUTES_A_DAY
    place = np.clip(np.searchsorted(key[order], wanted), 0, len(order) - 1)
    near = np.abs(key[order][place] - wanted) <= 7
    row = np.where(near & (generator.random(len(wanted)) < 0.5), usable[order][place], NONE)
    entry = np.where(
        row == NONE, coercions["_in"].to_numpy(), np.maximum(coercions["_in"].to_numpy(), cases.entered[row])
    )
    return coercions.with_columns(pick(cases.ids, row).alias("case_id"), pl.Series("_in", entry))


def _keep_clear(plan: SignalPlan, frames: dict[str, pl.DataFrame]) -> dict[str, set[str]]:
    """Records that carry a signal stay free of defects, so that each can be judged by itself."""
    clear: dict[str, set[str]] = {}
    for found in plan.records.values():
        for entity, ids in found.items():
            clear.setdefault(entity, set()).update(ids)
    both = clear.get("inspections", set()) | clear.get("cases", set())
    return {**clear, "participations": both, "recordings": both}


def _write(world: World, export: Export, frames: dict[str, pl.DataFrame]) -> None:
    asked = world.arguments
    for entity, ledger in (
        ("subjects", world.bodies.subjects), ("agencies", world.bodies.agencies), ("officers", world.officers.ledger),
        ("devices", world.devices), ("laws", world.book.laws), ("articles", world.book.articles),
        ("matters", world.book.matters), ("powers", world.powers.ledger),
    ):  # fmt: skip
        export.ledger(entity, ledger)
    planted = {
        entity: {k[0] for kind, keys in export.planted.keys.items() if kind.entity == entity for k in keys}
        for entity in ("leads", "inspections", "cases")
    }
    coercions = _later(frames["coercions"], "_in1", "_released", asked)
    frames = {**frames, "coercions": coercions}
    states: dict[str, tuple[list[tuple[str, str]], dict[str, str]]] = {
        "leads": ([("_in", "_act"), ("_in1", "_visit"), ("_end", "_closed")], _LEAD_GATES),
        "cases": (
            [("_in", "_act"), ("_in1", "_decided"), ("_in2", "_published"), ("_in3", "_closed"), ("_in4", "_revoked")],
            _CASE_GATES,
        ),
        "coercions": (
            [("_in", "_act"), ("_in1", "_released")],
            {"approved_at": "_approved", "extended_at": "_extended", "released_at": "_released"},
        ),
        "supervisions": ([("_in", "_act"), ("_in1", "_mended")], {"rectified_on": "_mended"}),
        "disputes": (
            [("_in", "_act"), ("_in1", "_concluded")],
            {"concluded_on": "_concluded", "outcome": "_concluded"},
        ),
        "assistance_requests": ([("_in", "_act"), ("_in1", "_reply")], {"replied_at": "_reply", "outcome": "_reply"}),
    }  # fmt: skip
    wrong = {
        "inspections": {"result": pl.lit("pass"), "problems": pl.lit(0, dtype=pl.Int64)},
        "cases": {
            "discretion_ground": pl.lit(None, dtype=pl.String),
            "served_at": pl.lit(None, dtype=pl.Datetime("us")),
        },
        "leads": {"area_code": pl.lit(None, dtype=pl.String)},
    }
    open_code = {"leads": "disposition", "assistance_requests": "outcome"}
    for entity, frame in frames.items():
        steps, gates = states.get(entity, ([("_in", "_act")], {}))
        corrected = corrected_at = None
        if entity in wrong:
            corrected, corrected_at = _corrections(world, entity, frame, [s for s, _ in steps], planted[entity])
        versions = exported(
            world.volumes, frame, steps, gates, corrected=corrected, corrected_at=corrected_at, wrong=wrong.get(entity)
        )
        if entity in open_code:
            versions = versions.with_columns(pl.col(open_code[entity]).fill_null("pending"))
        alive = int((~frame["_gone"]).sum()) if "_gone" in frame.columns else len(frame)
        export.activity(entity, versions, alive)
        log.event("demo.entity", entity=entity, rows=len(versions))


def _later(frame: pl.DataFrame, name: str, event: str, asked: DemoArguments) -> pl.DataFrame:
    """Adds the entry of a later event: half an hour after it, never before the first entry."""
    at = frame[event].to_numpy()
    return frame.with_columns(pl.Series(name, np.where(at == NONE, NONE, np.maximum(at + 30, frame["_in"].to_numpy()))))


def _corrections(
    world: World, entity: str, frame: pl.DataFrame, entries: list[str], planted: set[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Which records were first sent wrongly, and when each was put right (before the last export)."""
    generator = world.arguments.generator(f"corrections {entity}")
    cutoff = world.arguments.cutoff
    share = {"inspections": 0.03, "cases": 0.02, "leads": 0.004}[entity]
    usable = generator.random(len(frame)) < share
    if entity == "inspections":
        usable &= (frame["problems"] > 0).to_numpy()
    if entity == "cases":
        usable &= (frame["_served"] != NONE).to_numpy()
    usable &= ~frame["_gone"].to_numpy()
    key = world.contracts.entities[entity].key[0]
    if planted:
        usable &= ~frame[key].is_in(pl.Series(sorted(planted)).implode()).to_numpy()
    known = np.maximum.reduce([np.where(frame[e].to_numpy() <= cutoff, frame[e].to_numpy(), NONE) for e in entries])
    at = known + generator.integers(3, 40, len(frame)) * MINUTES_A_DAY
    return usable & (at <= cutoff), at


def _headline(world: World, frames: dict[str, pl.DataFrame]) -> dict[str, int]:
    def alive(entity: str) -> pl.DataFrame:
        frame = frames[entity]
        return frame.filter(~pl.col("_gone")) if "_gone" in frame.columns else frame

    inspections = alive("inspections")
    patrols = int((inspections["mode"] == "patrol").sum())
    numbers = {
        "subjects": len(world.bodies.subjects),
        "agencies": len(world.bodies.agencies),
        "officers": len(world.officers.ids),
        "penalty_cases": len(alive("cases")),
        "inspections": len(inspections) - patrols,
        "patrols": patrols,
        "leads": len(alive("leads")),
        "coercions": len(alive("coercions")),
    }
    records = sum(numbers[n] for n in ("penalty_cases", "inspections", "patrols", "leads", "coercions"))
    return {**numbers, "enforcement_records": records}
