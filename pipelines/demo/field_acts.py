"""Acts in the field: inspections with patrols, leads with their visits, coercive measures.

Frames hold the contract's columns and working columns whose names begin with `_`: `_s` subject, `_a` agency,
`_o1` `_o2` `_o3` officers (-1 none), `_act` minute of the act, `_in` minute of entry.
"""

import numpy as np
import polars as pl

from pipelines.demo.cases import Cases
from pipelines.demo.choice import PowerChoice
from pipelines.demo.clock import MINUTES_A_DAY, NONE, at, dates, month_of, times
from pipelines.demo.identifiers import pick, running
from pipelines.demo.lateness import entered
from pipelines.demo.objects import KINDS, PERSON
from pipelines.demo.teams import Outing, choose_agency, schedule
from pipelines.demo.world import World

_MODES = ("planned", "random", "complaint", "directed", "followup", "application", "patrol")
_MODE_SHARES = np.cumsum([0.30, 0.16, 0.16, 0.13, 0.15])
_PATROL = 6
#: Place of freeze among the measures, after seal and seize.
_FREEZE = 2
#: A lead is taken up within so many days, a measure that is extended ends within so many.
_LEAD_DAYS, _MOST_DAYS_HELD = 15, 60
_RESULTS = ("pass", "problem", "rectify", "case_filed", "no_entry")
_DISPOSITIONS = ("case_filed", "handled", "no_violation", "transferred", "rejected", "duplicate")
_LEAD_SOURCES = (
    "complaint",
    "hotline",
    "transfer",
    "grid",
    "media",
    "superior",
    "assigned",
    "patrol",
    "monitoring",
    "unknown",
)
_LEAD_SHARES = {
    "street_town": (0.10, 0.42, 0.03, 0.22, 0.004, 0.03, 0.08, 0.08, 0.02, 0.016),
    "zone": (0.20, 0.40, 0.08, 0.05, 0.005, 0.05, 0.05, 0.08, 0.06, 0.025),
    "department": (0.28, 0.36, 0.12, 0.02, 0.01, 0.05, 0.03, 0.06, 0.04, 0.03),
}
_WITHDRAWN_SHARE = 0.0015


def month_id(prefix: str, minutes: np.ndarray) -> pl.Series:
    """`prefix` + year and month + a running number over all."""
    number = month_of(minutes)
    stamp = number // 12 * 100 + number % 12 + 1
    return running(prefix, stamp * 10_000_000 + np.arange(1, len(minutes) + 1), 13)


def withdrawn_beside(count: int) -> int:
    """How many records beside `count` lasting ones were entered and withdrawn."""
    return round(count * _WITHDRAWN_SHARE)


