"""Statutory rules that the contract's fields can decide (domain §2), for one case or one measure at a time.

A rule answers `pass`, `fail`, `not_applicable`, or `undecidable` where a field needed to decide is missing: missing
data is never a pass. Days are compared as days, and the day from which one counts is not counted. All rules that may
void a decision are here, and of the others those of time limits and discretion.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from tests.reference.exports import Row
from tests.reference.periods import share_a_day
from tests.reference.records import Records
from tests.reference.versions import matter_in_force
from tests.reference.words import case_date, is_decided
from tests.reference.working_days import nth_working_day_after

#: Fines of a simple decision (art. 51) since the revision of 2021 and before, in yuan, by kind of party.
SIMPLE_FINE = {"person": 200, "organisation": 3000, "sole_trader": 3000}
SIMPLE_FINE_BEFORE = {"person": 50, "organisation": 1000, "sole_trader": 1000}
REVISION = date(2021, 7, 15)
#: Fields in which another law governs the simple procedure.
OTHER_SIMPLE_LAWS = {"道路交通安全", "治安管理"}
#: Penalties for which the right to a hearing must be told whatever the amount (art. 63).
HEARING_TYPES = {"downgrade", "revoke_licence", "order_suspend", "order_close", "ban"}
#: From here on a fine or a confiscation is a larger one, by kind of party.
LARGER = {"person": 10_000, "organisation": 100_000, "sole_trader": 100_000}
HEARING_WORKING_DAYS = 5
LIMITATION_YEARS, LONGEST_YEARS = 2, 5
#: Where the longer limit may apply: life, health, financial safety (art. 36).
LONGER_WORKFLOWS = {"market_regulation", "work_safety", "ecology", "housing_construction"}
LONGER_DOMAINS = {"卫生健康", "交通运输", "金融"}
PUBLICATION_WORKING_DAYS, PUBLICATION_IN_MARKETS = 7, 20
#: What a rule of a ministry or a government may set (arts 13, 14).
RULE_TYPES = {"warning", "criticism", "fine"}


def _judged(passes: bool) -> str:
    return "pass" if passes else "fail"


def is_penalty(case: Row) -> bool:
    """A case that was decided with a penalty."""
    return is_decided(case) and case["decision"] == "penalty"


def years_after(day: date, years: int) -> date:
    """The same day years later; of a leap day the last of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def is_order_unknown(one: datetime, other: datetime) -> bool:
    """Two moments of one day of which one came without a time of day, which is stored as its midnight."""
    return one.date() == other.date() and time() in (one.time(), other.time())


def newest_matter(records: Records, matter_id: str) -> Row | None:
    """The newest version of a matter, None for a matter outside the ledger."""
    versions = [matter for matter in records.matters if matter["matter_id"] == matter_id]
    return max(versions, key=lambda matter: matter["valid_from"], default=None)


def _matter_word(records: Records, case: Row, name: str) -> str | None:
    matter = newest_matter(records, case["matter_id"])
    return None if matter is None else matter[name]


def act_day(case: Row) -> date:
    """The day the violation ended, else the day of the case."""
    moment = case_date(case)
    assert moment is not None
    day: date = case["violation_on"] or moment.date()
    return day


def fine_of(case: Row) -> str | None:
    """Why no fine can be judged: no penalty, or not known whether there is one; None where there is a fine."""
    if not is_penalty(case):
        return "not_applicable"
    if not case["fine_amount"]:
        if case["penalty_types"] is None:
            return "undecidable"
        if "fine" not in case["penalty_types"]:
            return "not_applicable"
    return None


def p01(records: Records, case: Row) -> str:
    """Art. 60: an ordinary case is decided within the days its matter allowed when it was filed."""
    if case["procedure"] == "simple" or case["decision"] == "withdrawn":
        return "not_applicable"
    if case["filed_at"] is None:
        return "undecidable"
    filed = case["filed_at"].date()
    matter = matter_in_force(records, case["matter_id"], filed)
    if matter is None:
        return "undecidable"
    due = filed + timedelta(days=matter["decision_days"])
    if case["decided_at"] is None:
        return "fail" if records.as_of.date() > due else "not_applicable"
    decided = case["decided_at"].date()
    return "undecidable" if decided < filed else _judged(decided <= due)


