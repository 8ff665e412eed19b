"""Every text exists in both languages, and every text that is asked for exists."""

import re
import string
from pathlib import Path

import pytest

import reports
from pipelines.warehouse.dbt_project import declarations
from reports.contexts.appeals import OUTCOMES
from reports.contexts.audit import DIMENSIONS
from reports.contexts.changes import COMPARISONS
from reports.contexts.findings import LEVELS
from reports.contexts.judgement import WITHOUT_GRADE
from reports.contexts.law import BANDS, CLASSES, GROUNDS
from reports.contexts.page import NAVIGATION
from reports.contexts.quality import BORDERS, SEVERITIES
from reports.contexts.reading import STATES, STATUSES
from reports.contexts.tallies import RULE_RESULTS
from reports.edition import PERIOD_KINDS, month_before, period_months
from reports.i18n import LANGUAGES, Texts, catalogue

PACKAGE = Path(reports.__file__).parent
DIRECT = re.compile(r"""\bt\(f?["']([a-z_][a-zA-Z0-9_.]*)["']""")
IN_SCRIPT = re.compile(r"""\bsay\("([a-z_]+)\"""")


def used() -> set[str]:
    """The keys that templates, contexts and scripts ask for by their whole name."""
    sources = [*PACKAGE.glob("templates/*.j2"), *PACKAGE.glob("contexts/*.py"), PACKAGE / "site.py"]
    keys = {
        key for path in sources for key in DIRECT.findall(path.read_text(encoding="utf-8")) if not key.endswith(".")
    }
    script = (PACKAGE / "assets" / "records.js").read_text(encoding="utf-8")
    return keys | {f"records.{key}" for key in IN_SCRIPT.findall(script)}


def test_both_languages_have_the_same_keys() -> None:
    zh, en = (set(catalogue(language)) for language in LANGUAGES)
    assert zh - en == set()
    assert en - zh == set()
    assert len(zh) > 100


def test_every_key_used_exists() -> None:
    keys = used()
    assert len(keys) > 100
    assert sorted(keys - set(catalogue("zh"))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_families_asked_for_by_a_code_are_whole(language: str) -> None:
    t = Texts(language)
    for family, codes in [
        ("status", STATUSES), ("status_meaning", STATUSES), ("state", STATES), ("state_meaning", STATES),
        ("period", PERIOD_KINDS), ("period_meaning", PERIOD_KINDS), ("severity", SEVERITIES), ("border", BORDERS),
        ("unit", ("share", "per_head", "count", "index")), ("direction", ("higher", "lower", "band", "none")),
        ("interval", ("wilson", "poisson", "none")), ("language", LANGUAGES),
        ("records", ("unit", "kind", "record", "at", "month", "agency", "state", "reason",
                     "weight_numerator", "weight_denominator")),
        ("nav", NAVIGATION), ("finding.level", LEVELS), ("rule.result", RULE_RESULTS), ("law.class", CLASSES),
        ("law.class_meaning", CLASSES), ("law.band", BANDS), ("law.ground", GROUNDS), ("appeals", OUTCOMES),
        ("changes", COMPARISONS), ("assessed", WITHOUT_GRADE), ("dimension", DIMENSIONS),
        ("finding.units", ("miss", "hit")),
    ]:  # fmt: skip
        assert all(t(f"{family}.{code}") for code in codes)


def test_placeholders_agree() -> None:
    def names(language: str, key: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(catalogue(language)[key]) if name}

    assert [key for key in catalogue("zh") if names("zh", key) != names("en", key)] == []


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"status\.unheard_of"):
        Texts("zh")("status.unheard_of")


@pytest.mark.parametrize(
    ("month", "kind", "first", "length"),
    [
        ("2026-10", "month", "2026-10", 1),
        ("2026-10", "quarter", "2026-08", 3),  # the three months that end with it, not the calendar's
        ("2026-01", "quarter", "2025-11", 3),
        ("2026-10", "ytd", "2026-01", 10),
        ("2026-01", "ytd", "2026-01", 1),
        ("2026-01", "r12", "2025-02", 12),
    ],
)
def test_periods_end_with_the_month(month: str, kind: str, first: str, length: int) -> None:
    months = period_months(month, kind)
    assert (months[0], months[-1], len(months)) == (first, month, length)


def test_month_before_crosses_the_year() -> None:
    assert [month_before("2026-01", step) for step in (0, 1, 12)] == ["2026-01", "2025-12", "2025-01"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_counts_is_worded_for_every_share_and_nothing_else(language: str) -> None:
    worded = {key.split(".")[1] for key in catalogue(language) if key.startswith("state_of.")}
    assert worded == {one["id"] for one in declarations() if one["unit"] == "share"}
