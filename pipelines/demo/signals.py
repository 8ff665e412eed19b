"""The signals that need acts of several kinds at once: month-end batches, one officer in two places."""

import numpy as np
import polars as pl

from pipelines.demo.cases import batch_entry
from pipelines.demo.clock import MINUTES_A_DAY
from pipelines.demo.signal_plan import SignalPlan
from pipelines.demo.world import World


def enter_in_batches(world: World, plan: SignalPlan, inspections: pl.DataFrame) -> pl.DataFrame:
    """The inspections of one body, all typed in late on the last working day of the month."""
    generator = world.arguments.generator("batch")
    acted = inspections["_end"].to_numpy()
    month = np.searchsorted(world.arguments.month_starts, acted // MINUTES_A_DAY, side="right") - 1
    month = np.minimum(month, len(world.arguments.months) - 1)
    rows = (inspections["_s"].to_numpy() == plan.batch_subject) & np.isin(month, plan.batch_months)
    late = batch_entry(generator, world, month, acted)
    ids = inspections.filter(pl.Series(rows & ~inspections["_gone"].to_numpy()))["inspection_id"].to_list()
    plan.note("month_end_batch", "inspections", ids)
    return inspections.with_columns(pl.Series("_in", np.where(rows, late, inspections["_in"].to_numpy())))


def lend_a_name(
    world: World, plan: SignalPlan, inspections: pl.DataFrame, participations: pl.DataFrame
) -> pl.DataFrame:
    """One officer, named in inspections of other teams while out on an inspection of their own elsewhere."""
    since = int(world.arguments.month_starts[max(0, len(world.arguments.months) - 12)]) * MINUTES_A_DAY
    acts = inspections.filter(~pl.col("_gone") & (pl.col("_act") >= since)).select(
        "inspection_id", "area_code", "_s", "_a", "_o1", "_act", "_end", "_in", day=pl.col("_act") // MINUTES_A_DAY
    )
    streets = pl.Series(world.bodies.streets)
    busy = (
        acts.filter(~pl.col("_s").is_in(streets.implode()))
        .group_by("_o1")
        .len()
        .sort(["len", "_o1"], descending=[True, False])
    )
    if busy.is_empty():
        return participations
    officer = int(busy["_o1"][0])
    own = acts.filter(pl.col("_o1") == officer).select("day", "area_code", "_act", "_end", mine="inspection_id")
    pairs = (
        acts.filter(pl.col("_o1") != officer)
        .join(own, on="day", suffix="_own")
        .filter(
            (pl.col("_act") < pl.col("_end_own")) & (pl.col("_act_own") < pl.col("_end"))
            & (pl.col("area_code") != pl.col("area_code_own"))
        )
        .sort("_act", "inspection_id", "mine")
        .unique("inspection_id", keep="first", maintain_order=True)
        .unique("mine", keep="first", maintain_order=True)
    )  # fmt: skip
    # Spread over the year.
    pairs = pairs[np.unique(np.linspace(0, len(pairs) - 1, min(plan.double_pairs, len(pairs))).astype(np.int64))]
    for other, mine in pairs.select("inspection_id", "mine").iter_rows():
        plan.note("two_places_at_once", "inspections", [mine, other])
        plan.groups.setdefault("two_places_at_once", []).append([mine, other])
    more = pairs.select(
        pl.lit("inspection").alias("activity_kind"),
        pl.col("inspection_id").alias("activity_id"),
        pl.lit(world.officers.ids[officer]).alias("officer_id"),
        pl.lit("assist").alias("role"),
        "_s",
        "_a",
        pl.lit(officer, dtype=pl.Int64).alias("_o"),
        "_act",
        "_in",
        pl.lit(2, dtype=pl.Int64).alias("_place"),
        pl.lit(value=False).alias("_gone"),
        pl.lit(-1, dtype=pl.Int64).alias("_out"),
    )
    return pl.concat([participations, more.select(participations.columns)])
