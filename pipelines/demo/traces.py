"""What acts leave behind: who took part, recordings, documents."""

import numpy as np
import polars as pl

from pipelines.demo import vocabulary as words
from pipelines.demo.clock import MINUTES_A_DAY, NONE, times
from pipelines.demo.identifiers import pick, running
from pipelines.demo.lateness import entered
from pipelines.demo.world import World

_KEYS = {"inspection": "inspection_id", "case": "case_id", "coercion": "coercion_id", "lead": "lead_id"}


def make_participations(world: World, acts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per officer and act; `_s`, `_a` and `_act` are those of the act."""
    parts: list[pl.DataFrame] = []
    for kind, frame in acts.items():
        source = frame
        lasting = pl.Series([False]), pl.Series([NONE])
        act = frame["_act"].to_numpy()
        entry = frame["_in"].to_numpy()
        if kind == "lead":
            source = frame.filter(pl.col("_visit") != NONE)
            act = source["_visit"].to_numpy()
            entry = source["_in1"].to_numpy()
        for place, column in enumerate(("_o1", "_o2", "_o3")):
            officer = source[column].to_numpy()
            rows = np.flatnonzero(officer >= 0)
            gone = "_gone" in source.columns
            parts.append(
                pl.DataFrame(
                    {
                        "activity_kind": pl.Series([kind]).new_from_index(0, len(rows)),
                        "activity_id": source[_KEYS[kind]].gather(rows),
                        "officer_id": pick(world.officers.ids, officer[rows]),
                        "role": pl.Series(["lead" if place == 0 else "assist"]).new_from_index(0, len(rows)),
                        "_s": source["_s"].gather(rows), "_a": source["_a"].gather(rows), "_o": officer[rows],
                        "_act": act[rows], "_in": entry[rows], "_place": np.full(len(rows), place),
                        "_gone": source["_gone"].gather(rows) if gone else lasting[0].new_from_index(0, len(rows)),
                        "_out": source["_out"].gather(rows) if gone else lasting[1].new_from_index(0, len(rows)),
                    }
                )
            )  # fmt: skip
    return pl.concat(parts)


class _Rows:
    """Collects pieces of recordings or documents: kind, act id, agency, a word, the minute."""

    def __init__(self, world: World, generator: np.random.Generator) -> None:
        self.world, self.generator = world, generator
        self.parts: list[pl.DataFrame] = []

    def add(
        self, kind: str, frame: pl.DataFrame, wanted: np.ndarray, word: str, minute: np.ndarray, *,
        medium: str = "text", lasts: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """Rows of `frame` that are wanted and whose minute is known and before the last export."""
        rows = np.flatnonzero(wanted & (minute != NONE) & (minute < self.world.arguments.cutoff - 10) & ~_gone(frame))
        at = minute[rows]
        count = len(rows)
        length = self.generator.integers(5, 40, count) if lasts is None else lasts[rows]
        self.parts.append(
            pl.DataFrame(
                {
                    "activity_kind": pl.Series([kind], dtype=pl.String).new_from_index(0, count),
                    "activity_id": frame[_KEYS[kind]].gather(rows),
                    "word": pl.Series([word], dtype=pl.String).new_from_index(0, count),
                    "medium": pl.Series([medium], dtype=pl.String).new_from_index(0, count),
                    "_a": frame["_a"].gather(rows),
                    "_s": frame["_s"].gather(rows),
                    "_at": pl.Series(at),
                    "_until": pl.Series(at + length),
                    "_act": pl.Series(at),
                    "_in": np.maximum(
                        entered(self.generator, at, self.world.arguments.cutoff), frame["_in"].to_numpy()[rows]
                    ),
                }
            )
        )

    def all(self) -> pl.DataFrame:
        return pl.concat(self.parts).sort("_at", maintain_order=True)


def _gone(frame: pl.DataFrame) -> np.ndarray:
    return frame["_gone"].to_numpy() if "_gone" in frame.columns else np.zeros(len(frame), dtype=bool)


def make_recordings(world: World, acts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Recordings by stage: nearly complete for ordinary cases, frequent for inspections, some for patrols."""
    generator = world.arguments.generator("recordings")
    rows = _Rows(world, generator)
    cases, inspections, coercions = acts["case"], acts["inspection"], acts["coercion"]
    count = len(cases)
    ordinary, real = ~cases["_simple"].to_numpy(), cases["_real"].to_numpy()
    begun, decided = cases["_act"].to_numpy(), cases["_decided"].to_numpy()
    # A body either records with care or does not: breaches gather in some bodies.
    care = np.clip(0.9 + 0.12 * generator.standard_normal(len(world.bodies.kind)), 0.5, 0.995)[cases["_s"].to_numpy()]
    reviewed = cases["_reviewed"].to_numpy()
    in_review = np.where(reviewed == NONE, np.maximum(decided - MINUTES_A_DAY, begun + 30), reviewed)
    stages = (
        ("start", "text", begun, ordinary), ("evidence", "audio_video", np.minimum(begun + 45, decided), ordinary),
        ("review", "text", in_review, ordinary & real), ("decision", "text", decided, ordinary & real),
        ("service", "audio_video", cases["_served"].to_numpy(), ordinary & real),
        ("execution", "text", cases["_executed"].to_numpy(), ordinary & real),
    )  # fmt: skip
    for stage, medium, minute, applies in stages:
        recorded = generator.random(count) < care**0.35
        rows.add("case", cases, applies & recorded, stage, minute, medium=medium)
        # What was not served has no record of its service; what was not executed needs none of its execution.
        missing = ordinary & real & np.where(minute == NONE, stage == "service", ~recorded)
        world.breaches.note("P23", "cases", cases["case_id"], missing & ~_gone(cases))
    simple = ~ordinary & (generator.random(count) < care)
    rows.add("case", cases, simple, "decision", decided, medium="audio_video")
    patrol = (inspections["mode"] == "patrol").to_numpy()
    minute, end = inspections["_act"].to_numpy(), inspections["_end"].to_numpy()
    wanted = generator.random(len(patrol)) < np.where(patrol, 0.34, 0.72)
    rows.add("inspection", inspections, wanted, "evidence", minute, medium="audio_video", lasts=end - minute)
    rows.add("inspection", inspections, ~patrol & (generator.random(len(patrol)) < 0.16), "start", minute)
    imposed = coercions["_act"].to_numpy()
    rows.add("coercion", coercions, generator.random(len(coercions)) < 0.82, "execution", imposed, medium="audio_video")
    found = rows.all()
    agency = found["_a"].to_numpy()
    # Some recorders of an agency lie in the cupboard: low places in the list are taken more often.
    place = (generator.random(len(found)) ** 2.2 * world.recorder_count[agency]).astype(np.int64)
    device = np.where((found["medium"] == "text").to_numpy(), NONE, world.recorder_start[agency] + place)
    return found.select(
        running("JL", np.arange(1, len(found) + 1), 9).alias("recording_id"),
        pick(world.devices["device_id"], device).alias("device_id"),
        "activity_kind",
        "activity_id",
        pl.col("word").alias("stage"),
        "medium",
        times("started_at", found["_at"].to_numpy()),
        times("ended_at", np.where((found["medium"] == "text").to_numpy(), NONE, found["_until"].to_numpy())),
        "_s",
        "_act",
        "_in",
    )


def make_documents(world: World, acts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The documents of each file, a few of them incomplete."""
    generator = world.arguments.generator("documents")
    rows = _Rows(world, generator)
    cases, inspections, coercions = acts["case"], acts["inspection"], acts["coercion"]
    count = len(cases)
    ordinary, real = ~cases["_simple"].to_numpy(), cases["_real"].to_numpy()
    begun, decided = cases["_act"].to_numpy(), cases["_decided"].to_numpy()
    column = {name: cases[name].to_numpy() for name in ("_notified", "_reviewed", "_served", "_closed")}
    moments = (
        begun, begun + 30, np.minimum(begun + 2 * MINUTES_A_DAY, decided), column["_notified"], column["_reviewed"],
        np.where(real, decided, NONE), column["_served"], column["_closed"],
    )  # fmt: skip
    for word, minute in zip(words.DOCUMENT_KINDS["case"], moments, strict=True):
        rows.add("case", cases, ordinary & (generator.random(count) < 0.985), word, minute)
    for word, minute in zip(words.DOCUMENT_KINDS["simple"], (decided, column["_served"]), strict=True):
        rows.add("case", cases, ~ordinary & (generator.random(count) < 0.985), word, minute)
    counted = (inspections["mode"] != "patrol").to_numpy()
    end = inspections["_end"].to_numpy()
    record, order = words.DOCUMENT_KINDS["inspection"]
    rows.add("inspection", inspections, counted & (generator.random(len(end)) < 0.86), record, end)
    rectify = (inspections["result"] == "rectify").fill_null(value=False).to_numpy()
    rows.add("inspection", inspections, rectify & (generator.random(len(end)) < 0.93), order, end)
    imposed, released = coercions["_act"].to_numpy(), coercions["_released"].to_numpy()
    for word, minute in zip(words.DOCUMENT_KINDS["coercion"], (imposed, imposed, released), strict=True):
        rows.add("coercion", coercions, generator.random(len(coercions)) < 0.97, word, minute)
    found = rows.all()
    whole = generator.random(len(found))
    lacking = (whole >= 0.96) & found["word"].str.contains("处罚决定书").to_numpy()
    world.breaches.note("P24", "cases", found["activity_id"], lacking)
    return found.select(
        running("WS", np.arange(1, len(found) + 1), 9).alias("document_id"),
        "activity_kind",
        "activity_id",
        pl.col("word").alias("kind"),
        times("issued_at", found["_at"].to_numpy()),
        pl.when(pl.Series(whole) < 0.006).then(None).otherwise(pl.Series(whole) < 0.96).alias("complete"),
        "_s",
        "_act",
        "_in",
    )