def _by_working_day(start: datetime, done: datetime | None, number: int, as_of: datetime) -> str:
    if done is not None and done.date() < start.date():
        return "undecidable"
    due = nth_working_day_after(start.date(), number)
    if due is None:
        return "undecidable"
    if done is not None:
        return _judged(done.date() <= due)
    return "not_applicable" if as_of.date() <= due else "fail"


def p02(records: Records, case: Row) -> str:
    """Art. 61: the decision is served within seven working days."""
    if not is_decided(case):
        return "not_applicable"
    return _by_working_day(case["decided_at"], case["served_at"], 7, records.as_of)


def p03(records: Records, case: Row) -> str:
    """Art. 42: at least two officers whose certificate is valid on the case date."""
    from tests.reference.indicators.procedure import officers_with_certificate

    moment = case_date(case)
    assert moment is not None
    named = {
        row["officer_id"]
        for row in records.participations
        if (row["activity_kind"], row["activity_id"]) == ("case", case["case_id"])
    }
    certified = officers_with_certificate(records, case["case_id"], moment.date())
    unknown = named - {posting["officer_id"] for posting in records.officers}
    if not named:
        return "undecidable"
    if len(certified) >= 2:
        return "pass"
    return "undecidable" if len(named) >= 2 and len(certified) + len(unknown) >= 2 else "fail"


def p04(records: Records, case: Row) -> str:
    """Art. 51: on the spot only a warning, or a fine of at most 200 yuan for a person, 3,000 for an organisation."""
    if not is_penalty(case) or case["procedure"] != "simple":
        return "not_applicable"
    if _matter_word(records, case, "domain") in OTHER_SIMPLE_LAWS:
        return "not_applicable"
    if case["penalty_types"] is None:
        return "undecidable"
    if set(case["penalty_types"]) - {"warning", "fine"}:
        return "fail"
    if case["fine_amount"] is None:
        return "undecidable" if "fine" in case["penalty_types"] else "pass"
    limits = SIMPLE_FINE if case["decided_at"].date() >= REVISION else SIMPLE_FINE_BEFORE
    possible = [limits[case["party_kind"]]] if case["party_kind"] else list(limits.values())
    if case["fine_amount"] > max(possible):
        return "fail"
    return "pass" if case["fine_amount"] <= min(possible) else "undecidable"


def p07(records: Records, case: Row) -> str:
    """Art. 44, 45, 62: the party is told of facts, grounds and rights before the penalty."""
    if not is_penalty(case):
        return "not_applicable"
    if case["notified_at"] is None or is_order_unknown(case["notified_at"], case["decided_at"]):
        return "undecidable"
    return _judged(case["notified_at"] < case["decided_at"])


def _hearing_right(case: Row) -> bool | None:
    """Whether the penalty carries the right to a hearing; None where a missing field decides."""
    types = set(case["penalty_types"] or [])
    amounts = [amount for amount in (case["fine_amount"], case["confiscated_amount"]) if amount is not None]
    possible = [LARGER[case["party_kind"]]] if case["party_kind"] else list(LARGER.values())
    if types & HEARING_TYPES or any(amount >= max(possible) for amount in amounts):
        return True
    if case["penalty_types"] is None or "other" in types or any(amount >= min(possible) for amount in amounts):
        return None
    if "fine" in types and case["fine_amount"] is None:
        return None
    if types & {"confiscate_gains", "confiscate_goods"} and case["confiscated_amount"] is None:
        return None
    return False


def p08(records: Records, case: Row) -> str:
    """Art. 63, 64: no decision within five working days of the notice; a hearing asked for in them is held before."""
    right = _hearing_right(case)
    if not is_penalty(case) or right is False:
        return "not_applicable"
    notified, decided = case["notified_at"], case["decided_at"]
    if right is None or notified is None:
        return "undecidable"
    if notified.date() > decided.date():
        return "fail"
    last = nth_working_day_after(notified.date(), HEARING_WORKING_DAYS)
    if last is None:
        return "undecidable"
    asked = case["hearing_requested_at"]
    if asked is not None and asked.date() <= last:
        return _judged(case["hearing_at"] is not None and case["hearing_at"] < decided)
    return _judged(decided.date() > last)


