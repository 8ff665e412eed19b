"""Penalty cases: mostly lawful, with a realistic share of breaches of time limits, hearings, reviews and bands."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.demo import vocabulary as words
from pipelines.demo.choice import PowerChoice
from pipelines.demo.clock import MINUTES_A_DAY, NONE, at, dates, month_of, times
from pipelines.demo.identifiers import pick, running
from pipelines.demo.lateness import entered
from pipelines.demo.objects import KINDS, PERSON
from pipelines.demo.signal_plan import QUOTA_FINE, SignalPlan
from pipelines.demo.teams import choose_agency, members
from pipelines.demo.world import World

_SOURCES = (
    "patrol", "inspection", "random_check", "monitoring", "complaint", "hotline", "transfer", "grid", "media",
    "superior", "assigned", "unknown",
)  # fmt: skip
_SOURCE_SHARES = {
    "street_town": (0.40, 0.12, 0.02, 0.05, 0.08, 0.14, 0.03, 0.08, 0.005, 0.03, 0.03, 0.015),
    "zone": (0.14, 0.32, 0.10, 0.06, 0.12, 0.09, 0.06, 0.02, 0.01, 0.04, 0.02, 0.02),
    "department": (0.08, 0.34, 0.14, 0.04, 0.16, 0.07, 0.08, 0.01, 0.01, 0.03, 0.01, 0.03),
}
_FIRST_REACTIVE, _LAST_REACTIVE = 4, 8
#: Most that a simple procedure may fine, in yuan: a person, others (Penalty Law art. 51).
SIMPLE_PERSON, SIMPLE_OTHERS = 200, 3000
#: From here on a hearing is offered, in yuan.
HEARING_PERSON, HEARING_OTHERS = 10_000, 100_000
_DISCRETIONS = ("none", "lighter", "mitigated", "heavier")
#: How many days of a month count as its first.
_FIRST_DAYS = 7
#: Ordinary cases are decided within so many days, those with a hearing sooner before it is held: far from any limit.
_LEAST_DAYS, _MOST_DAYS, _MOST_BEFORE_HEARING = 25, 60, 45
_GENERAL_DECISION_DAYS = 90


@dataclass
class Cases:
    """All cases in order of their first day, the frame and the arrays other parts lean on.

    `gone` marks those entered and withdrawn again; `linked` are rows that name a lead. Disputes stand here because
    they may revoke a case: `dispute_row`, `dispute_kind`, `dispute_filed`, `dispute_concluded`, `dispute_outcome`.
    """

    frame: pl.DataFrame
    ids: pl.Series
    subject: np.ndarray
    matter: np.ndarray
    start_day: np.ndarray
    source: pl.Series
    party: np.ndarray
    street: np.ndarray
    entered: np.ndarray
    gone: np.ndarray
    ordinary: np.ndarray
    linked: np.ndarray
    disputes: dict[str, np.ndarray]


def _shares(generator: np.random.Generator, kinds: np.ndarray, table: Mapping[str, tuple[float, ...]]) -> np.ndarray:
    result = np.empty(len(kinds), dtype=np.int64)
    for kind, shares in table.items():
        mine = kinds == kind
        reached = np.cumsum(shares) / sum(shares)
        result[mine] = np.searchsorted(reached, generator.random(int(mine.sum())), side="right")
    return result


@dataclass
class _Draft:
    """What is decided about a case before its dates: filled by `_natural`, changed by the planted signals."""

    subject: np.ndarray
    day: np.ndarray
    matter: np.ndarray
    party: np.ndarray
    source: np.ndarray
    simple: np.ndarray
    fine: np.ndarray  # NONE: to be drawn within the band
    withdrawn_at: np.ndarray  # NONE, or the day on which a filed case is given up
    signal: np.ndarray  # index into _SIGNALS, 0 none
    group: np.ndarray
    gone: np.ndarray

    def take(self, order: np.ndarray) -> "_Draft":
        return _Draft(*(getattr(self, name)[order] for name in self.__dataclass_fields__))

    def add(self, other: "_Draft") -> "_Draft":
        return _Draft(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in self.__dataclass_fields__))


_SIGNALS = ("", "quota_uniformity", "split_cases", "filed_then_withdrawn")


def make_cases(world: World, plan: SignalPlan, lasting: int, gone: int) -> Cases:
    """`lasting` cases that stay and `gone` that are withdrawn later."""
    generator = world.arguments.generator("cases")
    quota = _quota(generator, world, plan)
    draft = _natural(generator, world, plan, lasting - len(quota.day), gone)
    _plant_withdrawn(generator, world, plan, draft)
    _plant_split(generator, world, plan, draft)
    draft = draft.add(quota)
    draft = draft.take(np.argsort(draft.day, kind="stable"))
    return _with_dates(generator, world, plan, draft)


def _natural(generator: np.random.Generator, world: World, plan: SignalPlan, lasting: int, gone: int) -> _Draft:
    choice = PowerChoice(world.book, world.powers, "penalty", without=world.book.quota)
    subject, day = world.volumes.draw("case", lasting + gone, only=choice.can)
    count = len(day)
    matter = choice.draw(generator, subject, day)
    party = world.objects.draw(generator, count, (0.45, 0.40, 0.15))
    source = _shares(generator, world.bodies.kind[subject], _SOURCE_SHARES)
    limit = np.where(world.objects.kind[party] == PERSON, SIMPLE_PERSON, SIMPLE_OTHERS)
    low = _band(world, matter, day)[0]
    wish = np.where(world.bodies.kind[subject] == "street_town", 0.55, 0.25)
    month = np.searchsorted(world.arguments.month_starts, day, side="right") - 1
    if len(plan.silent_months):
        before = (
            (subject == plan.silent_subject) & (month < plan.silent_months[0]) & (month >= plan.silent_months[0] - 6)
        )
        wish = np.where(before, 1.0, wish)
    simple = (low <= limit) & (generator.random(count) < wish)
    none = np.full(count, NONE, dtype=np.int64)
    is_gone = np.zeros(count, dtype=bool)
    is_gone[generator.choice(count, gone, replace=False)] = True
    return _Draft(
        subject,
        day,
        matter,
        party,
        source,
        simple,
        none.copy(),
        none.copy(),
        np.zeros(count, dtype=np.int64),
        none.copy(),
        is_gone,
    )


def _quota(generator: np.random.Generator, world: World, plan: SignalPlan) -> _Draft:
    """2 or 3 penalties a month on one matter in each street-town, fined 2,000 to 2,500 yuan."""
    subjects = np.repeat(plan.quota_subjects, len(plan.quota_months))
    months = np.tile(plan.quota_months, len(plan.quota_subjects))
    each = generator.integers(2, 4, len(subjects))
    subject, month = np.repeat(subjects, each), np.repeat(months, each)
    count = len(subject)
    starts = world.arguments.month_starts
    day = starts[month] + generator.integers(0, 24, count)
    day = world.working.step(day, 0)
    party = world.objects.draw(generator, count, (0.55, 0.45, 0.0))
    none = np.full(count, NONE, dtype=np.int64)
    least, most = QUOTA_FINE
    return _Draft(
        subject=subject,
        day=day,
        matter=np.full(count, world.book.quota),
        party=party,
        source=np.full(count, _SOURCES.index("patrol")),
        simple=np.ones(count, dtype=bool),
        fine=least + 50 * generator.integers(0, (most - least) // 50 + 1, count),
        withdrawn_at=none,
        signal=np.full(count, _SIGNALS.index("quota_uniformity")),
        group=none,
        gone=np.zeros(count, dtype=bool),
    )


def _plant_withdrawn(generator: np.random.Generator, world: World, plan: SignalPlan, draft: _Draft) -> None:
    """One body files on a month's last working days and gives the case up in the first days of the next."""
    starts = world.arguments.month_starts
    month = np.searchsorted(starts, draft.day, side="right") - 1
    recent = (month >= len(starts) - 14) & (month < len(starts) - 2)
    chosen = np.flatnonzero((draft.subject == plan.withdrawing_subject) & recent & ~draft.gone)
    chosen = chosen[generator.random(len(chosen)) < 0.6]
    ends = starts[month[chosen] + 1]
    last = world.working.step(ends - 6, 1)
    given_up = world.working.step(ends, 1)
    lists = world.powers
    for row, day, end, gone in zip(chosen.tolist(), last.tolist(), ends.tolist(), given_up.tolist(), strict=True):
        held = (lists.subject == draft.subject[row]) & (lists.matter == draft.matter[row]) & lists.lasting
        # The first days of a month are calendar days: where a holiday fills them, nothing is planted.
        if held.any() and day < end and gone < end + _FIRST_DAYS:
            draft.day[row] = day
            draft.simple[row] = False
            draft.withdrawn_at[row] = gone
            draft.signal[row] = 3


