"""Who enforces: subjects, their agencies, officers with postings, and devices."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.demo import vocabulary as words
from pipelines.demo.arguments import AGENCIES, DemoArguments
from pipelines.demo.clock import NONE, dates, day_number
from pipelines.demo.identifiers import credit_codes, pick, running

#: No street-town has fewer officers; the nearly idle ones have just so many.
SMALLEST_STREET = 6
#: So many officers of every agency neither move nor leave, so that a team can always be found.
_ANCHORS = 2
_CERTIFICATE_MONTHS = 60


@dataclass
class Bodies:
    """Subjects and agencies as frames, with the arrays that acts are drawn by.

    `kind` and `domains` are per subject (index 0 to 109); `agency_subject` per agency; agencies of one
    subject stand together, from `agency_start[s]` on.
    """

    subjects: pl.DataFrame
    agencies: pl.DataFrame
    kind: np.ndarray
    domains: list[list[int]]
    street_area: np.ndarray
    street_centre: np.ndarray
    agency_subject: np.ndarray
    agency_start: np.ndarray
    agency_count: np.ndarray
    agency_weight: np.ndarray

    @property
    def streets(self) -> np.ndarray:
        """Indexes of the street-towns."""
        return np.flatnonzero(self.kind == "street_town")

    def named(self, name: str) -> int:
        """Index of the subject of that name."""
        return int(self.subjects["name"].to_list().index(name))


def apportion(total: int, weights: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Whole numbers that sum to `total`, at least `least`, the rest by `weights` (largest remainders)."""
    rest = total - int(least.sum())
    share = weights / weights.sum() * rest
    whole = np.floor(share).astype(np.int64)
    order = np.argsort(-(share - whole), kind="stable")
    whole[order[: rest - int(whole.sum())]] += 1
    return whole + least