def p09(records: Records, case: Row) -> str:
    """Art. 58: a case that must be reviewed, is major, or had a hearing is reviewed before the decision."""
    if not is_decided(case):
        return "not_applicable"
    if not (case["review_required"] is True or case["major"] is True or case["hearing_at"] is not None):
        return "undecidable" if case["review_required"] is None else "not_applicable"
    if case["reviewed_at"] is None:
        return "fail"
    if case["reviewed_at"] <= case["decided_at"]:
        return "pass"
    return "undecidable" if is_order_unknown(case["reviewed_at"], case["decided_at"]) else "fail"


def p11(records: Records, case: Row) -> str:
    """Art. 36: found within two years of the end; within five where harm to life, health or finance is possible."""
    if not is_penalty(case):
        return "not_applicable"
    ended, found = case["violation_on"], case["discovered_on"]
    if ended is None or found is None:
        return "undecidable"
    if found <= years_after(ended, LIMITATION_YEARS):
        return "pass"
    longer = (
        _matter_word(records, case, "workflow") in LONGER_WORKFLOWS
        or _matter_word(records, case, "domain") in LONGER_DOMAINS
    )
    return "undecidable" if longer and found <= years_after(ended, LONGEST_YEARS) else "fail"


def p12(records: Records, case: Row) -> str:
    """Art. 29: no second fine for one act: same party, same day, same matter or same articles."""
    if (no_fine := fine_of(case)) is not None:
        return no_fine
    if case["party_id"] is None or case["violation_on"] is None:
        return "undecidable"
    return _judged(
        not any(
            other["decision"] == "penalty"
            and other["revoked_at"] is None
            and (other["party_id"], other["violation_on"]) == (case["party_id"], case["violation_on"])
            and (
                other["matter_id"] == case["matter_id"]
                or (case["violated_articles"] is not None and other["violated_articles"] == case["violated_articles"])
            )
            and ((other["fine_amount"] or 0) > 0 or "fine" in (other["penalty_types"] or []))
            and other["decided_at"] is not None
            and (other["decided_at"], other["case_id"]) < (case["decided_at"], case["case_id"])
            for other in records.all_cases
        )
    )


def p14(records: Records, case: Row) -> str:
    """Art. 32, 33: a lighter or mitigated penalty has a recorded ground; without one, no penalty stays open."""
    if not is_decided(case):
        return "not_applicable"
    has_ground = bool((case["discretion_ground"] or "").strip())
    if case["decision"] == "no_penalty":
        return "pass" if has_ground else "undecidable"
    if case["discretion"] is None:
        return "undecidable"
    return _judged(has_ground) if case["discretion"] in ("lighter", "mitigated") else "not_applicable"


def p15(records: Records, case: Row) -> str:
    """Art. 34: the fine lies inside the band of the matter; mitigated with a ground it may lie below."""
    if (no_fine := fine_of(case)) is not None:
        return no_fine
    fine, matter = case["fine_amount"], matter_in_force(records, case["matter_id"], act_day(case))
    if fine is None or matter is None or (matter["fine_min"] is None and matter["fine_max"] is None):
        return "undecidable"
    if matter["fine_max"] is not None and fine > matter["fine_max"]:
        return "fail"
    if matter["fine_min"] is not None and fine < matter["fine_min"]:
        if case["discretion"] is None:
            return "undecidable"
        return _judged(case["discretion"] == "mitigated" and bool((case["discretion_ground"] or "").strip()))
    return "undecidable" if matter["fine_max"] is None else "pass"


