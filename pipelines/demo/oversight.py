"""Supervision of enforcement: supervisions with faults, disputes, requests for assistance."""

import numpy as np
import polars as pl

from pipelines.demo import vocabulary as words
from pipelines.demo.cases import Cases
from pipelines.demo.clock import MINUTES_A_DAY, NONE, at, dates, times
from pipelines.demo.identifiers import pick, running
from pipelines.demo.lateness import entered
from pipelines.demo.world import World

ASSISTANCE_REQUESTS = 1_480
_SUPERVISOR = "区司法局"


def make_supervisions(
    world: World, cases: pl.DataFrame, inspections: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Supervisions of cases, of inspections and of bodies, and the faults of the file reviews."""
    generator = world.arguments.generator("supervisions")
    arguments = world.arguments
    bodies = len(world.bodies.kind)
    share = generator.beta(1.6, 2.4, bodies)
    share[generator.choice(bodies, 6, replace=False)] = 0.0
    decided = np.flatnonzero(cases["_real"].to_numpy() & ~cases["_gone"].to_numpy())
    twice = np.concatenate([decided, decided[generator.random(len(decided)) < 0.10]])
    chosen = twice[generator.random(len(twice)) < share[cases["_s"].to_numpy()[twice]]]
    case_done = (
        cases["_decided"].to_numpy()[chosen] // MINUTES_A_DAY + 3 + np.floor(generator.exponential(22, len(chosen)))
    )
    counted = np.flatnonzero((inspections["mode"] != "patrol").to_numpy() & ~inspections["_gone"].to_numpy())
    looked = counted[generator.random(len(counted)) < 0.022]
    look_done = inspections["_act"].to_numpy()[looked] // MINUTES_A_DAY + generator.integers(0, 20, len(looked))
    duty_s, duty_m = np.nonzero(generator.random((bodies, len(arguments.months))) < 0.45)
    duty_done = arguments.month_starts[duty_m] + generator.integers(3, 27, len(duty_m))

    sizes = (len(chosen), len(looked), len(duty_s))
    day = np.concatenate([case_done.astype(np.int64), look_done, duty_done])
    done = at(world.working.step(day, 0), generator.integers(540, 1050, len(day)))
    subject = np.concatenate([cases["_s"].to_numpy()[chosen], inspections["_s"].to_numpy()[looked], duty_s])
    act_kind = np.repeat([0, 1, NONE], sizes)
    act_id = pl.concat(
        [
            cases["case_id"].gather(chosen),
            inspections["inspection_id"].gather(looked),
            pl.Series([None], dtype=pl.String).new_from_index(0, sizes[2]),
        ]
    )
    of_case = np.searchsorted([0.38, 0.74], generator.random(len(day)), side="right")
    kind = np.where(
        act_kind == 0, of_case, np.where(act_kind == 1, np.where(generator.random(len(day)) < 0.6, 4, 0), 3)
    )
    order = np.flatnonzero(done < arguments.cutoff - 60)
    order = order[np.argsort(done[order], kind="stable")]
    done, subject, act_kind, kind = done[order], subject[order], act_kind[order], kind[order]
    act_id = act_id.gather(order)
    count = len(order)
    ids = running("JD", np.arange(1, count + 1), 7)

    review = kind == 1
    weakness = generator.lognormal(0.0, 0.5, bodies)[subject]
    faults = np.where(review, np.minimum(generator.poisson(2.6 * weakness), 9), 0)
    fatal = review & (generator.random(count) < 0.012)
    row = np.repeat(np.arange(count), faults)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(faults) - faults, faults)
    # Consecutive steps of five through sixteen codes never repeat one within nine faults.
    code = (np.repeat(generator.integers(0, len(words.FAULTS), count), faults) + nth * 5) % len(words.FAULTS)
    points = np.array([p for _, p in words.FAULTS])[code]
    lost = np.bincount(row, weights=points, minlength=count)
    score = np.where(review, np.where(fatal, 0.0, np.maximum(0.0, 100.0 - lost)), np.nan)
    score = np.where(review & (generator.random(count) < 0.01), np.nan, score)
    problems = np.where(review, faults, np.where(generator.random(count) < 0.28, 1 + generator.poisson(0.6, count), 0))
    has = problems > 0
    done_day = done // MINUTES_A_DAY
    due = np.where(has, done_day + generator.integers(12, 31, count), NONE)
    u = generator.random(count)
    mended = np.where(u < 0.82, due - generator.integers(0, 11, count), due + generator.integers(1, 25, count))
    mended = np.where(has & (u < 0.93), np.maximum(mended, done_day + 1), NONE)
    entry = entered(generator, done, arguments.cutoff, 0.5)
    mended_at = at(mended, 1080)
    second = np.where(
        mended == NONE, NONE, np.maximum(entered(generator, np.maximum(mended_at, 0), arguments.cutoff), entry)
    )
    own = generator.random(count) < 0.25
    justice = world.bodies.named(_SUPERVISOR)
    supervisions = pl.DataFrame(
        {
            "supervision_id": ids,
            "kind": pick(("spot_check", "file_review", "file_monitoring", "duty", "realtime"), kind),
            "supervisor_id": pick(world.bodies.subjects["subject_id"], np.where(own, subject, justice)),
            "subject_id": pick(world.bodies.subjects["subject_id"], subject),
            "activity_kind": pick(("case", "inspection"), act_kind),
            "activity_id": act_id,
            "done_at": times("t", done),
            "score": pl.Series(score).fill_nan(None),
            "fatal": pl.Series(fatal),
            "problems": pl.Series(problems),
            "rectify_due_on": dates("d", due),
            "rectified_on": dates("d", mended),
            "_act": done, "_in": entry, "_mended": mended_at, "_in1": second,
        }
    )  # fmt: skip
    review_faults = pl.DataFrame(
        {
            "supervision_id": ids.gather(row),
            "fault_code": pick([c for c, _ in words.FAULTS], code),
            "deduction": pl.Series(points),
            "_act": done[row],
            "_in": entry[row],
        }
    )
    return supervisions, review_faults


def make_disputes(world: World, cases: Cases) -> pl.DataFrame:
    """The disputes that were drawn with the cases."""
    generator = world.arguments.generator("disputes")
    drawn = cases.disputes
    filed, concluded = drawn["filed"], drawn["concluded"]
    order = np.argsort(filed, kind="stable")
    filed, concluded = filed[order], concluded[order]
    cutoff = world.arguments.cutoff
    entry = entered(generator, at(filed, 600), cutoff)
    end = np.where(concluded == NONE, NONE, entered(generator, np.maximum(at(concluded, 600), 0), cutoff))
    return pl.DataFrame(
        {
            "dispute_id": running("FY", np.arange(1, len(order) + 1), 6),
            "case_id": cases.ids.gather(drawn["row"][order]),
            "kind": pick(("reconsideration", "litigation"), drawn["kind"][order]),
            "filed_on": dates("d", filed),
            "concluded_on": dates("d", concluded),
            "outcome": pick(("upheld", "revoked", "changed", "unlawful", "ordered", "ended"), drawn["outcome"][order]),
            "_act": at(filed, 600), "_in": entry, "_concluded": at(concluded, 600),
            "_in1": np.where(end == NONE, NONE, np.maximum(end, entry)),
        }
    )  # fmt: skip


def make_assistance_requests(world: World) -> pl.DataFrame:
    """Requests of street-towns to departments, most answered within five working days."""
    generator = world.arguments.generator("assistance")
    arguments, bodies = world.arguments, world.bodies
    count = arguments.scaled(ASSISTANCE_REQUESTS)
    street = bodies.streets[(generator.random(count) ** 1.4 * len(bodies.streets)).astype(np.int64)]
    powers = world.powers
    held = np.flatnonzero((bodies.kind[powers.subject] == "department") & (world.book.kind[powers.matter] == "penalty"))
    power = held[generator.integers(0, len(held), count)]
    days = arguments.last_day - arguments.first_day + 1
    day = np.sort(arguments.first_day + generator.integers(0, days, count))
    month = np.searchsorted(arguments.month_starts, day, side="right") - 1
    awake = ~world.volumes.silent[street, month]
    asked = at(day, generator.integers(510, 1050, count))
    slow = generator.random(count)
    reply_day = world.working.step(
        day, np.where(slow < 0.84, generator.integers(1, 6, count), generator.integers(6, 20, count))
    )
    reply = np.where(slow > 0.96, NONE, at(reply_day, generator.integers(540, 1050, count)))
    entry = np.maximum(entered(generator, asked, arguments.cutoff, 0.3), asked)
    second = np.where(
        reply == NONE, NONE, np.maximum(entered(generator, np.maximum(reply, 0), arguments.cutoff, 0.3), entry)
    )
    frame = pl.DataFrame(
        {
            "request_id": running("XZ", np.arange(1, count + 1), 6),
            "from_subject_id": pick(bodies.subjects["subject_id"], street),
            "to_subject_id": pick(bodies.subjects["subject_id"], powers.subject[power]),
            "matter_id": pick(world.book.ids, powers.matter[power]),
            "requested_at": times("t", asked),
            "replied_at": times("t", reply),
            "outcome": pick(("assisted", "refused"), (generator.random(count) < 0.13).astype(np.int64)),
            "_s": street, "_act": asked, "_in": entry, "_reply": reply, "_in1": second,
        }
    )  # fmt: skip
    return frame.filter(pl.Series(awake))
