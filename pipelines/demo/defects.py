"""Planted defects: what the loader must quarantine and what the audit must find.

`BREAKING` kinds are extra rows: a source sent a broken copy beside the good row, so the good world is whole once they
are in quarantine. `CONTRADICTING` kinds change records in place (a duplicate is one more record); such rows load.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.demo.clock import MINUTES_A_DAY, NONE, times
from pipelines.demo.identifiers import pick, wrong_check
from pipelines.demo.world import World


@dataclass(frozen=True)
class DefectKind:
    """One kind of defect in one entity; `share` of all planted defects; `value` what a broken cell holds."""

    kind: str
    entity: str
    field: str
    share: float
    value: str = ""


BREAKING = (
    DefectKind("unreadable_date", "inspections", "started_at", 0.07, "2025-02-30 10:61"),
    DefectKind("unreadable_date", "cases", "decided_at", 0.01, "待补录"),
    DefectKind("unknown_code", "inspections", "mode", 0.06, "其他方式"),
    DefectKind("unknown_code", "leads", "source", 0.03, "网络渠道"),
    DefectKind("negative_amount", "cases", "fine_amount", 0.015, "-500.00"),
    DefectKind("missing_key", "inspections", "inspection_id", 0.04),
    DefectKind("missing_key", "participations", "officer_id", 0.05),
    DefectKind("missing_required", "leads", "subject_id", 0.02),
    DefectKind("text_too_long", "inspections", "object_name", 0.03, "有限公司" * 60),
    DefectKind("text_too_long", "cases", "document_no", 0.01, "津滨罚字" * 60),
    DefectKind("out_of_range", "inspections", "latitude", 0.03, "117.688"),
    DefectKind("unknown_code", "recordings", "stage", 0.02, "归档"),
)

CONTRADICTING = (
    DefectKind("officer_unknown", "participations", "officer_id", 0.08),
    DefectKind("certificate_ended", "participations", "officer_id", 0.03),
    DefectKind("activity_unknown", "recordings", "activity_id", 0.03),
    DefectKind("matter_unknown", "inspections", "matter_id", 0.04),
    DefectKind("matter_unknown", "cases", "matter_id", 0.008),
    DefectKind("agency_unknown", "inspections", "agency_id", 0.04),
    DefectKind("act_without_power", "inspections", "matter_id", 0.06),
    DefectKind("act_without_power", "cases", "matter_id", 0.01),
    DefectKind("duplicate_act", "inspections", "inspection_id", 0.07),
    DefectKind("credit_code_check", "inspections", "object_id", 0.08),
    DefectKind("coordinates_outside", "inspections", "longitude", 0.05),
    DefectKind("submitted_before_act", "inspections", "submitted_at", 0.04),
    DefectKind("lead_unknown", "cases", "lead_id", 0.01),
    DefectKind("decided_before_filed", "cases", "decided_at", 0.01),
    DefectKind("amount_slip", "cases", "fine_amount", 0.01),
    DefectKind("case_unknown", "leads", "case_id", 0.02),
)


@dataclass
class Planted:
    """What was planted: keys of the contradicting records; file and row of the breaking ones, filled on writing."""

    keys: dict[DefectKind, list[tuple[str, ...]]] = field(default_factory=dict)
    places: dict[DefectKind, list[tuple[str, int]]] = field(default_factory=dict)


def counts(rate: float, records: int) -> dict[DefectKind, int]:
    """How many of each kind: shares of `rate` × `records`; at least one of each where the rate is not 0."""
    total = rate * records
    return {kind: max(1, round(total * kind.share)) if rate > 0 else 0 for kind in (*BREAKING, *CONTRADICTING)}


class Planter:
    """Plants contradicting defects in the frames of one world, never two in one record."""

    def __init__(self, world: World, wanted: dict[DefectKind, int], keep_clear: dict[str, set[str]]) -> None:
        """Plant as many of each kind as `wanted`, in none of the records that `keep_clear` names by entity."""
        self._generator = world.arguments.generator("defects")
        self._world, self._wanted = world, wanted
        self._clear = keep_clear
        self._taken: dict[str, set[int]] = {}
        self.planted = Planted()

    def _choose(self, entity: str, kind: DefectKind, usable: np.ndarray, key: pl.Series) -> np.ndarray:
        """Rows for this kind; fewer than wanted where a small world has too few that are usable."""
        taken = self._taken.setdefault(entity, set())
        rows = np.setdiff1d(np.flatnonzero(usable), np.array(sorted(taken), dtype=np.int64))
        clear = self._clear.get(entity)
        if clear:
            rows = rows[~key.gather(rows).is_in(pl.Series(sorted(clear), dtype=pl.String).implode()).to_numpy()]
        many = min(self._wanted[kind], max(1, len(rows) // 4), len(rows))
        chosen = np.sort(self._generator.choice(rows, many, replace=False)) if many else rows[:0]
        taken.update(chosen.tolist())
        return chosen

    def plant(self, frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """The frames with the defects in them; `planted` then holds their keys."""
        frames = dict(frames)
        for kind in CONTRADICTING:
            if not self._wanted[kind]:
                continue
            frame = frames[kind.entity]
            key_fields = self._world.contracts.entities[kind.entity].key
            usable, change = _WAYS[kind.kind](self, kind, frame, frames)
            if "_gone" in frame.columns:
                usable = usable & ~frame["_gone"].to_numpy()
            record = "activity_id" if kind.entity in ("participations", "recordings") else key_fields[0]
            rows = self._choose(kind.entity, kind, usable, frame[record])
            after = change(rows)
            frames[kind.entity] = after
            shown = rows if len(after) == len(frame) else np.arange(len(frame), len(after))
            self.planted.keys[kind] = list(after.select(pl.col(k).gather(shown) for k in key_fields).rows())
        return frames

    # Each way gives a mask of usable rows and a function that makes the changed frame from the chosen rows.

    def _replaced(self, frame: pl.DataFrame, column: str, rows: np.ndarray, values: pl.Series) -> pl.DataFrame:
        place = np.full(len(frame), NONE, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        if not len(rows):
            return frame
        new = pick(values, place)
        mask = pl.Series(place >= 0)
        return frame.with_columns(pl.when(mask).then(new).otherwise(pl.col(column)).alias(column))

    def unknown_reference(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """A code that no ledger has: the right one with a mark that the numbering never gives."""

        def change(rows: np.ndarray) -> pl.DataFrame:
            values = [f"{v[:-3]}X{n % 100:02d}" for n, v in enumerate(frame[kind.field].gather(rows).to_list())]
            return self._replaced(frame, kind.field, rows, pl.Series(values, dtype=pl.String))

        return frame[kind.field].is_not_null().to_numpy(), change

    def certificate_ended(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """An officer still on post but without a valid certificate stands in for the assistant."""
        substitute = np.full(len(frame), -1, dtype=np.int64)
        agency, day = frame["_a"].to_numpy(), frame["_act"].to_numpy() // MINUTES_A_DAY
        assists = (frame["_place"] == 1).to_numpy()
        for officer, where, since, until in self._world.officers.lapsed:
            rows = assists & (agency == where) & (day >= since) & (day <= until)
            substitute[rows & (substitute < 0)] = officer

        def change(rows: np.ndarray) -> pl.DataFrame:
            return self._replaced(frame, "officer_id", rows, pick(self._world.officers.ids, substitute[rows]))

        return substitute >= 0, change

    def without_power(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """A matter of the right kind that was never on the subject's list."""
        world = self._world
        sort = "inspection" if kind.entity == "inspections" else "penalty"
        matters = np.flatnonzero(world.book.kind == sort)
        held = set(zip(world.powers.subject.tolist(), world.powers.matter.tolist(), strict=True))

        def change(rows: np.ndarray) -> pl.DataFrame:
            values = []
            for s in frame["_s"].gather(rows).to_list():
                free = [m for m in matters.tolist() if (s, m) not in held]
                values.append(world.book.ids[free[int(self._generator.integers(len(free)))]])
            return self._replaced(frame, "matter_id", rows, pl.Series(values, dtype=pl.String))

        usable = frame["matter_id"].is_not_null().to_numpy()
        return usable & (self._simple_inspection(frame) if sort == "inspection" else True), change

    @staticmethod
    def _simple_inspection(frame: pl.DataFrame) -> np.ndarray:
        return (frame["plan_id"].is_null() & (frame["mode"] != "patrol")).to_numpy()

    def duplicate(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """The same inspection again under another number, entered some minutes later."""

        def change(rows: np.ndarray) -> pl.DataFrame:
            numbers = pl.Series(len(frame) + 1 + np.arange(len(rows))).cast(pl.String).str.zfill(7)
            cutoff = self._world.arguments.cutoff
            copies = frame[rows].with_columns(
                (pl.col("inspection_id").str.head(8) + numbers).alias("inspection_id"),
                pl.min_horizontal(pl.col("_in") + 7, pl.lit(cutoff, dtype=pl.Int64)).alias("_in"),
                pl.lit(-1, dtype=pl.Int64).alias("_o1"),
            )
            return pl.concat([frame, copies.select(frame.columns)])

        usable = self._simple_inspection(frame) & frame["object_id"].is_not_null().to_numpy()
        return usable, change

    def credit_code(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """A unified social credit code with a wrong check character."""

        def change(rows: np.ndarray) -> pl.DataFrame:
            values = [wrong_check(v) for v in frame["object_id"].gather(rows).to_list()]
            return self._replaced(frame, "object_id", rows, pl.Series(values, dtype=pl.String))

        return (frame["object_id"].is_not_null() & frame["plan_id"].is_null()).to_numpy(), change

    def outside(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """Coordinates two degrees west of the territory."""

        def change(rows: np.ndarray) -> pl.DataFrame:
            return self._replaced(frame, "longitude", rows, (frame["longitude"].gather(rows) - 2.0).round(6))

        return frame["longitude"].is_not_null().to_numpy(), change

    def submitted_early(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """Entered a day and a half before it happened."""

        def change(rows: np.ndarray) -> pl.DataFrame:
            return self._replaced(frame, "_in", rows, frame["_act"].gather(rows) - 36 * 60)

        first = self._world.arguments.first_day * MINUTES_A_DAY + 2 * MINUTES_A_DAY
        # A body with silent months enters late whatever happens.
        late = np.asarray(self._world.volumes.silent.any(axis=1))
        steady = ~late[frame["_s"].to_numpy()]
        return (frame["_act"] > first).to_numpy() & steady & self._simple_inspection(frame), change

    def decided_early(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """A decision some days before the case was filed."""

        def change(rows: np.ndarray) -> pl.DataFrame:
            early = frame["_act"].gather(rows).to_numpy() - self._generator.integers(2, 9, len(rows)) * MINUTES_A_DAY
            # The column `_decided` keeps the order of versions; only what is written changes.
            return self._replaced(frame, "decided_at", rows, times("t", early))

        known = frame["filed_at"].is_not_null() & (frame["_in1"] <= self._world.arguments.cutoff)
        return (known & ~frame["_simple"]).to_numpy(), change

    def slip(
        self, kind: DefectKind, frame: pl.DataFrame, frames: dict[str, pl.DataFrame]
    ) -> tuple[np.ndarray, Callable[[np.ndarray], pl.DataFrame]]:
        """A fine in units of 10,000 yuan put where yuan belong."""

        def change(rows: np.ndarray) -> pl.DataFrame:
            return self._replaced(frame, "fine_amount", rows, frame["fine_amount"].gather(rows) / 10_000)

        known = (frame["fine_amount"].fill_null(0.0) >= 1000) & (frame["_in1"] <= self._world.arguments.cutoff)
        return known.to_numpy(), change


_WAYS = {
    "officer_unknown": Planter.unknown_reference,
    "matter_unknown": Planter.unknown_reference,
    "agency_unknown": Planter.unknown_reference,
    "activity_unknown": Planter.unknown_reference,
    "lead_unknown": Planter.unknown_reference,
    "case_unknown": Planter.unknown_reference,
    "certificate_ended": Planter.certificate_ended,
    "act_without_power": Planter.without_power,
    "duplicate_act": Planter.duplicate,
    "credit_code_check": Planter.credit_code,
    "coordinates_outside": Planter.outside,
    "submitted_before_act": Planter.submitted_early,
    "decided_before_filed": Planter.decided_early,
    "amount_slip": Planter.slip,
}