def make_bodies(arguments: DemoArguments) -> Bodies:
    """The 110 subjects and 252 agencies of the district."""
    generator = arguments.generator("bodies")
    rows: list[tuple[str, str, str, list[int]]] = []
    index = words.DOMAIN_INDEX
    street_domains = [i for i, d in enumerate(words.DOMAINS) if d.street]
    for name in words.STREET_TOWNS:
        office = f"{name}办事处" if name.endswith("街道") else f"{name}人民政府"
        rows.append((office, "street_town", "comprehensive", street_domains))
    for bureau, field, domains in words.ZONE_BUREAUS:
        rows += [(z + bureau, "zone", field, [index[d] for d in domains.split()]) for z in words.ZONES]
    committee, field, domains = words.ZONE_COMMITTEE
    rows += [(z + committee, "zone", field, [index[d] for d in domains.split()]) for z in words.ZONES[:2]]
    rows += [(n, "department", f, [index[d] for d in domains.split()]) for n, f, domains in words.DEPARTMENTS]

    count = len(rows)
    kind = np.array([r[1] for r in rows])
    is_street = kind == "street_town"
    streets = int(is_street.sum())
    number_in_kind = np.concatenate(
        [np.arange(1, int((kind == k).sum()) + 1) for k in ("street_town", "zone", "department")]
    )
    letter = {"street_town": "J", "zone": "K", "department": "B"}
    ids = [f"{letter[k]}{n:03d}" for k, n in zip(kind.tolist(), number_in_kind.tolist(), strict=True)]
    street_area = np.array([f"{words.DISTRICT_CODE}{n:03d}" for n in range(1, streets + 1)])
    population = np.where(is_street, np.round(generator.lognormal(11.3, 0.75, count), -1).astype(np.int64), NONE)
    area = np.where(is_street, np.round(generator.lognormal(3.4, 0.9, count), 2), np.nan)
    committees = {r[0].removesuffix(committee): i for r, i in zip(rows, ids, strict=True) if r[0].endswith(committee)}
    parent = [committees.get(r[0][: -len(b)]) if (b := _bureau_of(r[0])) else None for r in rows]
    subjects = pl.DataFrame(
        {
            "subject_id": ids,
            "name": [r[0] for r in rows],
            "kind": kind.tolist(),
            "field": [r[2] for r in rows],
            "uscc": credit_codes(generator, "11", count, words.DISTRICT_CODE),
            "area_code": [street_area[i] if i < streets else None for i in range(count)],
            "parent_id": parent,
            "population": pl.Series([None if p == NONE else p for p in population.tolist()], dtype=pl.Int64),
            "area_km2": pl.Series(area).fill_nan(None),
            "valid_from": dates("d", np.full(count, arguments.first_day - 3000)),
            "valid_to": pl.Series([None] * count, dtype=pl.Date),
        }
    )

    # Departments and large zones' bureaus have several agencies, street-towns one or two.
    most = (
        pl.Series(kind).replace_strict({"street_town": 2, "zone": 3, "department": 8}, return_dtype=pl.Int64).to_numpy()
    )
    appetite = generator.lognormal(0.0, 0.6, count) * np.where(kind == "department", 1.6, 1.0)
    wanted = np.ones(count, dtype=np.int64)
    for _ in range(AGENCIES - count):
        room = np.where(wanted < most, appetite / wanted, -1.0)
        wanted[int(np.argmax(room))] += 1
    agency_subject = np.repeat(np.arange(count), wanted)
    start = np.concatenate([[0], np.cumsum(wanted)[:-1]])
    rank = np.arange(AGENCIES) - start[agency_subject]
    names = [
        f"{rows[s][0]}{words.AGENCY_NAMES[rows[s][1]][r]}"
        for s, r in zip(agency_subject.tolist(), rank.tolist(), strict=True)
    ]
    main_workflow = [words.DOMAINS[r[3][0]].workflow if r[1] != "street_town" else "street_comprehensive" for r in rows]
    workflows = [
        _workflow(rows[s][1], main_workflow[s], rows[s][3], r)
        for s, r in zip(agency_subject.tolist(), rank.tolist(), strict=True)
    ]
    agencies = pl.DataFrame(
        {
            "agency_id": [f"{ids[s]}-{r + 1:02d}" for s, r in zip(agency_subject.tolist(), rank.tolist(), strict=True)],
            "subject_id": [ids[s] for s in agency_subject.tolist()],
            "name": names,
            "workflow": workflows,
            "valid_from": dates("d", np.full(AGENCIES, arguments.first_day - 3000)),
            "valid_to": pl.Series([None] * AGENCIES, dtype=pl.Date),
        }
    )
    centre = np.column_stack(
        [117.42 + 0.024 * np.arange(streets) % 0.5, 38.68 + 0.055 * (np.arange(streets) * 8 % 21) / 2]
    )
    weight = generator.lognormal(0.0, 0.5, AGENCIES) / (1.0 + rank)
    return Bodies(
        subjects, agencies, kind, [r[3] for r in rows], street_area, centre, agency_subject, start, wanted, weight
    )


def _bureau_of(name: str) -> str:
    return next((b for b, _, _ in words.ZONE_BUREAUS if name.endswith(b) and not name.startswith("区")), "")


def _workflow(kind: str, main: str, domains: list[int], rank: int) -> str:
    if kind == "street_town":
        return ("street_comprehensive", "work_safety")[rank % 2]
    return words.DOMAINS[domains[rank % len(domains)]].workflow if rank else main


@dataclass
class Officers:
    """The ledger of postings, and for every agency and month who may act.

    `eligible` holds officer numbers (index into `ids`), agency by agency and month by month; those of agency a
    in month m are `eligible[start[a, m] : start[a, m] + count[a, m]]`: on post with a valid certificate
    all month, the busy ones first. Every such list has two members or more.
    """

    ledger: pl.DataFrame
    ids: list[str]
    agency_officers: np.ndarray
    start: np.ndarray
    count: np.ndarray
    eligible: np.ndarray
    #: Certificates that ended while the officer stayed: (officer, agency, first day without, last day on post).
    lapsed: list[tuple[int, int, int, int]]


