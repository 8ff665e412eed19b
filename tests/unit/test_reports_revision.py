"""The pages of a revision: which edition it replaces, and every number that it changed."""

from html import unescape
from pathlib import Path

import pytest

from pipelines.editions.diff import CAUSES
from reports.i18n import LANGUAGES, Texts
from reports.site import SiteSummary, render_site
from tests.browser.edition_fixture import MONTH
from tests.browser.judgement_fixture import case_of, write_judged_edition, write_revision
from tests.unit.test_reports_judgement import row, section, words

REVISION = f"{MONTH}.r2"


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> SiteSummary:
    """The first edition of the month and its revision beside each other."""
    site = tmp_path_factory.mktemp("site")
    render_site(write_judged_edition(tmp_path_factory.mktemp("first")), site)
    return render_site(write_revision(tmp_path_factory.mktemp("second")), site)


def html(summary: SiteSummary, name: str, edition: str = REVISION) -> str:
    return unescape((summary.index.parent / edition / f"{name}.html").read_text(encoding="utf-8"))


def test_the_overview_says_which_edition_is_replaced_and_leads_to_it_and_to_the_changes(summary: SiteSummary) -> None:
    head = html(summary, "zh/index").split('class="periods"')[0]
    assert "本版为2026年10月的第 2 版（修订版），替代 2026-10；变动 5 个数，涉及 2 个主体。" in words(head).replace(
        "替代  ", "替代 "
    ).replace(" ；", "；")
    assert 'href="../../2026-10/zh/index.html">2026-10</a>' in head
    assert (summary.index.parent / REVISION / "zh" / "../../2026-10/zh/index.html").is_file()
    assert 'href="revision.html"' in head
    assert "Numbers changed: 5; bodies concerned: 2." in words(html(summary, "en/index"))


def test_every_changed_number_stands_there_with_both_values_its_cause_and_its_records(summary: SiteSummary) -> None:
    page = html(summary, "en/revision")
    first = page[page.index("<details") : page.index("</details>")]
    lines = [words(line) for line in first.split("<tr>")[2:]]
    assert [line.split(" 2026 ")[0] for line in lines] == [
        "Total October", "Supervision rate Points · Cases October", "Supervision rate Value · Cases October",
        "Supervision rate Value · Cases September",
    ]  # fmt: skip
    assert row(first, "Total")[2:5] == ["85.0 Fair", "90.0 Good", "Objection accepted"]
    case = case_of("S01")
    assert row(first, "Supervision rate Value")[2:] == [
        "30.00 % 3/10", "40.00 % 4/10", "Objection accepted", f"Penalty cases {case}",
    ]  # fmt: skip
    # Points go back to the records of their result, the total to those of all results of the month.
    assert row(first, "Total")[5] == f"Penalty cases {case}"
    assert row(first, "Supervision rate Points")[5] == f"Penalty cases {case}"
    assert f'href="subjects/S01.html#record/cases/{case}"' in page
    # The row of a ledger by its whole key, and what happened to it.
    assert lines[3].endswith("Late record, Correction or withdrawal Officers and postings O1 · 2020-01-01 (late)")


def test_too_few_units_have_counts_alone_before_and_after(summary: SiteSummary) -> None:
    page = html(summary, "zh/revision")
    last = page[page.rindex("<details") :]
    assert row(last, "部门监督率")[2:4] == ["— 1/4", "— 2/4"]


def test_a_body_has_its_own_changes_and_the_value_that_stood_in_the_edition_before(summary: SiteSummary) -> None:
    page = html(summary, "zh/subjects/S01")
    assert row(section(page, "revision"), "总分")[2:4] == ["85.0 一般", "90.0 好"]
    assert 'href="../revision.html"' in page
    assert 'href="../../../2026-10/zh/index.html"' in page
    months = section(page, "supervision_rate")
    assert "原为 30.00 % 3/10" in words(months)
    assert "本主体没有数发生变动" in html(summary, "zh/subjects/S02")


def test_a_first_edition_says_nothing_of_revisions(summary: SiteSummary) -> None:
    assert not (summary.index.parent / MONTH / "zh" / "revision.html").exists()
    for name in ("zh/index", "zh/subjects/S01"):
        assert "修订版）" not in html(summary, name, MONTH)
        assert "修订说明" not in html(summary, name, MONTH)


def test_without_the_earlier_site_beside_it_the_edition_is_named_without_a_link(tmp_path: Path) -> None:
    alone = render_site(write_revision(tmp_path / "edition"), tmp_path / "site", languages=("zh",))
    page = html(alone, "zh/revision")
    assert "替代 2026-10；" in words(page)
    assert "../../2026-10/" not in page


def test_values_of_earlier_months_are_said_to_be_restated(summary: SiteSummary) -> None:
    """The edition of September published another number than this one computes of September: the head says which it is."""
    for name in ("zh/changes", "zh/subjects/S01", "zh/indicators/performance_rate", "zh/index"):
        page = words(html(summary, name))
        assert "按本版已知记录重算" in page
        assert "当时发布的数值见各月发布的版次" in page
    assert "restated with what is known now" in words(html(summary, "en/changes"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_its_words(language: str) -> None:
    t = Texts(language)
    assert all(t(f"revision.cause.{cause}") and t(f"revision.meaning.{cause}") for cause in CAUSES)