def _level_may_set(level: str, penalty_type: str) -> bool:
    """Arts 10 to 14: what a law of the level may set; `other` is for laws and administrative regulations."""
    if level == "law":
        return True
    if level == "admin_regulation":
        return penalty_type != "detention"
    if level == "local_regulation":
        return penalty_type not in ("detention", "other")
    return penalty_type in RULE_TYPES


def p16(records: Records, case: Row) -> str:
    """Art. 9 to 14: the types are among those of the matter and within what the level of the law may set."""
    if not is_penalty(case):
        return "not_applicable"
    matter = matter_in_force(records, case["matter_id"], act_day(case))
    if case["penalty_types"] is None or matter is None or matter["penalty_types"] is None:
        return "undecidable"
    if set(case["penalty_types"]) - set(matter["penalty_types"]):
        return "fail"
    cited = case["penalty_articles"] if case["penalty_articles"] is not None else matter["penalty_articles"] or []
    law_of = {article["article_id"]: article["law_id"] for article in records.articles}
    level_of = {law["law_id"]: law["level"] for law in records.laws}
    levels = [level_of.get(law_of.get(article)) for article in cited]
    open_types = [
        penalty_type
        for penalty_type in case["penalty_types"]
        if not any(level is not None and _level_may_set(level, penalty_type) for level in levels)
    ]
    if not open_types:
        return "pass"
    return "undecidable" if not levels or None in levels else "fail"


def p17(records: Records, case: Row) -> str:
    """Art. 17, 18, 24: the body holds the power on the day of the decision; none of them may detain."""
    if not is_decided(case):
        return "not_applicable"
    if "detention" in (case["penalty_types"] or []):
        return "fail"
    listed = [power for power in records.powers if power["subject_id"] == case["subject_id"]]
    if not listed:
        return "undecidable"
    day = case["decided_at"].date()
    return _judged(
        any(
            power["matter_id"] == case["matter_id"]
            and share_a_day((day, day), (power["valid_from"], power["valid_to"]))
            for power in listed
        )
    )


def _is_lighter(before: Row | None, after: Row | None) -> bool | None:
    """Whether the later band lies nowhere above the earlier; None where a limit is missing and the other is no answer."""
    parts = [
        None if before is None or after is None or before[name] is None or after[name] is None
        else after[name] <= before[name]
        for name in ("fine_min", "fine_max")
    ]  # fmt: skip
    return False if False in parts else None if None in parts else True


def p18(records: Records, case: Row) -> str:
    """Art. 37: the rule in force at the act, or the later one if it is lighter."""
    if not is_penalty(case):
        return "not_applicable"
    act, decided = case["violation_on"], case["decided_at"].date()
    if act is None:
        return "undecidable"
    then = matter_in_force(records, case["matter_id"], act)
    now = matter_in_force(records, case["matter_id"], decided)
    cited = [*(case["violated_articles"] or []), *(case["penalty_articles"] or [])]
    if not cited:
        if newest_matter(records, case["matter_id"]) is None:
            return "undecidable"
        if then is None:
            return "fail"
        return "pass" if now is not None and now["valid_from"] == then["valid_from"] else "undecidable"
    ledger = {article["article_id"]: article for article in records.articles}
    known = [ledger[article] for article in cited if article in ledger]
    if any(article["valid_to"] is not None and article["valid_to"] < act for article in known):
        return "fail"
    if any(article["valid_from"] > decided for article in known):
        return "fail"
    if len(known) < len(cited):
        return "undecidable"
    if all(article["valid_from"] <= act for article in known):
        return "pass"
    lighter = _is_lighter(then, now)
    return "undecidable" if lighter is None else _judged(lighter)


def p19(records: Records, case: Row) -> str:
    """Art. 48: a penalty that stands is published within seven working days, twenty in market regulation."""
    if not is_penalty(case) or case["revoked_at"] is not None:
        return "not_applicable"
    in_markets = _matter_word(records, case, "workflow") == "market_regulation"
    number = (
        PUBLICATION_IN_MARKETS
        if in_markets and case["decided_at"].date() >= date(2021, 9, 1)
        else PUBLICATION_WORKING_DAYS
    )
    return _by_working_day(case["decided_at"], case["published_at"], number, records.as_of)