def make_officers(arguments: DemoArguments, bodies: Bodies) -> Officers:
    """Officers of every agency with their postings over the years."""
    generator = arguments.generator("officers")
    agencies = len(bodies.agency_subject)
    kind = bodies.kind[bodies.agency_subject]
    least = np.full(agencies, 2, dtype=np.int64)
    weights = generator.lognormal(0.0, 0.75, agencies) * np.select(
        [kind == "street_town", kind == "zone"], [1.6, 0.8], 1.1
    )
    for street in bodies.streets.tolist():
        own = bodies.agency_subject == street
        many = int(own.sum())
        least[own] = apportion(SMALLEST_STREET, np.ones(many), np.full(many, 2))
        if street in words.IDLE_STREETS:
            weights[own] = 0.0
    sizes = apportion(arguments.officers, weights, least)
    total = arguments.officers

    agency_of = np.repeat(np.arange(agencies), sizes)
    place = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    drawn = generator.random((total, 6))
    surname = generator.integers(len(words.SURNAMES), size=total)
    given = generator.integers(len(words.GIVEN), size=(total, 2))
    starts = arguments.month_starts
    months = len(starts) - 1
    month_pick = generator.integers(0, max(1, months), size=(total, 2))
    phase = generator.integers(0, _CERTIFICATE_MONTHS, size=total)
    hired = arguments.first_day - generator.integers(400, 4000, size=total)

    ids = [f"{words.DISTRICT_CODE}{n:05d}" for n in range(1, total + 1)]
    postings: list[tuple[int, int, int, int, str, bool, int, int]] = []
    lapsed: list[tuple[int, int, int, int]] = []
    for o in range(total):
        agency, anchor = int(agency_of[o]), place[o] < _ANCHORS
        front = bool(drawn[o, 0] < 0.76) or bool(anchor)
        post = "A" if front and drawn[o, 1] < 0.72 else ("B" if drawn[o, 1] < 0.9 else "C")
        begin = int(hired[o])
        m1, m2 = int(month_pick[o, 0]), int(month_pick[o, 1])
        spans: list[tuple[int, int, int]] = [(agency, begin, NONE)]
        fate = drawn[o, 2]
        if not anchor and months > 2:
            change = int(starts[m1])
            if fate < 0.05:  # hired within the period
                spans = [(agency, change + 9, NONE)]
            elif fate < 0.09:  # left for good
                spans = [(agency, begin, change + 14)]
            elif fate < 0.15:  # moved to another agency, sometimes after some weeks
                other = int(m2 * 7919 + o) % agencies
                spans = [(agency, begin, change - 1), (other, change + int(drawn[o, 3] * 30), NONE)]
            elif fate < 0.20:  # away on leave for some months
                away = int(90 + drawn[o, 3] * 180)
                spans = [(agency, begin, change - 1), (agency, change + away, NONE)]
        lapses = not anchor and months > 2 and drawn[o, 4] < 0.06
        for where, on, off in spans:
            postings += _with_certificates(o, where, on, off, post, front, int(phase[o]), lapses, lapsed, arguments)

    columns = [np.array(c) for c in zip(*postings, strict=True)]
    order = np.lexsort((columns[2], columns[0]))
    arrays = [columns[place][order] for place in (0, 1, 2, 3, 6, 7)]
    posts, fronts = columns[4], columns[5]
    names = [
        words.SURNAMES[s] + words.GIVEN[a] + (words.GIVEN[b] if two < 0.7 else "")
        for s, (a, b), two in zip(surname.tolist(), given.tolist(), drawn[:, 5].tolist(), strict=True)
    ]
    ledger = pl.DataFrame(
        {
            "officer_id": pick(ids, arrays[0]),
            "on_post_from": dates("d", arrays[2]),
            "on_post_to": dates("d", arrays[3]),
            "agency_id": pick(bodies.agencies["agency_id"], arrays[1]),
            "name": pick(names, arrays[0]),
            "post": pick(posts.tolist(), order),
            "frontline": pl.Series(fronts[order]),
            "certificate_from": dates("d", arrays[4]),
            "certificate_to": dates("d", arrays[5]),
        }
    )
    start, count, eligible = _eligible(arguments, arrays, agencies, generator, total)
    return Officers(ledger, ids, sizes, start, count, eligible, lapsed)