def _plant_split(generator: np.random.Generator, world: World, plan: SignalPlan, draft: _Draft) -> None:
    """One party, one matter, three decisions within a week, each just below the limit of the simple procedure."""
    book, powers = world.book, world.powers
    lasting = set(zip(powers.subject[powers.lasting].tolist(), powers.matter[powers.lasting].tolist(), strict=True))
    order = np.lexsort((draft.day, draft.subject))
    fits = (book.changed == NONE) & (book.low >= 0) & (book.low <= 2800) & (book.high >= SIMPLE_OTHERS)
    free = (draft.signal == 0) & ~draft.gone
    found: list[np.ndarray] = []
    place = 0
    while place + 2 < len(order):
        rows = order[place : place + 3]
        anchor = int(rows[0])
        close = draft.day[rows[2]] - draft.day[anchor] <= 7 and (draft.subject[rows] == draft.subject[anchor]).all()
        usable = free[rows].all() and fits[draft.matter[anchor]]
        if close and usable and (int(draft.subject[anchor]), int(draft.matter[anchor])) in lasting:
            found.append(rows)
            place += 3
        else:
            place += 1
    keep = generator.permutation(len(found))[: plan.split_groups]
    for number, k in enumerate(sorted(keep.tolist())):
        rows = found[k]
        draft.matter[rows] = draft.matter[rows[0]]
        draft.party[rows] = world.objects.draw(generator, 1, (1.0, 0.0, 0.0))[0]
        draft.simple[rows] = True
        draft.fine[rows] = 2800 + 10 * generator.integers(0, 20, 3)
        draft.signal[rows] = 2
        draft.group[rows] = number


