"""Small worlds for the comparison of SQL and reference: a few bodies, and records on every kind of edge.

A world is the month assessed and, by entity, rows of strings (None is an empty field), as `tests.spec.world.World`
and `tests.reference.tables` both read them. Every value is drawn from a handful, so that what rarely happens in a
district happens all the time here: ties, groups without a body, the first and the last day of a month, of a year and
of the thirteen months, days before and after a deadline and around the holidays of 2026-10-01, empty fields,
duplicates, corrections (`u`, `d`), late entry, and names that no ledger knows.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from pipelines.contract.loader import load_contracts

Row = dict[str, str | None]

#: October 2026 begins with a holiday and has a Saturday worked in exchange; the official calendar ends with 2026.
MONTHS = (date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 1), date(2026, 1, 1))
LATEST_ENTITIES = ("cases", "inspections", "leads", "coercions", "supervisions", "disputes", "participations")
CLOCKS = (time(0, 0), time(9, 30), time(23, 59, 59))

SUBJECTS = ("S1", "S1", "S1", "S2", "S2", "S3", "S4")
AGENCIES = ("A1", "A1", "A2", "A3", "A4")
OFFICERS = ("O1", "O1", "O2", "O2", "O3", "O4")
MATTERS = ("M1", "M1", "M1", "M2", "M2", "M3", "M4")
OBJECTS = ("B1", "B1", "B2")
ARTICLES = ("K1", "K1", "K2", "K2", "K3", "K4")
STAGES = ("start", "evidence", "review", "decision", "service", "execution")
ACTIVITIES = {
    "case": ("cases", "case_id", "C"),
    "inspection": ("inspections", "inspection_id", "N"),
    "coercion": ("coercions", "coercion_id", "X"),
    "lead": ("leads", "lead_id", "L"),
}
#: Names of documents, some of which say two things at once, as forms do.
PAPERS = {
    "coercion": (
        "行政强制措施决定书", "行政强制措施决定书", "查封扣押清单", "查封扣押清单", "扣押决定书及清单", "解除查封决定书",
        "冻结决定书",
    ),
    "case": ("行政处罚决定书", "行政处罚决定书", "当场行政处罚决定书", "不予行政处罚决定书", "调查询问笔录"),
}  # fmt: skip
#: Fields that hold names of records: those of a world that shares its database with others are told apart by them.
NAMES = {
    "subject_id", "agency_id", "officer_id", "device_id", "law_id", "article_id", "matter_id", "lead_id",
    "inspection_id", "plan_id", "object_id", "case_id", "party_id", "coercion_id", "activity_id", "recording_id",
    "document_id", "supervision_id", "dispute_id", "request_id", "from_subject_id", "to_subject_id", "replaced_by",
    "violated_articles", "penalty_articles",
}  # fmt: skip


@dataclass(frozen=True)
class SmallWorld:
    """A month, the moment up to which records are known (None: the default), and the rows by entity."""

    month: date
    as_of: datetime | None
    rows: dict[str, list[Row]]

    def with_rows(self, rows: dict[str, list[Row]]) -> "SmallWorld":
        """The same world with other rows."""
        return replace(self, rows=rows)

    def shown(self) -> str:
        """The world as the ASCII tables of a spec test; columns that are empty everywhere are left out."""
        lines = [f"month {self.month:%Y-%m}, as of {self.as_of or 'the default'}"]
        for entity, rows in self.rows.items():
            names = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
            cells = [names, *([row[name] or "." for name in names] for row in rows)]
            widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
            if rows:
                lines.append(f"{entity}:")
                lines += ["    " + " | ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
        return "\n".join(lines)


def _plus(month: date, months: int) -> date:
    index = month.year * 12 + month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _last(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


class Draw:
    """Draws the values of one world."""

    def __init__(self, seed: int, like: "Draw | None" = None) -> None:
        """The same seed gives the same world; one `like` another has its month and its moment."""
        self.random = Random(seed)
        self.month = month = like.month if like else self.pick(*MONTHS)
        self.number = 0
        self.last_activity: dict[str, Any] = {}
        self.last_case: dict[str, Any] = {}
        self.rows: dict[str, list[Row]] = {}
        self.default_as_of = datetime.combine(_plus(month, 1).replace(day=5), time(23, 59, 59))
        inside = [month, month, month + timedelta(days=9), month + timedelta(days=14), _last(month), _last(month)]
        around = [month - timedelta(days=1), month - timedelta(days=7), _plus(month, 1), self.default_as_of.date()]
        edges = [
            _plus(month, -2), _plus(month, -2) - timedelta(days=1),  # quarter
            date(month.year, 1, 1), date(month.year - 1, 12, 31),  # year to date
            _plus(month, -11), _plus(month, -11) - timedelta(days=1),  # twelve months
            _plus(month, -12), _plus(month, -12) - timedelta(days=1),  # thirteen months
        ]  # fmt: skip
        self.days: list[date] = [*inside, *around, *edges]
        self.as_of = like.as_of if like else self.pick(None, None, None, self.default_as_of - timedelta(days=20))

    def pick(self, *options: Any) -> Any:
        """One of the options; naming one twice makes it likelier."""
        return self.random.choice(options)

    def day(self) -> date:
        """A day inside the month or on an edge of a period."""
        found: date = self.random.choice(self.days)
        return found

    def moment(self) -> datetime:
        """A time on such a day: midnight, morning or the last second."""
        return datetime.combine(self.day(), self.pick(*CLOCKS))

    def after(self, start: date | datetime | None, *days: int) -> Any:
        """`start` moved by one of the numbers of days; None stays None."""
        return None if start is None else start + timedelta(days=self.pick(*days))

    def maybe(self, value: Any) -> Any:
        """The value or, less often, nothing."""
        return value if self.pick(True, True, True, False) else None

    def flag(self) -> str | None:
        """true, false or nothing."""
        found: str | None = self.pick("true", "true", "false", None)
        return found

    def code(self, name: str) -> str:
        """A code of a list of the contract."""
        found: str = self.pick(*load_contracts().code_lists[name].codes)
        return found

    def list_of(self, make: Callable[["Draw"], dict[str, Any]], entity: str, least: int, most: int) -> list[Row]:
        """So many rows of an entity, each with all its fields, None where `make` gives nothing."""
        number = self.random.randint(least, most)
        names = [field.name for field in load_contracts().entities[entity].fields]
        rows: list[Row] = []
        for self.number in range(number):
            made = make(self)
            rows.append({name: _text(made.pop(name, None)) for name in names} | {"_loaded_at": self.loaded_at()})
            assert not made, f"{entity} has no field {', '.join(made)}"
        self.rows[entity] = rows
        return rows

    def key(self, prefix: str, names: int) -> str:
        """A name for the row being made: its own in turn, or less often another's."""
        found: str = self.pick(*[f"{prefix}{self.number % names + 1}"] * 4, f"{prefix}{self.random.randint(1, names)}")
        return found

    def activity(self) -> dict[str, Any]:
        """Kind and name of an activity: mostly one that is there, else any; often the one before once more."""
        if self.number % 2 and self.pick(True, True, False):
            return self.last_activity
        kind = self.pick("case", "case", "case", "inspection", "inspection", "coercion", "coercion", "lead")
        entity, key, prefix = ACTIVITIES[kind]
        there = [row[key] for row in self.rows[entity]]
        if kind == "case" and self.pick(True, False):
            there = [a_case(self)]
        self.last_activity = {
            "activity_kind": kind,
            "activity_id": self.pick(*there[:2] * 4, *there, *there, f"{prefix}1", f"{prefix}99"),
        }
        return self.last_activity

    def loaded_at(self) -> str:
        """When a row was loaded: mostly long ago, else just in time or just too late."""
        known = self.as_of or self.default_as_of
        return str(self.pick(*[datetime(2020, 1, 1)] * 12, known, known + timedelta(seconds=1)))

    def entry(self, start: date | datetime | None) -> dict[str, Any]:
        """The fields of entry and correction of an activity that began at `start`."""
        known = self.as_of or self.default_as_of
        begun = start or self.month
        begun = begun if isinstance(begun, datetime) else datetime.combine(begun, time())
        entered = [begun + timedelta(days=days) for days in (0, 1, 3, 4)]
        entered += [datetime.combine(begun.date() + timedelta(days=3), time(23, 59, 59))]
        return {
            "submitted_at": self.pick(*entered, *entered, *entered, None, None, known, known + timedelta(seconds=1)),
            "updated_at": self.pick(*[None] * 9, begun, known, known + timedelta(seconds=1)),
            "operation": self.pick(*["i"] * 9, "u", "d", None),
        }