def _with_certificates(
    officer: int, agency: int, on: int, off: int, post: str, front: bool, phase: int, lapses: bool,
    lapsed: list[tuple[int, int, int, int]], arguments: DemoArguments,
) -> list[tuple[int, int, int, int, str, bool, int, int]]:  # fmt: skip
    """One posting, a row for each certificate: valid for sixty months, renewed at the start of a month.

    `phase` (0 to 59) says in which months. Rows that ended long before the first day are left out. An officer who
    `lapses` misses the first renewal of the period and stays on post without a certificate.
    """
    rows: list[tuple[int, int, int, int, str, bool, int, int]] = []
    number = int(arguments.month_numbers[0]) - _CERTIFICATE_MONTHS * 4 + phase
    last = off if off != NONE else arguments.last_day
    while (begins := _month_start(number)) <= last:
        number += _CERTIFICATE_MONTHS
        ends = _month_start(number) - 1
        since = max(on, begins)
        until = NONE if off == NONE and ends > last else min(ends, last)
        if ends < on or ends < arguments.first_day - 200:
            continue
        if lapses and arguments.first_day + 60 < ends + 1 < last - 60:
            lapsed.append((officer, agency, ends + 1, last))
            return [*rows, (officer, agency, since, off, post, front, begins, ends)]
        rows.append((officer, agency, since, until, post, front, begins, ends))
    return rows


def _month_start(number: int) -> int:
    return day_number(date(number // 12, number % 12 + 1, 1))


def _eligible(
    arguments: DemoArguments, arrays: list[np.ndarray], agencies: int, generator: np.random.Generator, total: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    officer, agency, on, off, cert_from, cert_to = arrays
    first, last = arguments.month_starts[:-1], arguments.month_starts[1:] - 1
    covers = (on[:, None] <= first) & ((off[:, None] == NONE) | (off[:, None] >= last))
    covers &= (cert_from[:, None] <= first) & (cert_to[:, None] >= last)
    row, month = np.nonzero(covers)
    laziness = generator.random(total)
    key = laziness[officer[row]] + 0.35 * generator.random(len(row))
    group = agency[row] * len(first) + month
    order = np.lexsort((key, group))
    counts = np.bincount(group, minlength=agencies * len(first)).reshape(agencies, len(first))
    starts = (np.cumsum(counts.ravel()) - counts.ravel()).reshape(counts.shape)
    return starts, counts, officer[row][order]


def make_devices(
    arguments: DemoArguments, bodies: Bodies, officers: Officers
) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """The ledger of devices, and per agency where its lasting recorders begin and how many there are.

    A lasting recorder, in service before the first and after the last day, is the only kind that records;
    they stand first among an agency's devices.
    """
    generator = arguments.generator("devices")
    recorders = np.maximum(1, (officers.agency_officers * 0.55).astype(np.int64))
    others = np.maximum(1, (officers.agency_officers * 0.5).astype(np.int64))
    lasting = np.maximum(1, (recorders * 0.8).astype(np.int64))
    per_agency = recorders + others
    agency = np.repeat(np.arange(len(per_agency)), per_agency)
    start = np.cumsum(per_agency) - per_agency
    place = np.arange(len(agency)) - start[agency]
    is_recorder, is_lasting = place < recorders[agency], place < lasting[agency]
    days = arguments.last_day - arguments.first_day + 1
    other = np.array(["terminal", "printer", "workstation"])[generator.integers(3, size=len(agency))]
    late = generator.random(len(agency)) < 0.5
    inside = arguments.first_day + generator.integers(0, days, len(agency))
    issued = np.where(is_lasting | ~late, arguments.first_day - generator.integers(30, 1500, len(agency)), inside)
    retired = np.where(~is_lasting & ~late & is_recorder, inside, NONE)
    ledger = pl.DataFrame(
        {
            "device_id": running("ZB", np.arange(1, len(agency) + 1), 6),
            "agency_id": pick(bodies.agencies["agency_id"], agency),
            "kind": pl.Series(np.where(is_recorder, "recorder", other).tolist()),
            "issued_on": dates("d", issued),
            "retired_on": dates("d", retired),
        }
    )
    return ledger, start, lasting