def _band(world: World, matter: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Band of fines in force on the day; NONE where the matter has none."""
    book = world.book
    second = (book.changed[matter] != NONE) & (day >= book.changed[matter])
    low = np.where(second, book.second_low[matter], book.low[matter])
    return low, np.where(second, book.second_high[matter], book.high[matter])


def _with_dates(generator: np.random.Generator, world: World, plan: SignalPlan, draft: _Draft) -> Cases:
    count, cutoff = len(draft.day), world.arguments.cutoff
    subject, day, matter, party, simple = draft.subject, draft.day, draft.matter, draft.party, draft.simple
    book, kind = world.book, world.objects.kind[draft.party]

    def chance(share: float) -> np.ndarray:
        return generator.random(count) < share

    def days(low: int, high: int) -> np.ndarray:
        return generator.integers(low, high + 1, count)

    begun = at(day, generator.integers(780, 1080, count))
    agency = choose_agency(generator, world.bodies, subject)
    _, first, second, third = members(generator, world.arguments, world.officers, agency, day)
    alone = (draft.signal == 0) & chance(0.012)
    second = np.where(alone, -1, second)
    third = np.where(alone, -1, third)

    # What was done wrong, and when it was seen.
    filed_late = ~simple & chance(0.04)
    discovered = np.where(simple, day, day - days(0, 6) - (filed_late * days(35, 50)))
    too_old = ~simple & chance(0.008)
    violated = discovered - np.where(simple, 0, np.where(too_old, days(740, 900), generator.geometric(0.12, count) - 1))
    low, high = _band(world, matter, violated)
    banded = low >= 0

    # The decision and its amount.
    u = generator.random(count)
    decision = np.where(simple, np.where(u < 0.985, 0, 1), np.searchsorted([0.935, 0.975, 0.995], u, side="right"))
    decision[draft.signal > 0] = 0
    decision[draft.withdrawn_at != NONE] = 2
    penalty = decision == 0
    ceiling = np.where(simple, np.where(kind == PERSON, SIMPLE_PERSON, SIMPLE_OTHERS), 10**9)
    top = np.minimum(high, ceiling)
    # At a change of version the new band may lie above what a simple procedure can fine; then the band is kept.
    top = np.maximum(top, low)
    drawn = low + (top - low) * generator.beta(1.1, 4.5, count)
    fine = np.clip((drawn / 10).astype(np.int64) * 10, low, top)
    fine = np.where(draft.fine != NONE, draft.fine, fine)
    discretion = np.searchsorted([0.68, 0.91, 0.965], generator.random(count), side="right")
    discretion[draft.signal > 0] = 0
    fine = np.where((discretion == 2) & (draft.fine == NONE), np.maximum(10, low // 2), fine)
    plain = (draft.signal == 0) & banded & penalty
    off_band = (plain & ~simple & chance(0.012), plain & (discretion < 2) & (low >= 100) & chance(0.01))
    fine = np.where(off_band[0], high + high // 5, fine)
    fine = np.where(off_band[1], low - low // 4, fine)
    too_much = plain & simple & chance(0.006)
    fine = np.where(too_much, ceiling + 500, fine)
    types = pl.Series(book.types).gather(matter)
    only_warning = ~banded | (simple & types.str.contains("warning").to_numpy() & chance(0.3) & (draft.signal == 0))
    both = ~simple & chance(0.5)
    fined = penalty & ~only_warning
    given = (
        pl.DataFrame({"t": types, "warn": only_warning, "both": both, "penalty": penalty})
        .select(
            pl.when(~pl.col("penalty"))
            .then(None)
            .when("warn")
            .then(pl.lit("warning"))
            .when("both")
            .then("t")
            .otherwise(pl.lit("fine"))
        )
        .to_series()
    )
    confiscates = given.str.contains("confiscate").fill_null(value=False).to_numpy()
    confiscated = np.where(confiscates, np.round(generator.lognormal(8.0, 1.0, count), 2), np.nan)
    grounds = pl.Series([None, *(words.DISCRETION_GROUNDS[d] for d in _DISCRETIONS[1:])], dtype=pl.String)
    ungrounded = penalty & np.isin(discretion, (1, 2)) & chance(0.08)
    ground = grounds.gather(np.where(penalty & ~ungrounded, discretion, 0))

    # The dates of the ordinary procedure; the simple one decides on the spot.
    large = fined & (fine >= np.where(kind == PERSON, HEARING_PERSON, HEARING_OTHERS))
    large |= np.nan_to_num(confiscated) >= np.where(kind == PERSON, HEARING_PERSON, HEARING_OTHERS)
    large |= given.str.contains("order|revoke").fill_null(value=False).to_numpy()
    heard = ~simple & penalty & large & chance(0.10)
    slow = ~simple & ~heard & chance(0.04)
    most = np.where(heard, _MOST_BEFORE_HEARING, _MOST_DAYS)
    took = np.clip(generator.lognormal(np.log(38), 0.4, count), _LEAST_DAYS, most).astype(np.int64)
    decided_day = world.working.step(day + np.where(slow, days(100, 170), took), 0)
    # More than the five working days in which a hearing may be asked for.
    notified_day = np.maximum(world.working.step(decided_day, -days(7, 10)), day + 1)
    hearing_day = world.working.step(notified_day + 10, days(0, 3))
    decided_day = np.where(heard, world.working.step(hearing_day, days(3, 8)), decided_day)
    given_up = draft.withdrawn_at != NONE
    decided_day = np.where(given_up, draft.withdrawn_at, decided_day)
    decided = np.where(simple, begun, at(decided_day, generator.integers(540, 1050, count)))
    notified = np.where(simple | (decision >= 2), NONE, at(notified_day, generator.integers(540, 1050, count)))
    notified = np.where(chance(0.012), NONE, notified)
    told_late = (notified != NONE) & ~heard & chance(0.005)
    notified = np.where(told_late, decided + 30, notified)
    asked = np.where(heard & (notified != NONE), at(world.working.step(notified_day, days(1, 4)), 600), NONE)
    hearing = np.where(asked != NONE, at(hearing_day, 870), NONE)
    unheard = (asked != NONE) & chance(0.05)
    hearing = np.where(unheard, NONE, hearing)
    review_required = ~simple & (large | heard | chance(0.10)) & penalty
    major = review_required & chance(0.18)
    reviewed = np.where(review_required, decided - days(1, 4) * MINUTES_A_DAY, NONE)
    unreviewed = review_required & chance(0.03)
    reviewed = np.where(unreviewed, NONE, reviewed)
    reviewed_late = (reviewed != NONE) & chance(0.015)
    reviewed = np.where(reviewed_late, decided + 2 * MINUTES_A_DAY, reviewed)
    reviewed = np.where((reviewed != NONE) & (reviewed < begun), begun + 60, reviewed)
    # Some files lack the time of filing: short ones, so that powers and postings are the same on either date.
    unfiled = ~simple & (month_of(begun) == month_of(decided)) & chance(0.15)
    filed = np.where(simple, np.where(chance(0.6), NONE, begun - 30), np.where(unfiled, NONE, begun))
    real_decision = decision <= 1
    served_late = ~simple & chance(0.04)
    in_time = world.working.step(decided // MINUTES_A_DAY, np.where(served_late, days(8, 25), days(0, 6)))
    served = np.where(simple, decided + 5, np.maximum(at(in_time, generator.integers(600, 1050, count)), decided + 20))
    unserved = real_decision & chance(0.008)
    served = np.where(~real_decision | unserved, NONE, served)
    published_late, unpublished = chance(0.06), chance(0.03)
    shown = world.working.step(decided // MINUTES_A_DAY, np.where(published_late, days(21, 40), days(1, 7)))
    published = np.where(penalty & ~unpublished, at(shown, generator.integers(1080, 1200, count)), NONE)
    paid_late, unpaid = ~simple & chance(0.07), chance(0.05)
    paid = np.where(simple, days(0, 10), np.where(paid_late, days(16, 90), days(1, 15)))
    executed = np.where(fined & (served != NONE) & ~unpaid, served + paid * MINUTES_A_DAY + 45, NONE)
    latest = np.maximum.reduce([decided, served, published, executed])
    closed = np.where(fined & (executed == NONE), NONE, latest + days(1, 12) * MINUTES_A_DAY)

    disputes = _disputes(generator, world, np.flatnonzero(penalty & ~draft.gone & (served != NONE)), served)
    revoked = np.full(count, NONE, dtype=np.int64)
    overturned = np.isin(disputes["outcome"], [1, 2]) & (disputes["concluded"] != NONE)
    revoked[disputes["row"][overturned]] = at(disputes["concluded"][overturned] + 2, 600)

    # Entry, decision, service and publication, end: the states in which a case is exported.
    entry = entered(generator, begun, cutoff)
    month = np.searchsorted(world.arguments.month_starts, day, side="right") - 1
    batch = (subject == plan.batch_subject) & np.isin(month, plan.batch_months)
    entry = np.where(batch, batch_entry(generator, world, month, begun), entry)
    entry = np.where(unfiled, np.maximum(entry, entered(generator, decided, cutoff)), entry)
    state_1 = np.where(simple, entry, np.maximum(entered(generator, decided, cutoff), entry))
    after = np.maximum(served, published)
    state_2 = np.where(after == NONE, NONE, np.maximum(entered(generator, np.maximum(after, decided), cutoff), state_1))
    state_3 = np.where(
        closed == NONE,
        NONE,
        np.maximum(entered(generator, np.maximum(closed, decided), cutoff), np.maximum(state_1, state_2)),
    )
    state_4 = np.where(revoked == NONE, NONE, np.maximum(revoked + 600, np.maximum(state_3, state_2)))

    is_street = world.bodies.kind[subject] == "street_town"
    street = np.where(is_street, subject, world.objects.street[party])
    reactive = (draft.source >= _FIRST_REACTIVE) & (draft.source <= _LAST_REACTIVE)
    linked = np.flatnonzero(reactive & ~draft.gone & chance(0.72))
    second_version = (book.changed[matter] != NONE) & (violated >= book.changed[matter])
    stamp = month_of(begun)
    ids = running("AJ", (stamp // 12 * 100 + stamp % 12 + 1) * 1_000_000 + np.arange(1, count + 1), 12)
    year = month_of(decided) // 12
    subject_ids = pick(world.bodies.subjects["subject_id"], subject)
    # Numbers are given when a decision is taken, so that they run in the order of the decisions.
    running_number = np.empty(count, dtype=np.int64)
    running_number[np.argsort(decided, kind="stable")] = np.arange(1, count + 1)
    number = pl.Series(running_number).cast(pl.String).str.zfill(5)
    document_no = "津滨" + subject_ids + "罚〔" + pl.Series(year).cast(pl.String) + "〕" + number + "号"
    frame = pl.DataFrame(
        {
            "case_id": ids,
            "document_no": document_no.to_frame("v").select(pl.when(pl.Series(real_decision)).then("v")).to_series(),
            "subject_id": subject_ids,
            "agency_id": pick(world.bodies.agencies["agency_id"], agency),
            "matter_id": pick(book.ids, matter),
            "lead_id": pl.Series([None], dtype=pl.String).new_from_index(0, count),
            "source": pick(_SOURCES, draft.source),
            "procedure": pick(("ordinary", "simple"), simple.astype(np.int64)),
            "party_id": pick(world.objects.code, party),
            "party_name": pick(world.objects.name, party),
            "party_kind": pick(KINDS, kind),
            "area_code": pick(world.bodies.street_area.tolist(), street),
            "violation_on": dates("d", np.where((book.changed[matter] == NONE) & chance(0.01), NONE, violated)),
            "discovered_on": dates("d", discovered),
            "filed_at": times("t", filed),
            "review_required": pl.Series(review_required),
            "reviewed_at": times("t", reviewed),
            "notified_at": times("t", notified),
            "hearing_requested_at": times("t", asked),
            "hearing_at": times("t", hearing),
            "decided_at": times("t", decided),
            "decision": pick(("penalty", "no_penalty", "withdrawn", "transferred"), decision),
            "penalty_types": given,
            "fine_amount": pl.Series(np.where(fined, fine.astype(np.float64), np.nan)).fill_nan(None),
            "confiscated_amount": pl.Series(confiscated).fill_nan(None),
            "discretion": pick(_DISCRETIONS, np.where(penalty, discretion, NONE)),
            "discretion_ground": ground,
            "major": pl.Series(major),
            "served_at": times("t", served),
            "executed_at": times("t", executed),
            "closed_at": times("t", closed),
            "published_at": times("t", published),
            "revoked_at": times("t", revoked),
            "violated_articles": _articles(book.violated, book.second_violated, matter, second_version),
            "penalty_articles": _articles(book.penal, book.second_penal, matter, second_version),
            "_s": subject, "_a": agency, "_o1": first, "_o2": second, "_o3": third, "_act": begun, "_gone": draft.gone,
            "_decided": decided, "_served": served, "_published": published, "_executed": executed, "_closed": closed,
            "_reviewed": reviewed, "_notified": notified, "_asked": asked, "_hearing": hearing, "_revoked": revoked,
            "_in": entry, "_in1": state_1, "_in2": state_2, "_in3": state_3, "_in4": state_4,
            "_signal": draft.signal, "_simple": simple, "_real": real_decision,
        }
    )  # fmt: skip
    lasting, outside = ~draft.gone, fined & banded & ((fine < low) | (fine > high))
    in_market = np.array([d.workflow == "market_regulation" for d in words.DOMAINS])[book.domain[matter]]
    general = book.decision_days[matter] == _GENERAL_DECISION_DAYS
    fined_before = pl.DataFrame({"p": party, "d": violated, "m": matter, "at": decided, "k": ids, "f": fined & lasting})
    again = pl.col("f") & (pl.struct("at", "k").rank("ordinal").over("p", "d", "m", "f") > 1)
    for rule, broken in (
        ("P01", slow & (decision != 2) & general),
        ("P02", real_decision & (served_late | unserved)),
        ("P03", alone),
        ("P04", fined & simple & (fine > ceiling)),
        ("P06", filed_late & in_market & ~np.isin(np.arange(count), linked)),
        ("P07", penalty & told_late),
        ("P08", penalty & large & (told_late | unheard)),
        ("P09", unreviewed | reviewed_late),
        ("P11", penalty & too_old),
        ("P12", fined_before.select(again).to_series().to_numpy()),
        ("P14", ungrounded),
        ("P15", outside & (off_band[0] | off_band[1] | too_much | (discretion == 2) & ungrounded)),
        ("P17", real_decision & _is_power_over(world, subject, matter, decided // MINUTES_A_DAY)),
        ("P19", penalty & (published_late | unpublished)),
        ("P20", fined & (paid_late | unpaid)),
    ):
        world.breaches.note(rule, "cases", ids, lasting & broken)
    for place, signal in enumerate(_SIGNALS):
        if signal:
            rows = np.flatnonzero(draft.signal == place)
            plan.note(signal, "cases", ids.gather(rows).to_list())
    split = np.flatnonzero(draft.signal == 2)
    for g in sorted(set(draft.group[split].tolist())):
        plan.groups.setdefault("split_cases", []).append(ids.gather(split[draft.group[split] == g]).to_list())
    plan.note("month_end_batch", "cases", ids.gather(np.flatnonzero(batch & ~draft.gone)).to_list())
    return Cases(
        frame, ids, subject, matter, day, frame["source"], party, street, entry, draft.gone, ~simple, linked, disputes
    )


def _is_power_over(world: World, subject: np.ndarray, matter: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Whether the power under which a case was begun was taken back before the day of its decision."""
    powers = world.powers
    until = dict(
        zip(zip(powers.subject.tolist(), powers.matter.tolist(), strict=True), powers.until.tolist(), strict=True)
    )
    last = np.array([until[held] for held in zip(subject.tolist(), matter.tolist(), strict=True)], dtype=np.int64)
    return (last != NONE) & (day > last)


def batch_entry(generator: np.random.Generator, world: World, month: np.ndarray, acted: np.ndarray) -> np.ndarray:
    """A minute late on the month's last working day, for acts of that month: everything typed in at once."""
    starts = world.arguments.month_starts
    last = np.array([int(world.working.step(np.array([s - 12]), 0)[0]) for s in starts[1:]])
    for _ in range(12):
        following = world.working.step(last, 1)
        last = np.where(following < starts[1:], following, last)
    return np.maximum(at(last[month], 1030 + generator.integers(0, 25, len(month))), acted + 5)


def _articles(first: list[str], later: list[str], matter: np.ndarray, second: np.ndarray) -> pl.Series:
    both = pl.Series([*first, *later])
    return both.gather(matter + np.where(second, len(first), 0))


def _disputes(
    generator: np.random.Generator, world: World, decided: np.ndarray, served: np.ndarray
) -> dict[str, np.ndarray]:
    """Reconsideration and litigation of 1.6 % of the penalties; those after the last export are left out."""
    row = decided[generator.random(len(decided)) < 0.016]
    if not len(row):
        # A small world has one too, on its earliest decision.
        row = decided[:1]
    count = len(row)
    kind = (generator.random(count) < 0.28).astype(np.int64)
    filed = served[row] // MINUTES_A_DAY + np.where(
        kind == 0, generator.integers(3, 60, count), generator.integers(10, 170, count)
    )
    concluded = filed + np.where(kind == 0, generator.integers(25, 75, count), generator.integers(60, 200, count))
    outcome = np.searchsorted([0.55, 0.61, 0.66, 0.71, 0.72], generator.random(count), side="right")
    last = world.arguments.cutoff // MINUTES_A_DAY
    keep = filed < last
    concluded = np.where(concluded < last, concluded, NONE)
    return {
        "row": row[keep],
        "kind": kind[keep],
        "filed": filed[keep],
        "concluded": concluded[keep],
        "outcome": outcome[keep],
    }