def _text(value: object) -> str | None:
    """A value as an export writes it."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return ";".join(value) or None
    return str(value)


# --- Ledgers -----------------------------------------------------------------------------------------------------


def subject(d: Draw) -> dict[str, Any]:
    key = d.key("S", 4)
    start = d.pick(date(2020, 1, 1), date(2020, 1, 1), date(2020, 1, 1), d.day())
    return {
        "subject_id": key, "name": key, "kind": d.code("subject_kind"), "field": d.pick(None, "social", "economic"),
        "valid_from": start, "valid_to": d.pick(None, None, None, d.day()),
    }  # fmt: skip


def agency(d: Draw) -> dict[str, Any]:
    key = d.key("A", 4)
    return {"agency_id": key, "name": key, "subject_id": d.pick(*SUBJECTS, "S9")}


def officer(d: Draw) -> dict[str, Any]:
    start = d.pick(date(2020, 1, 1), date(2020, 1, 1), d.day())
    return {
        "officer_id": d.key("O", 4), "on_post_from": start, "on_post_to": d.pick(None, None, d.day()),
        "agency_id": d.pick(*AGENCIES), "post": d.pick("A", "A", "B", None), "frontline": d.flag(),
        "certificate_from": d.pick(date(2020, 1, 1), date(2020, 1, 1), d.day()),
        "certificate_to": d.pick(None, None, d.day()),
    }  # fmt: skip


def device(d: Draw) -> dict[str, Any]:
    return {
        "device_id": d.key("D", 3), "agency_id": d.pick(*AGENCIES),
        "kind": d.pick("recorder", "recorder", "terminal"),
        "issued_on": d.pick(date(2020, 1, 1), d.day()), "retired_on": d.pick(None, None, d.day()),
    }  # fmt: skip


def law(d: Draw) -> dict[str, Any]:
    key = d.key("G", 3)
    return {"law_id": key, "name": key, "level": d.code("law_level"), "valid_from": date(2000, 1, 1)}


def article(d: Draw) -> dict[str, Any]:
    key = d.key("K", 4)
    return {
        "article_id": key, "law_id": d.pick("G1", "G1", "G2", "G3", "G9"), "number": "第1条",
        "valid_from": d.pick(date(2000, 1, 1), date(2000, 1, 1), d.day()), "valid_to": d.pick(None, None, d.day()),
    }  # fmt: skip


def matter(d: Draw) -> dict[str, Any]:
    key = d.key("M", 4)
    return {
        "matter_id": key, "name": key, "kind": d.pick("penalty", "penalty", "inspection", "coercion"),
        "workflow": d.pick("market_regulation", "general", "ecology", None),
        "domain": d.pick(None, "城市管理", "道路交通安全", "卫生健康"), "penalty_articles": d.pick(None, ("K1",), ("K1", "K2")),
        "valid_from": d.pick(date(2020, 1, 1), date(2020, 1, 1), d.day()), "valid_to": d.pick(None, None, d.day()),
        "decision_days": d.pick(None, 90, 15, 0), "fine_min": d.pick(None, "0", "500", "1000"),
        "fine_max": d.pick(None, "1000", "3000"), "penalty_types": d.pick(
            None, ("fine",), ("warning", "fine"), ("warning", "fine", "order_close", "revoke_licence", "detention"),
        ),
    }  # fmt: skip


def power(d: Draw) -> dict[str, Any]:
    return {
        "subject_id": d.pick(*SUBJECTS, "S9"), "matter_id": d.pick(*MATTERS, "M9"),
        "valid_from": d.pick(date(2020, 1, 1), date(2020, 1, 1), d.day()), "valid_to": d.pick(None, None, d.day()),
        "duty_listed": d.flag(), "origin": d.code("power_origin"),
    }  # fmt: skip


# --- Activity ----------------------------------------------------------------------------------------------------


def lead(d: Draw) -> dict[str, Any]:
    received = d.moment()
    return {
        "lead_id": d.key("L", 10), "source": d.code("source"), "subject_id": d.pick(*SUBJECTS, "S9"),
        "received_at": received, "matter_id": d.pick("M1", "M1", "M1", "M1", "M2", None, "M9"),
        "object_id": d.maybe(d.pick(*OBJECTS)), "accepted_at": d.maybe(d.after(received, 0, 1)),
        "first_visit_at": d.pick(None, None, received, d.moment(), d.after(received, 14, 15, 16)),
        "closed_at": d.pick(None, d.after(received, -1, 0, 14, 15, 15, 16)),
        "disposition": d.maybe(d.code("lead_disposition")), "case_id": d.pick(None, "C1", "C2"), **d.entry(received),
    }  # fmt: skip


def inspection(d: Draw) -> dict[str, Any]:
    started = d.moment()
    return {
        "inspection_id": d.key("N", 12), "subject_id": d.pick(*SUBJECTS, "S9"),
        "agency_id": d.maybe(d.pick(*AGENCIES)), "matter_id": d.maybe(d.pick(*MATTERS, "M9")),
        "mode": d.pick("planned", "random", d.code("inspection_mode")), "plan_id": d.pick(None, "P1", "P2", "P9"),
        "object_id": d.maybe(d.pick(*OBJECTS)), "started_at": started, "ended_at": d.maybe(d.after(started, 0)),
        "result": d.pick("pass", "problem", d.code("inspection_result"), None), "problems": d.pick(None, "0", "2"),
        **d.entry(started),
    }  # fmt: skip


def plan(d: Draw) -> dict[str, Any]:
    due = d.day()
    return {
        "plan_id": d.key("P", 3), "subject_id": d.pick(*SUBJECTS, "S9"), "due_on": due,
        "matter_id": d.maybe(d.pick(*MATTERS)), "object_id": d.maybe(d.pick(*OBJECTS)),
        "cancelled": d.pick(None, "false", "false", "true"), **d.entry(_plus(due.replace(day=1), -1)),
    }  # fmt: skip


def case(d: Draw) -> dict[str, Any]:
    filed = d.pick(None, d.moment(), d.moment(), d.moment())
    decided = d.pick(None, d.moment(), d.moment(), *[d.after(filed, -1, 0, 14, 15, 16, 89, 90, 91)] * 4)
    begun = filed or decided
    found = None if begun is None else begun.date()
    served = d.maybe(d.after(decided, -1, 0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17))
    made = {
        "case_id": d.key("C", 12), "document_no": d.pick(None, "罚1", "罚2", f"罚{d.number}", f"罚{d.number}"), "subject_id": d.pick(*SUBJECTS, "S9"),
        "agency_id": d.maybe(d.pick(*AGENCIES)), "matter_id": d.pick(*MATTERS, "M9"),
        "lead_id": d.pick(None, "L1", "L2", "L9"), "source": d.code("source"),
        "procedure": d.pick("ordinary", "ordinary", "ordinary", "simple"),
        "party_id": d.maybe(d.pick(*OBJECTS)), "party_kind": d.maybe(d.code("object_kind")),
        "violation_on": d.maybe(d.after(found, 0, -729, -730, -731, -732, -1825, -1827, 1)),
        "discovered_on": d.maybe(d.after(found, 0, 0, 0, -1, 1, -19, -20, -21, -22, -23)), "filed_at": filed,
        "violated_articles": d.pick(None, (d.pick(*ARTICLES),), (d.pick(*ARTICLES), "K9")),
        "penalty_articles": d.pick(None, None, (d.pick(*ARTICLES),), ("K1", "K2"), ("K9",)), "review_required": d.flag(),
        "reviewed_at": d.maybe(d.after(decided, -1, 0, 0, 1)),
        "notified_at": d.maybe(d.after(decided, -30, -12, -8, -7, -6, -5, -1, 0, 1)),
        "hearing_requested_at": d.pick(None, None, d.after(decided, -5, -1)),
        "hearing_at": d.pick(None, None, d.after(decided, -2, 0, 1)), "decided_at": decided,
        "decision": d.pick(*["penalty"] * 6, "no_penalty", "no_penalty", "withdrawn", "transferred", None),
        "penalty_types": d.pick(
            None, ("fine",), ("fine",), ("fine",), ("warning",), ("warning", "fine"), ("order_close",),
            ("revoke_licence", "fine"), ("criticism",),
            ("confiscate_gains", "fine"), ("detention",), ("other",),
        ),
        "fine_amount": d.pick(None, "0", "200", "200.01", "500", "1000", "3000", "3000.01", "10000", "100000"),
        "confiscated_amount": d.pick(None, None, "0", "10000"),
        "discretion": d.maybe(d.code("discretion")), "discretion_ground": d.pick(None, "初次违法"),
        "major": d.flag(), "served_at": served,
        "executed_at": d.pick(None, d.after(decided, 0, 20), d.after(served, -1, 0, 14, 15, 16)), "closed_at": d.pick(None, d.after(decided, 30)),
        "published_at": d.maybe(d.after(decided, -1, 0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)),
        "revoked_at": d.pick(None, None, None, d.after(decided, 5, 60)),
        **d.entry(begun),
    }  # fmt: skip
    # One act decided twice: the party, the day and the matter of the case before once more.
    if d.last_case and d.pick(True, False, False):
        made |= {name: d.last_case[name] for name in ("party_id", "violation_on", "matter_id")}
    d.last_case = made
    return dict(made)


def coercion(d: Draw) -> dict[str, Any]:
    imposed = d.moment()
    return {
        "coercion_id": d.key("X", 4), "subject_id": d.pick(*SUBJECTS, "S9"),
        "case_id": d.pick(None, "C1"), "matter_id": d.pick(*MATTERS, None), "measure": d.pick("freeze", "seal", "seize", d.code("coercion_measure")),
        "urgent": d.flag(), "approved_at": d.maybe(d.after(imposed, -1, 0, 1, 2)), "imposed_at": imposed,
        "extended_at": d.pick(None, d.after(imposed, 29, 30, 31)),
        "released_at": d.pick(None, d.after(imposed, -1, 0, 29, 30, 31, 59, 60, 61)), **d.entry(imposed),
    }  # fmt: skip


def document(d: Draw) -> dict[str, Any]:
    kind = d.pick("case", "coercion", "coercion") if d.rows["coercions"] else "case"
    if kind == "case":
        activity, issued = a_case(d), d.moment()
    else:
        measure = d.pick(*d.rows["coercions"][:2], *d.rows["coercions"])
        activity, issued = measure["coercion_id"], datetime.fromisoformat(measure["imposed_at"])
    return {
        "document_id": d.key("W", 20), "activity_kind": kind, "activity_id": activity, "kind": d.pick(*PAPERS[kind]),
        "issued_at": d.maybe(d.after(issued, 0, 0, 0, 0, -1, 1, 3, 4, 5, 6, 7, 8, 11)),
        "complete": d.pick("true", "true", d.flag()), **d.entry(issued),
    }  # fmt: skip


def participation(d: Draw) -> dict[str, Any]:
    return {**d.activity(), "officer_id": d.pick(*OFFICERS, "O9"), "role": d.code("participation_role"),
            **d.entry(None)}  # fmt: skip


def a_case(d: Draw) -> str | None:
    """A case that is there; mostly the first that ended with a penalty, so that it has a file worth the name."""
    known = [row["case_id"] for row in d.rows["cases"]]
    penalties = [row["case_id"] for row in d.rows["cases"] if row["decision"] == "penalty" and row["decided_at"]]
    found: str | None = d.pick(*penalties[:1] * 3 * len(known), *known)
    return found


def recording(d: Draw) -> dict[str, Any]:
    started = d.moment()
    return {
        "recording_id": d.key("R", 18), "device_id": d.pick(None, "D1", "D2", "D9"),
        "activity_kind": "case", "activity_id": a_case(d),
        "stage": d.pick(STAGES[d.number % 6], STAGES[d.number % 6], STAGES[d.number % 6], d.code("record_stage")),
        "medium": d.code("record_medium"), "started_at": started, **d.entry(started),
    }  # fmt: skip


def supervision(d: Draw) -> dict[str, Any]:
    done = d.pick(d.moment(), d.moment(), d.as_of or d.default_as_of, d.default_as_of + timedelta(seconds=1))
    due = d.pick(None, d.day(), d.day())
    activity = d.pick({}, *[d.activity()] * 5)
    return {
        "supervision_id": d.key("V", 6), "kind": d.pick("file_review", d.code("supervision_kind")),
        "subject_id": d.pick(*SUBJECTS, "S9"), **activity, "done_at": done,
        "score": d.pick(None, "0", "59.9", "60", "89.9", "90", "100"), "fatal": d.pick(None, "false", "true"),
        "problems": d.pick(None, "0", "1", "2", "2"), "rectify_due_on": due,
        "rectified_on": d.maybe(d.after(due, -1, 0, 1)), **d.entry(done),
    }  # fmt: skip


def dispute(d: Draw) -> dict[str, Any]:
    concluded = d.maybe(d.day())
    filed = (concluded or d.month) - timedelta(days=30)
    return {
        "dispute_id": d.key("T", 4), "case_id": d.pick(*[row["case_id"] for row in d.rows["cases"]], "C99"),
        "kind": d.code("dispute_kind"), "filed_on": filed, "concluded_on": concluded,
        "outcome": d.maybe(d.code("dispute_outcome")), **d.entry(filed),
    }  # fmt: skip


def assistance_request(d: Draw) -> dict[str, Any]:
    requested = d.moment()
    return {
        "request_id": d.key("Q", 5), "from_subject_id": d.pick(*SUBJECTS),
        "to_subject_id": d.pick(*SUBJECTS, "S9"), "requested_at": requested,
        "replied_at": d.maybe(d.after(requested, -1, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)),
        "outcome": d.maybe(d.code("assistance_outcome")), **d.entry(requested),
    }  # fmt: skip


#: By entity: how a row is made, and how many rows at least and at most.
ROWS: dict[str, tuple[Callable[[Draw], dict[str, Any]], int, int]] = {
    "subjects": (subject, 2, 6),
    "agencies": (agency, 2, 5),
    "officers": (officer, 3, 8),
    "devices": (device, 0, 4),
    "laws": (law, 2, 4),
    "articles": (article, 3, 6),
    "matters": (matter, 3, 6),
    "powers": (power, 3, 10),
    "leads": (lead, 1, 10),
    "inspections": (inspection, 3, 12),
    "inspection_plans": (plan, 0, 4),
    "cases": (case, 6, 15),
    "coercions": (coercion, 0, 6),
    "documents": (document, 2, 18),
    "participations": (participation, 8, 28),
    "recordings": (recording, 0, 18),
    "supervisions": (supervision, 1, 7),
    "disputes": (dispute, 0, 4),
    "assistance_requests": (assistance_request, 0, 5),
}


def _corrections(d: Draw, rows: dict[str, list[Row]]) -> None:
    """Append versions of records that are there: the same again, with a change, or withdrawn."""
    known = d.as_of or d.default_as_of
    for _ in range(d.random.randint(0, 4)):
        entity = d.pick(*LATEST_ENTITIES)
        if not rows[entity]:
            continue
        again = dict(d.pick(*rows[entity]))
        again["operation"] = d.pick("i", "u", "u", "d")
        moments: Sequence[datetime] = (known - timedelta(days=1), known, known + timedelta(seconds=1))
        again["updated_at"] = d.pick(again["updated_at"], *map(str, moments))
        again["subject_id" if "subject_id" in again else "operation"] = (
            d.pick(again["subject_id"], "S1", "S9") if "subject_id" in again else again["operation"]
        )
        rows[entity].append(again)


def world_of(seed: int, like: Draw | None = None) -> SmallWorld:
    """The world of a seed, of up to some hundred rows; its month and moment are those of `like`, if given."""
    d = Draw(seed, like)
    rows = {entity: d.list_of(make, entity, least, most) for entity, (make, least, most) in ROWS.items()}
    _corrections(d, rows)
    return SmallWorld(d.month, d.as_of, rows)


def _named_apart(row: Row, number: int) -> Row:
    """The row with a number before every name in it."""
    return {
        name: ";".join(f"w{number}.{part}" for part in cell.split(";")) if cell and name in NAMES else cell
        for name, cell in row.items()
    }


def worlds_side_by_side(seed: int, number: int) -> SmallWorld:
    """So many worlds of one month and moment in one: they share groups and the total, and not one record.

    What the SQL costs is hardly more than for one world, so that many can be compared.
    """
    like = Draw(seed)
    worlds = [world_of(like.random.getrandbits(63), like) for _ in range(number)]
    rows = {
        entity: [_named_apart(row, which) for which, world in enumerate(worlds) for row in world.rows[entity]]
        for entity in ROWS
    }
    return SmallWorld(like.month, like.as_of, rows)


def small_worlds(number: int = 1) -> st.SearchStrategy[SmallWorld]:
    """Worlds, or so many side by side, each of a seed of its own: a world is too large to be drawn value by value and shrunk by Hypothesis.

    `equality.reduced` makes a world small instead, row by row and field by field.
    """
    seeds = st.integers(0, 2**63)
    return seeds.map(world_of) if number == 1 else seeds.map(lambda seed: worlds_side_by_side(seed, number))
