"""The audit report on the site: a page per body and per failing expectation."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from reports.relations import COMPLETENESS_SCHEMA, EFFECTS_SCHEMA, FAILURES_SCHEMA, SCOREBOARD_SCHEMA
from reports.site import render_site
from tests.browser.edition_fixture import MONTH, write_edition

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the rendered edition, and the expectation of it that fails."""
    edition = write_edition(tmp_path_factory.mktemp("editions"))
    quality = pl.read_parquet(edition / "quality.parquet")
    failing = quality.filter(pl.col("subject_id").is_not_null(), ~pl.col("success"))
    rule = failing["expectation_id"][0]
    whole = failing.head(1).with_columns(
        pl.lit(None, pl.String).alias("subject_id"), pl.lit(4, pl.Int64).alias("failing")
    )
    pl.concat([quality, whole.cast(dict(quality.schema))]).write_parquet(edition / "quality.parquet")
    pl.DataFrame(
        [
            (rule, "cases", "S01", "C1", OCTOBER, "***", "cases__2026-10.csv", 7),
            (rule, "cases", "S01", "C2", SEPTEMBER, "2026-09-30", "cases__2026-09.csv", 9),
        ],
        schema=FAILURES_SCHEMA,
        orient="row",
    ).write_parquet(edition / "failures.parquet")
    pl.DataFrame(
        [
            ("S01", "inspections", OCTOBER, 120.4, 118, "complete", 0.012, 0.004, 0.031, "learned"),
            ("S01", "cases", OCTOBER, 9.0, 0, "no_return", 0.02, 0.01, 0.05, "learned"),
            ("S02", "cases", OCTOBER, None, 0, "not_expected", None, None, None, "learned"),
            ("S03", "cases", OCTOBER, None, 1, "complete", 0.02, 0.01, 0.05, "learned"),
        ],
        schema=COMPLETENESS_SCHEMA,
        orient="row",
    ).write_parquet(edition / "completeness.parquet")
    declared = json.loads((edition / "indicators.json").read_text(encoding="utf-8"))[0]
    indicator, shown = declared["id"], declared["default_variant"]
    pl.DataFrame(
        [
            (name, indicator, variant, level, entity, kind, MONTH, 3, 2, 1, 1, 2.0, 4.0, 0.5, lowest, 1.0)
            for name in (rule, "*")
            for level, entity in (("subject", "S01"), ("total", "total"))
            for variant, kind, lowest in ((shown, "month", 0.25), (shown, "r12", 0.375), ("another", "month", 0.125))
        ]
        # S09 has three officers: its page shows their acts, not acts per head.
        + [
            (
                "*",
                "acts_per_officer",
                "frontline",
                "subject",
                "S09",
                "month",
                MONTH,
                3,
                2,
                1,
                1,
                43.0,
                3.0,
                14.3,
                13.1,
                15.2,
            )
        ],
        schema=EFFECTS_SCHEMA,
        orient="row",
    ).write_parquet(edition / "quality_effects.parquet")
    pl.DataFrame(
        [
            ("subject", "S01", "consistency", OCTOBER, 8, 11, 8 / 11),
            ("total", "total", "consistency", OCTOBER, 99, 100, 0.99),
        ],
        schema=SCOREBOARD_SCHEMA,
        orient="row",
    ).write_parquet(edition / "scoreboard.parquet")
    folder = tmp_path_factory.mktemp("site")
    render_site(edition, folder)
    return folder / MONTH, rule


def page(site: tuple[Path, str], name: str) -> str:
    folder = site[0]
    return (folder / name).read_text(encoding="utf-8")


def test_a_body_has_its_scoreboard_its_arrivals_and_what_its_failures_could_move(site: tuple[Path, str]) -> None:
    report = page(site, "en/audit/S01.html")
    assert "72.7 %" in report  # 8 of 11
    assert "99.0 %" in report  # the district
    assert "no return" in report
    assert "0.4–3.1 %" in report  # the interval of what is still to come
    # The range in the month and in twelve months, of the variant shown alone.
    assert "25.00 % … 100.00 %" in report
    assert "37.50 % … 100.00 %" in report
    assert "12.50 %" not in report
    assert "hengfa remedy 2026-10 OUT --subject S01" in report


def test_what_failing_records_could_make_of_too_few_units_is_not_shown(site: tuple[Path, str]) -> None:
    report = page(site, "zh/audit/S09.html")
    effects = report[report.index('id="effects"') : report.index('id="failures"')]
    assert "43/3" in effects
    assert "样本过少" in effects
    assert "14.3" not in effects
    assert "13.1" not in effects


def test_what_came_unasked_is_not_said_to_be_complete(site: tuple[Path, str]) -> None:
    for name in ("zh/audit/S03.html", "zh/subjects/S03.html"):
        arrivals = page(site, name).split('id="arrivals"')[1]
        assert "未列入应报" in arrivals
        assert "已报齐" not in arrivals.split("</table>")[0]
    assert "not expected" in page(site, "en/audit/S03.html")
    # Counted under its status among the bodies: complete, partial, no return, not expected.
    quality = page(site, "zh/quality.html").split('id="arrivals"')[1]
    assert "<td class=r>0<td class=r>0<td class=r>1<td class=r>2" in quality


def test_a_failing_expectation_has_its_page_with_masked_rows_and_its_months(site: tuple[Path, str]) -> None:
    (name,) = [
        path.name for path in (site[0] / "zh" / "quality").glob("*.html") if "effects" in path.read_text("utf-8")
    ][:1]
    report = page(site, f"zh/quality/{name}")
    assert "***" in report
    assert "cases__2026-10.csv:7" in report
    assert "25.00 % … 100.00 %" in report
    assert "共 2 条，列出 2 条" in report


def test_what_was_to_arrive_stands_beside_the_numbers_of_the_month(site: tuple[Path, str]) -> None:
    body = page(site, "zh/subjects/S01.html")
    arrivals = body[body.index('id="arrivals"') : body.index('class="periods"')]
    assert "未报送" in arrivals
    assert "118" in arrivals
    quality = page(site, "zh/quality.html")
    assert '<a lang="zh-Hans" href="audit/S01.html">' in quality[quality.index('id="arrivals"') :]
    # Of a body of which nothing was expected and nothing came there is nothing to say.
    assert 'id="arrivals"' not in page(site, "zh/subjects/S02.html")


def test_an_edition_without_the_audit_relations_still_makes_its_pages(tmp_path: Path) -> None:
    edition = write_edition(tmp_path / "editions")
    render_site(edition, tmp_path / "site")
    assert (tmp_path / "site" / MONTH / "zh" / "audit" / "S01.html").is_file()