def c02(records: Records, measure: Row) -> str:
    """Coercion Law art. 19: an urgent measure is approved within 24 hours; a bare date stands for its whole day."""
    if measure["urgent"] is None:
        return "undecidable"
    if measure["urgent"] is False:
        return "not_applicable"
    day, limit = timedelta(days=1), timedelta(hours=24)
    imposed, approved = measure["imposed_at"], measure["approved_at"]
    # The last second of the day: whatever is more than 24 hours after it is late at every hour of that day.
    latest_imposed = imposed + day - timedelta(seconds=1) if imposed.time() == time() else imposed
    if approved is None:
        return "fail" if records.as_of > latest_imposed + limit else "not_applicable"
    latest_approved = approved + day if approved.time() == time() else approved
    if latest_approved <= imposed + limit:
        return "pass"
    return "fail" if approved > latest_imposed + limit else "undecidable"


def _days_allowed(measure: Row) -> int:
    """30 days, 60 if extended inside the first 30."""
    start, extended = measure["imposed_at"].date(), measure["extended_at"]
    in_time = extended is not None and 0 <= (extended.date() - start).days <= 30
    return 60 if in_time else 30


def _case_decided(records: Records, measure: Row) -> date | None:
    """The day on which the case of the measure was decided."""
    for case in records.cases:
        if case["case_id"] == measure["case_id"] and is_decided(case):
            day: date = case["decided_at"].date()
            return day
    return None


def _by_limit(records: Records, measure: Row, ends: Iterable[date | None]) -> str:
    start, days = measure["imposed_at"].date(), _days_allowed(measure)
    ended = min((day for day in ends if day is not None), default=None)
    if ended is None:
        return "fail" if (records.as_of.date() - start).days > days else "not_applicable"
    return "undecidable" if ended < start else _judged((ended - start).days <= days)


def _released(measure: Row) -> date | None:
    return None if measure["released_at"] is None else measure["released_at"].date()


def c04(records: Records, measure: Row) -> str:
    """Art. 25: sealing and seizing end within 30 days, within 60 if extended; after a decision in time, it governs."""
    if measure["measure"] not in ("seal", "seize"):
        return "not_applicable"
    state = _by_limit(records, measure, [_released(measure)])
    decided = _case_decided(records, measure)
    if _released(measure) is None and decided is not None:
        in_time = (decided - measure["imposed_at"].date()).days <= _days_allowed(measure)
        return "not_applicable" if in_time else state
    return state


def c05(records: Records, measure: Row) -> str:
    """Art. 27, 28: within the limit the case is decided or the measure released."""
    if measure["measure"] not in ("seal", "seize"):
        return "not_applicable"
    return _by_limit(records, measure, [_released(measure), _case_decided(records, measure)])


Rule = Callable[[Records, Row], str]
CASE_RULES: dict[str, Rule] = {
    "P01": p01, "P02": p02, "P03": p03, "P04": p04, "P07": p07, "P08": p08, "P09": p09, "P11": p11, "P12": p12,
    "P14": p14, "P15": p15, "P16": p16, "P17": p17, "P18": p18, "P19": p19,
}  # fmt: skip
COERCION_RULES: dict[str, Rule] = {"C02": c02, "C04": c04, "C05": c05}
#: Of the rules for cases, those of severity V.
VETO_RULES = ("P03", "P04", "P07", "P08", "P09", "P11", "P12", "P15", "P16", "P17", "P18")


def judged(records: Records, months: set[date]) -> dict[tuple[str, str], str]:
    """(rule, record) → result, of the cases and measures of the months."""
    found = {}
    for case in records.cases:
        moment = case["decided_at"] or case["filed_at"]
        if moment is not None and moment.date().replace(day=1) in months:
            found |= {(name, case["case_id"]): rule(records, case) for name, rule in CASE_RULES.items()}
    for measure in records.coercions:
        if measure["imposed_at"].date().replace(day=1) in months:
            found |= {(name, measure["coercion_id"]): rule(records, measure) for name, rule in COERCION_RULES.items()}
    return found