class FieldActs:
    """Draws all acts in the field at once, because a team can only be in one place."""

    def __init__(self, world: World, cases: Cases, inspections: int, patrols: int, leads: int, coercions: int) -> None:
        """Make `inspections`, `leads` and `coercions`; the numbers count lasting records."""
        self._world = world
        generator = world.arguments.generator("field acts")
        gone = withdrawn_beside(inspections + patrols)
        lasting = inspections + patrols
        inspect = PowerChoice(world.book, world.powers, "inspection", flatten=0.7)
        coerce = PowerChoice(world.book, world.powers, "coercion", flatten=0.6)
        more = round(gone * inspections / max(1, lasting))
        drawn_i = world.volumes.draw("inspection", inspections + more)
        drawn_p = world.volumes.draw("patrol", patrols + gone - more)
        subject, day = np.concatenate([drawn_i[0], drawn_p[0]]), np.concatenate([drawn_i[1], drawn_p[1]])
        mode = np.concatenate(
            [
                np.searchsorted(_MODE_SHARES, generator.random(len(drawn_i[0])), side="right"),
                np.full(len(drawn_p[0]), _PATROL),
            ]
        )
        order = np.argsort(day, kind="stable")
        subject, day, mode = subject[order], day[order], mode[order]
        withdrawn = np.zeros(len(day), dtype=bool)
        for chosen, many in ((mode != _PATROL, more), (mode == _PATROL, gone - more)):
            withdrawn[generator.choice(np.flatnonzero(chosen), many, replace=False)] = True
        lead = self._lead_days(generator, cases, leads)
        coercion_s, coercion_d = world.volumes.draw("coercion", coercions, only=coerce.can)

        visits = np.flatnonzero(lead["visit"] != NONE)
        all_s = np.concatenate([subject, lead["s"][visits], coercion_s])
        all_d = np.concatenate([day, lead["visit"][visits], coercion_d])
        longest = np.concatenate(
            [np.where(mode == _PATROL, 50, 120), np.full(len(visits), 60), np.full(len(coercion_s), 150)]
        )
        agency = choose_agency(generator, world.bodies, all_s)
        outing = schedule(generator, world.arguments, world.officers, agency, all_d, longest)
        cuts = np.cumsum([len(subject), len(visits)])
        parts = [self._part(outing, agency, part) for part in np.split(np.arange(len(all_s)), cuts)]
        self.inspections = self._inspections(generator, subject, day, mode, withdrawn, inspect, *parts[0])
        self.leads = self._leads(generator, cases, lead, visits, *parts[1])
        self.coercions = self._coercions(generator, coercion_s, coercion_d, coerce, *parts[2])

    @staticmethod
    def _part(outing: Outing, agency: np.ndarray, index: np.ndarray) -> tuple[Outing, np.ndarray]:
        fields = (outing.first, outing.second, outing.third, outing.starts, outing.ends)
        return Outing(*(f[index] for f in fields)), agency[index]

    def _inspections(
        self, generator: np.random.Generator, subject: np.ndarray, day: np.ndarray, mode: np.ndarray,
        withdrawn: np.ndarray, inspect: PowerChoice, outing: Outing, agency: np.ndarray,
    ) -> pl.DataFrame:  # fmt: skip
        world, count = self._world, len(subject)
        start, end = at(day, outing.starts), at(day, outing.ends)
        # Sorted by start so that running numbers follow the clock.
        matter = inspect.draw(generator, subject, day)
        patrol = mode == _PATROL
        matter[patrol & (generator.random(count) < 0.7)] = NONE
        matter[~patrol & (generator.random(count) < 0.01)] = NONE
        thing = world.objects.draw(generator, count, (0.62, 0.35, 0.03))
        thing[patrol & (generator.random(count) < 0.85)] = NONE
        thing[~patrol & (generator.random(count) < 0.02)] = NONE
        yields = generator.lognormal(0.0, 0.45, len(world.bodies.kind))[subject]
        u = generator.random(count)
        found = u < np.where(patrol, 0.08, 0.27).clip(0, 0.9) * yields
        which = generator.random(count)
        result = np.where(found, np.where(which < 0.42, 1, np.where(which < np.where(patrol, 0.995, 0.9), 2, 3)), 0)
        result[~patrol & (generator.random(count) < 0.03)] = 4
        result[generator.random(count) < 0.004] = NONE
        problems = np.where(found & (result > 0) & (result < 4), 1 + generator.poisson(0.8, count), 0)
        is_street = world.bodies.kind[subject] == "street_town"
        place = np.where(thing == NONE, generator.integers(0, 21, count), world.objects.street[thing])
        street = np.where(is_street, subject, place)
        spot = world.bodies.street_centre[street] + generator.normal(0.0, 0.006, (count, 2))
        blind = generator.random(count) < 0.12
        entry = entered(generator, end, world.arguments.cutoff, np.where(patrol, 0.6, 1.0))
        kind = np.where(thing == NONE, NONE, world.objects.kind[thing])
        person = kind == PERSON
        return pl.DataFrame(
            {
                "inspection_id": month_id("JC", start),
                "subject_id": pick(world.bodies.subjects["subject_id"], subject),
                "agency_id": pick(world.bodies.agencies["agency_id"], agency),
                "matter_id": pick(world.book.ids, matter),
                "mode": pick(_MODES, mode),
                "plan_id": pl.Series([None], dtype=pl.String).new_from_index(0, count),
                "object_id": pick(world.objects.code, np.where(person, NONE, thing)),
                "object_name": pick(world.objects.name, thing),
                "object_kind": pick(KINDS, kind),
                "area_code": pick(world.bodies.street_area.tolist(), street),
                "started_at": times("t", start),
                "ended_at": times("t", np.where(generator.random(count) < 0.01, NONE, end)),
                "result": pick(_RESULTS, result),
                "problems": pl.Series(problems),
                "longitude": pl.Series(np.round(np.where(blind, np.nan, spot[:, 0]), 6)).fill_nan(None),
                "latitude": pl.Series(np.round(np.where(blind, np.nan, spot[:, 1]), 6)).fill_nan(None),
                "_s": subject, "_a": agency, "_o1": outing.first, "_o2": outing.second, "_o3": outing.third,
                "_act": start, "_end": end, "_in": entry, "_gone": withdrawn,
            }
        )  # fmt: skip

    def _lead_days(self, generator: np.random.Generator, cases: Cases, lasting: int) -> dict[str, np.ndarray]:
        """Leads by day: those that a case names first, then the others; `case` is the case's row or NONE."""
        world, first, last = self._world, self._world.arguments.first_day, self._world.arguments.last_day
        linked = cases.linked[:lasting]
        case_day = cases.start_day[linked]
        before = case_day - generator.integers(0, 11, len(linked))
        month = np.searchsorted(world.arguments.month_starts, np.clip(before, first, last), side="right") - 1
        before = np.where((before < first) | world.volumes.silent[cases.subject[linked], month], case_day, before)
        gone = withdrawn_beside(lasting)
        others = world.volumes.draw("lead", lasting - len(linked) + gone)
        s = np.concatenate([cases.subject[linked], others[0]])
        day = np.concatenate([before, others[1]])
        case = np.concatenate([linked, np.full(len(others[0]), NONE)])
        withdrawn = np.concatenate([np.zeros(len(linked), dtype=bool), np.zeros(len(others[0]), dtype=bool)])
        withdrawn[len(linked) + generator.choice(len(others[0]), gone, replace=False)] = True
        order = np.argsort(day, kind="stable")
        s, day, case, withdrawn = s[order], day[order], case[order], withdrawn[order]
        count = len(s)
        visit = day + 1 + np.floor(generator.exponential(1.6, count)).astype(np.int64)
        limit = np.where(case == NONE, last, cases.start_day[np.where(case == NONE, 0, case)] - 1)
        visited = (generator.random(count) < 0.86) & (visit <= limit)
        at_month = np.searchsorted(world.arguments.month_starts, np.clip(visit, first, last), side="right") - 1
        visited &= ~world.volumes.silent[s, at_month] & ~withdrawn
        return {"s": s, "day": day, "case": case, "gone": withdrawn, "visit": np.where(visited, visit, NONE)}

    def _leads(
        self, generator: np.random.Generator, cases: Cases, lead: dict[str, np.ndarray], visits: np.ndarray,
        outing: Outing, agency: np.ndarray,
    ) -> pl.DataFrame:  # fmt: skip
        world, cutoff = self._world, self._world.arguments.cutoff
        s, day, case, count = lead["s"], lead["day"], lead["case"], len(lead["s"])
        linked = case != NONE
        row = np.where(linked, case, 0)
        received = at(day, np.where(linked, generator.integers(480, 540, count), generator.integers(420, 1320, count)))
        source = np.empty(count, dtype=np.int64)
        for kind, shares in _LEAD_SHARES.items():
            mine = world.bodies.kind[s] == kind
            source[mine] = np.searchsorted(
                np.cumsum(shares) / sum(shares), generator.random(int(mine.sum())), side="right"
            )
        source_text = pick(_LEAD_SOURCES, source).to_frame("own").with_columns(case=cases.source.gather(row))
        named = PowerChoice(world.book, world.powers, "penalty", flatten=0.35).draw(generator, s, day)
        named[generator.random(count) < 0.3] = NONE
        matter = np.where(linked, cases.matter[row], named)
        visit = np.full(count, NONE, dtype=np.int64)
        who = np.full((count, 3), -1, dtype=np.int64)
        visit[visits] = at(lead["visit"][visits], outing.starts)
        who[visits] = np.column_stack([outing.first, outing.second, outing.third])
        accepted = received + generator.integers(5, 600, count)
        after = np.where(visit == NONE, accepted, np.maximum(visit, accepted))
        spent = (generator.gamma(1.3, 4.2, count) * MINUTES_A_DAY).astype(np.int64) + 60
        closed = np.where(generator.random(count) < 0.012, NONE, after + spent)
        u = generator.random(count)
        other = np.where(u < 0.62, 1, np.where(u < 0.80, 2, np.where(u < 0.89, 3, np.where(u < 0.93, 4, 5))))
        disposition = np.where(linked, 0, other)
        # A case is known to its lead once it has been entered.
        closed = np.where(linked, np.maximum(cases.entered[row] - 3, after + 30), closed)
        rejected = disposition == 4
        accepted = np.where(rejected, NONE, accepted)
        visit, who = np.where(rejected, NONE, visit), np.where(rejected[:, None], -1, who)
        entry = entered(generator, received, cutoff, 0.5)
        entry = np.where(linked, np.minimum(entry, cases.entered[row] - 3), entry)
        entry = np.maximum(entry, received)
        seen = np.where(visit == NONE, NONE, np.maximum(entered(generator, np.maximum(visit, 0), cutoff, 0.5), entry))
        end = np.where(closed == NONE, NONE, np.maximum(np.maximum(closed + 3, entry), seen))
        thing = world.objects.draw(generator, count, (0.5, 0.4, 0.1))
        thing = np.where(linked, cases.party[row], thing)
        unnamed = (generator.random(count) < 0.35) | (world.objects.kind[thing] == PERSON)
        thing[unnamed] = NONE
        is_street = world.bodies.kind[s] == "street_town"
        street = np.where(is_street, s, generator.integers(0, 21, count))
        street = np.where(linked, cases.street[row], street)
        ids = month_id("XS", received)
        acted = np.where(visit == NONE, closed, np.where(closed == NONE, visit, np.minimum(visit, closed)))
        left = (acted == NONE) | (acted // MINUTES_A_DAY - day > _LEAD_DAYS)
        # Of what was passed on, rejected or a duplicate nobody had to take care here, once an export says that it was.
        said = (end != NONE) & (end <= cutoff)
        not_taken_on = said & np.isin(np.array(_DISPOSITIONS)[disposition], ("transferred", "rejected", "duplicate"))
        world.breaches.note("P29", "leads", ids, left & ~lead["gone"] & ~not_taken_on)
        return pl.DataFrame(
            {
                "lead_id": ids,
                "source": source_text.select(pl.when(pl.Series(linked)).then("case").otherwise("own")).to_series(),
                "subject_id": pick(world.bodies.subjects["subject_id"], s),
                "received_at": times("t", received),
                "area_code": pick(world.bodies.street_area.tolist(), street),
                "matter_id": pick(world.book.ids, matter),
                "object_id": pick(world.objects.code, thing),
                "accepted_at": times("t", accepted),
                "first_visit_at": times("t", visit),
                "closed_at": times("t", closed),
                "disposition": pick(_DISPOSITIONS, disposition),
                "case_id": pick(cases.ids, case),
                "_s": s, "_a": self._visiting(agency, visits, count),
                "_o1": who[:, 0], "_o2": who[:, 1], "_o3": who[:, 2],
                "_act": received, "_accepted": accepted, "_visit": visit, "_in": entry, "_in1": seen, "_end": end,
                "_closed": closed, "_gone": lead["gone"], "_case": case,
            }
        )  # fmt: skip

    @staticmethod
    def _visiting(agency: np.ndarray, visits: np.ndarray, count: int) -> np.ndarray:
        result = np.full(count, NONE, dtype=np.int64)
        result[visits] = agency
        return result

    def _coercions(
        self, generator: np.random.Generator, subject: np.ndarray, day: np.ndarray, coerce: PowerChoice, outing: Outing,
        agency: np.ndarray,
    ) -> pl.DataFrame:  # fmt: skip
        world, count = self._world, len(subject)
        imposed = at(day, outing.starts)
        matter = coerce.draw(generator, subject, day)
        urgent = generator.random(count) < 0.22
        slow = generator.random(count) < 0.05
        after = np.where(slow, generator.integers(1500, 4000, count), generator.integers(30, 1400, count))
        approved = np.where(urgent, imposed + after, imposed - generator.integers(40, 2800, count))
        approved[~urgent & (generator.random(count) < 0.02)] = NONE
        approved = np.where(
            ~urgent & (approved != NONE),
            np.maximum(approved, at(np.full(count, world.arguments.first_day), 480)),
            approved,
        )
        length = np.where(
            generator.random(count) < 0.85, generator.integers(1, 30, count), generator.integers(30, 75, count)
        )
        extended = np.where(length > 28, at(day + 27, 600), NONE)
        released = np.where(generator.random(count) < 0.03, NONE, imposed + length * MINUTES_A_DAY)
        measure = np.searchsorted([0.30, 0.86, 0.92], generator.random(count), side="right")
        entry = entered(generator, imposed, world.arguments.cutoff)
        # What was approved afterwards is entered once it is approved.
        entry = np.where(urgent & (approved + 5 <= world.arguments.cutoff), np.maximum(entry, approved + 5), entry)
        ids = month_id("QZ", imposed)
        held_too_long = (released == NONE) | (length > _MOST_DAYS_HELD)
        for rule, broken in (
            ("C02", urgent & slow),
            ("C04", (measure < _FREEZE) & held_too_long),
            ("C05", (measure < _FREEZE) & held_too_long),
            ("C06", (measure == _FREEZE) & held_too_long),
        ):
            world.breaches.note(rule, "coercions", ids, broken)
        return pl.DataFrame(
            {
                "coercion_id": ids,
                "subject_id": pick(world.bodies.subjects["subject_id"], subject),
                "case_id": pl.Series([None], dtype=pl.String).new_from_index(0, count),
                "matter_id": pick(world.book.ids, matter),
                "measure": pick(("seal", "seize", "freeze", "other"), measure),
                "urgent": pl.Series(urgent),
                "approved_at": times("t", approved),
                "imposed_at": times("t", imposed),
                "extended_at": times("t", extended),
                "released_at": times("t", released),
                "_s": subject, "_a": agency, "_o1": outing.first, "_o2": outing.second, "_o3": outing.third,
                "_act": imposed, "_in": entry, "_approved": approved, "_extended": extended, "_released": released,
            }
        )  # fmt: skip


def make_plans(world: World, inspections: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Inspection plans, and the inspections with the plan that each carries out."""
    generator = world.arguments.generator("plans")
    planned = np.flatnonzero((inspections["mode"] == "planned").to_numpy() & ~inspections["_gone"].to_numpy())
    planned = planned[generator.random(len(planned)) < 0.55]
    count = len(planned)
    missed = round(count * 0.11)
    copied = planned[generator.integers(0, max(1, count), missed)] if count else planned
    row = np.concatenate([planned, copied])
    done = inspections["_act"].to_numpy()[row] // MINUTES_A_DAY
    due = done + np.where(
        generator.random(len(row)) < 0.08, -generator.integers(1, 12, len(row)), generator.integers(0, 18, len(row))
    )
    due = np.maximum(due, world.arguments.first_day)
    made = np.maximum(np.minimum(done - 1, due - generator.integers(15, 60, len(row))), world.arguments.first_day)
    entry = at(made, generator.integers(510, 1080, len(row)))
    # A plan of the first day is entered before the day's first visit.
    entry = np.minimum(entry, inspections["_act"].to_numpy()[row] - 1)
    order = np.argsort(entry, kind="stable")
    is_missed = np.arange(len(row)) >= count
    plans = pl.DataFrame(
        {
            "plan_id": month_id("JH", entry[order]),
            "subject_id": inspections["subject_id"].gather(row[order]),
            "due_on": dates("d", due[order]),
            "matter_id": inspections["matter_id"].gather(row[order]),
            "object_id": inspections["object_id"].gather(row[order]),
            "cancelled": pl.Series((is_missed & (generator.random(len(row)) < 0.3))[order]),
            "_s": inspections["_s"].gather(row[order]), "_act": entry[order], "_in": entry[order],
        }
    )  # fmt: skip
    plan_of = np.full(len(inspections), NONE, dtype=np.int64)
    back = np.empty(len(row), dtype=np.int64)
    back[order] = np.arange(len(row))
    plan_of[planned] = back[:count]
    return plans, inspections.with_columns(pick(plans["plan_id"], plan_of).alias("plan_id")) if count else inspections
