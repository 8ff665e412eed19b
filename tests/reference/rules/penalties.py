"""Rules for the decision in a case: power, officers, notice, hearing, discretion, time limits (domain §2.2)."""

from datetime import date, timedelta

from tests.reference.exports import Row
from tests.reference.limits import (
    MARKETS_PUBLICATION_SINCE,
    MARKETS_PUBLICATION_WORKING_DAYS,
    PUBLICATION_WORKING_DAYS,
    REVISION,
    SERVICE_WORKING_DAYS,
)
from tests.reference.periods import share_a_day
from tests.reference.records import Records
from tests.reference.rules.words import (
    by_working_day,
    is_order_unknown,
    is_penalty,
    matter_word,
    newest_matter,
    result_without_fine,
    two_officers,
    verdict,
)
from tests.reference.versions import days_to_decide, matter_in_force
from tests.reference.words import case_date, is_decided
from tests.reference.working_days import nth_working_day_after

#: Fines of a simple decision (art. 51) since the revision of 2021 and before, in yuan, by kind of party.
SIMPLE_FINE = {"person": 200, "organisation": 3000, "sole_trader": 3000}
SIMPLE_FINE_BEFORE = {"person": 50, "organisation": 1000, "sole_trader": 1000}
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
#: What a rule of a ministry or a government may set (arts 13, 14).
RULE_TYPES = {"warning", "criticism", "fine"}


def years_after(day: date, years: int) -> date:
    """The same day years later; of a leap day the last of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def act_day(case: Row) -> date:
    """The day the violation ended, else the day of the case."""
    moment = case_date(case)
    assert moment is not None
    day: date = case["violation_on"] or moment.date()
    return day


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
    days = days_to_decide(matter, filed)
    if days is None:
        return "not_applicable"
    due = filed + timedelta(days=days)
    if case["decided_at"] is None:
        return "fail" if records.as_of.date() > due else "not_applicable"
    decided = case["decided_at"].date()
    return "undecidable" if decided < filed else verdict(decided <= due)


def p02(records: Records, case: Row) -> str:
    """Art. 61: the decision is served within seven working days."""
    if not is_decided(case):
        return "not_applicable"
    state = by_working_day(case["decided_at"], case["served_at"], SERVICE_WORKING_DAYS, records.as_of)
    is_reversed = case["served_at"] is not None and case["served_at"].date() < case["decided_at"].date()
    return state if is_reversed or case["decided_at"].date() >= REVISION else "not_applicable"


def p03(records: Records, case: Row) -> str:
    """Art. 42: at least two officers whose certificate is valid on the case date."""
    moment = case_date(case)
    assert moment is not None
    return two_officers(records, "case", case["case_id"], moment.date())


def p04(records: Records, case: Row) -> str:
    """Art. 51: on the spot only a warning, or a fine of at most 200 yuan for a person, 3,000 for an organisation."""
    if not is_penalty(case) or case["procedure"] != "simple":
        return "not_applicable"
    if matter_word(records, case, "domain") in OTHER_SIMPLE_LAWS:
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
    return verdict(case["notified_at"] < case["decided_at"])


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
        heard = case["hearing_at"]
        if heard is not None and is_order_unknown(heard, decided):
            return "undecidable"
        return verdict(heard is not None and heard < decided)
    return verdict(decided.date() > last)


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
        matter_word(records, case, "workflow") in LONGER_WORKFLOWS
        or matter_word(records, case, "domain") in LONGER_DOMAINS
    )
    return "undecidable" if longer and found <= years_after(ended, LONGEST_YEARS) else "fail"


def p12(records: Records, case: Row) -> str:
    """Art. 29: no second fine for one act: same party, same day, same matter or same articles."""
    if (no_fine := result_without_fine(case)) is not None:
        return no_fine
    if case["party_id"] is None or case["violation_on"] is None:
        return "undecidable"
    others = [
        other
        for other in records.all_cases
        if other["case_id"] != case["case_id"]
        and other["decision"] == "penalty"
        and other["revoked_at"] is None
        and (other["party_id"], other["violation_on"]) == (case["party_id"], case["violation_on"])
        and (
            other["matter_id"] == case["matter_id"]
            or (case["violated_articles"] is not None and other["violated_articles"] == case["violated_articles"])
        )
        and ((other["fine_amount"] or 0) > 0 or "fine" in (other["penalty_types"] or []))
        and other["decided_at"] is not None
    ]
    that_day = [
        other
        for other in others
        if other["subject_id"] != case["subject_id"] and is_order_unknown(other["decided_at"], case["decided_at"])
    ]
    before = [
        other for other in others if (other["decided_at"], other["case_id"]) < (case["decided_at"], case["case_id"])
    ]
    if any(other not in that_day for other in before):
        return "fail"
    return "undecidable" if that_day else "pass"


def p14(records: Records, case: Row) -> str:
    """Art. 32, 33: a lighter or mitigated penalty has a recorded ground; without one, no penalty stays open."""
    if not is_decided(case):
        return "not_applicable"
    has_ground = bool((case["discretion_ground"] or "").strip())
    if case["decision"] == "no_penalty":
        return "pass" if has_ground else "undecidable"
    if case["discretion"] is None:
        return "undecidable"
    return verdict(has_ground) if case["discretion"] in ("lighter", "mitigated") else "not_applicable"


def p15(records: Records, case: Row) -> str:
    """Art. 34: the fine lies inside the band of the matter; mitigated with a ground it may lie below."""
    if (no_fine := result_without_fine(case)) is not None:
        return no_fine
    fine, matter = case["fine_amount"], matter_in_force(records, case["matter_id"], act_day(case))
    if fine is None or matter is None or (matter["fine_min"] is None and matter["fine_max"] is None):
        return "undecidable"
    if matter["fine_max"] is not None and fine > matter["fine_max"]:
        return "fail"
    if matter["fine_min"] is not None and fine < matter["fine_min"]:
        if case["discretion"] is None:
            return "undecidable"
        return verdict(case["discretion"] == "mitigated" and bool((case["discretion_ground"] or "").strip()))
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
    return verdict(
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
    return "undecidable" if lighter is None else verdict(lighter)


def p19(records: Records, case: Row) -> str:
    """Art. 48: a penalty that stands is published within seven working days, twenty in market regulation."""
    if not is_penalty(case) or case["revoked_at"] is not None:
        return "not_applicable"
    in_markets = matter_word(records, case, "workflow") == "market_regulation"
    number = (
        MARKETS_PUBLICATION_WORKING_DAYS
        if in_markets and case["decided_at"].date() >= MARKETS_PUBLICATION_SINCE
        else PUBLICATION_WORKING_DAYS
    )
    return by_working_day(case["decided_at"], case["published_at"], number, records.as_of)
