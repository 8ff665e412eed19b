"""The site as a reader meets it: opened from disk in Debian's Chromium, without a network."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reports.site import render_site
from tests.browser.edition_fixture import MONTH, PERSONAL, RANK, period_months
from tests.browser.judgement_fixture import case_of, write_judged_edition

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="needs the Python package `playwright`")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs the Debian package `chromium`")

DESKTOP: "ViewportSize" = {"width": 1280, "height": 900}
PHONE: "ViewportSize" = {"width": 360, "height": 740}

#: A page of every kind.
PAGES = [
    "index", "bodies", "indicators", "changes", "findings", "rules", "rules/p01", "signals", "signals/uniform_fines", "law",
    "law/laws", "law/matters", "quality", "method", "glossary", "indicators/performance_rate", "subjects/S01",
    "subjects/S02",
]  # fmt: skip


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_judged_edition(tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="module")
def site(edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render_site(edition, tmp_path_factory.mktemp("site")).index.parent


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield opened
        opened.close()


class Watched:
    """A page, with what its console said and what it asked for."""

    def __init__(self, browser: "Browser", viewport: "ViewportSize" = DESKTOP) -> None:
        self.page = browser.new_page(viewport=viewport)
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.page.on(
            "console", lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.faults.append(request.url))

    def check(self) -> None:
        assert self.faults == []
        assert [url for url in self.requests if not url.startswith(("file://", "data:", "blob:"))] == []


@pytest.fixture
def desktop(browser: "Browser") -> Iterator[Watched]:
    watched = Watched(browser)
    yield watched
    watched.check()
    watched.page.close()


@pytest.fixture
def phone(browser: "Browser") -> Iterator[Watched]:
    watched = Watched(browser, PHONE)
    yield watched
    watched.check()
    watched.page.close()


def address(site: Path, name: str, fragment: str = "") -> str:
    return (site / MONTH / name).as_uri() + (f"#{fragment}" if fragment else "")


def test_the_list_of_editions_leads_to_the_newest_overview(desktop: Watched, site: Path) -> None:
    desktop.page.goto((site / "index.html").as_uri())
    desktop.page.click(".latest a")
    assert desktop.page.locator("h1").inner_text().endswith("行政执法考核月报")
    assert desktop.page.locator(".card").count() == 5
    assert desktop.page.locator(".card .chart svg").count() == 5


@pytest.mark.parametrize(
    ("indicator", "variant", "kind", "subject"),
    [
        ("performance_rate", "all", "month", "S01"),
        ("performance_rate", "duty", "r12", "S04"),
        ("participation_rate", "frontline", "ytd", "S02"),
        ("proactive_discovery_rate", "cases", "r12", "S07"),  # many undecidable
        ("proactive_discovery_rate", "cases", "month", "S10"),  # sent nothing
        ("acts_per_officer", "frontline", "quarter", "S08"),
        ("acts_per_officer", "all", "r12", "S06"),
    ],
)
def test_a_list_holds_as_many_records_as_its_number_says(
    desktop: Watched, site: Path, edition: Path, indicator: str, variant: str, kind: str, subject: str
) -> None:
    rows = pl.read_parquet(edition / "results.parquet").filter(
        (pl.col("entity_id") == subject) & (pl.col("level") == "subject") & (pl.col("indicator_id") == indicator)
        & (pl.col("variant") == variant) & (pl.col("period_kind") == kind) & (pl.col("period") == MONTH)
    )  # fmt: skip
    (result,) = rows.to_dicts()
    tab = "hit" if indicator != "acts_per_officer" else "numerator"
    stated = {tab: result["numerator"], "denominator": result["denominator"],
              "excluded": result["excluded"], "undecidable": result["undecidable"]}  # fmt: skip
    fragment = f"records/{indicator}/{variant}/{kind}/{MONTH}"
    desktop.page.goto(address(site, f"zh/subjects/{subject}.html", f"{fragment}/all"))
    desktop.page.wait_for_selector(".tabs")
    assert desktop.page.locator(".agrees").count() == 1, desktop.page.locator(".sheet header").inner_text()
    for name, count in stated.items():
        button = desktop.page.locator(f'[data-tab="{name}"]')
        assert button.get_attribute("data-count") == str(int(count))
        button.click()
        assert desktop.page.locator(".scroll tbody tr").count() == min(int(count), 200)


def test_a_click_on_a_number_opens_its_records_and_escape_goes_back(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/subjects/S01.html"))
    link = desktop.page.locator("#supervision_rate .main[data-p=month] .detail a").first
    stated = link.inner_text()
    link.click()
    desktop.page.wait_for_selector(".tabs")
    assert stated == f"分子 {desktop.page.locator('[data-tab=hit]').get_attribute('data-count')}"
    assert desktop.page.locator('[data-tab=hit][aria-pressed="true"]').count() == 1
    desktop.page.keyboard.press("Escape")
    desktop.page.wait_for_selector("dialog", state="hidden")
    assert "#records" not in desktop.page.url
    assert desktop.page.evaluate("document.activeElement.textContent") == stated


def test_a_number_elsewhere_leads_to_its_records(desktop: Watched, site: Path) -> None:
    for page in ("zh/index.html", "zh/indicators/supervision_rate.html"):
        desktop.page.goto(address(site, page))
        desktop.page.locator('.compare a[href*="S01.html#records/supervision_rate/cases/month"]').first.click()
        desktop.page.wait_for_selector(".tabs")
        assert desktop.page.locator("dialog h2").inner_text() == "临江区市场监督管理局 · 部门监督率"
        assert desktop.page.locator(".agrees").count() == 1


def test_a_unit_stands_once_in_a_longer_period(desktop: Watched, site: Path, edition: Path) -> None:
    evidence = pl.read_parquet(edition / "evidence" / "participation_rate.parquet").filter(
        (pl.col("subject_id") == "S01") & (pl.col("variant") == "all") & pl.col("month").is_in(period_months("r12"))
    )
    assert len(evidence) == 12 * 24
    best = evidence.group_by("unit_id").agg(pl.col("state").replace_strict(RANK).min().alias("rank"))
    desktop.page.goto(address(site, "zh/subjects/S01.html", f"records/participation_rate/all/r12/{MONTH}/all"))
    desktop.page.wait_for_selector(".tabs")
    units = desktop.page.locator(".scroll tbody th").all_inner_texts()
    assert len(units) == len(set(units)) == len(best) == 24


def test_an_agencys_list_holds_its_own_records(desktop: Watched, site: Path, edition: Path) -> None:
    desktop.page.goto(address(site, "zh/subjects/S02.html"))
    desktop.page.locator("#agencies [data-p=month] a[href*=acts_per_officer]").first.click()
    desktop.page.wait_for_selector(".tabs")
    assert desktop.page.locator("dialog h2").inner_text() == "临江区商务局执法一队 · 人均执法量"
    assert desktop.page.locator(".agrees").count() == 1


def test_details_of_a_record_use_the_contracts_words_and_hide_persons(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/subjects/S01.html", f"records/supervision_rate/cases/r12/{MONTH}/all"))
    desktop.page.wait_for_selector(".tabs")
    desktop.page.locator(".scroll .link").first.click()
    desktop.page.wait_for_selector(".record dl")
    text = desktop.page.locator(".record dl").inner_text()
    for words in ("案件来源", "处罚种类", "罚款、警告", "对第", "cases__2026-10.csv", "当事人", "不公开"):
        assert words in text
    assert PERSONAL not in text


def test_a_list_is_sorted_filtered_and_downloaded_for_a_spreadsheet(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "en/subjects/S01.html", f"records/performance_rate/all/month/{MONTH}/all"))
    desktop.page.wait_for_selector(".tabs")
    header = desktop.page.locator(".scroll thead th").first
    for direction in ("ascending", "descending"):
        header.locator("button").click()
        assert header.get_attribute("aria-sort") == direction
    first = desktop.page.locator(".scroll tbody th small").first.inner_text()
    assert first == "M029"
    desktop.page.fill(".tools input", "M01")
    assert desktop.page.locator(".scroll tbody tr").count() == 10
    with desktop.page.expect_download() as waiting:
        desktop.page.get_by_role("button", name="Download CSV").click()
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Unit ID", "Unit"]
    assert sorted(row[0] for row in rows[1:]) == [f"M{n:03d}" for n in range(10, 20)]


def test_a_longer_period_stays_chosen_from_page_to_page(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/index.html"))
    desktop.page.click('[data-set-period="r12"]')
    assert desktop.page.locator('.card [data-p="r12"]').first.is_visible()
    assert not desktop.page.locator('.card [data-p="month"]').first.is_visible()
    # Comparisons follow: the cells of the period come from their own file.
    desktop.page.wait_for_selector('.compare a[href*="S01.html#records/supervision_rate/cases/r12"]')
    desktop.page.click('[data-set-period="month"]')
    desktop.page.wait_for_selector('.compare a[href*="S01.html#records/supervision_rate/cases/month"]')
    desktop.page.click('[data-set-period="r12"]')
    desktop.page.click("nav a[href='indicators.html']")
    assert desktop.page.locator('[data-set-period="r12"]').get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("page", [*PAGES, "subjects/S05"])
def test_the_language_switch_leads_to_the_same_page(desktop: Watched, site: Path, page: str) -> None:
    desktop.page.goto(address(site, f"zh/{page}.html"))
    desktop.page.click("a.switch[hreflang=en]")
    assert desktop.page.url == address(site, f"en/{page}.html")
    assert desktop.page.locator("html").get_attribute("lang") == "en"
    desktop.page.click("a.switch[hreflang=zh-Hans]")
    assert desktop.page.url == address(site, f"zh/{page}.html")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_scrolls_sideways_on_a_phone(phone: Watched, site: Path, language: str, page: str) -> None:
    phone.page.goto(address(site, f"{language}/{page}.html"))
    phone.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_list_fits_a_phone(phone: Watched, site: Path) -> None:
    phone.page.goto(address(site, "en/subjects/S01.html", f"records/acts_per_officer/frontline/r12/{MONTH}/all"))
    phone.page.wait_for_selector(".tabs")
    assert phone.page.evaluate("document.querySelector('.scroll').scrollWidth") <= PHONE["width"]


def test_a_body_is_found_by_a_part_of_its_name(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/bodies.html"))
    desktop.page.fill("input[type=search]", "街道")
    assert desktop.page.locator(".bodies li:visible").count() == 2
    desktop.page.fill("input[type=search]", "不存在")
    assert desktop.page.locator("[data-search-none]").is_visible()


def test_a_missing_data_file_is_said_by_name(browser: "Browser", edition: Path, tmp_path: Path) -> None:
    site = render_site(edition, tmp_path).index.parent
    (site / MONTH / "data" / "S01.js").unlink()
    watched = Watched(browser)
    watched.page.goto(address(site, "zh/subjects/S01.html", f"records/performance_rate/all/month/{MONTH}/all"))
    watched.page.wait_for_selector("dialog")
    watched.page.wait_for_function("document.querySelector('dialog').textContent.includes('S01.js')")
    watched.page.close()


@pytest.mark.parametrize("broken", [None, "", "hengfaPeriods(9,'no data');", "hengfaPeriods(2,'..');"])
def test_without_the_file_of_periods_no_number_of_the_month_stands_under_another_period(
    browser: "Browser", edition: Path, tmp_path: Path, broken: str | None
) -> None:
    site = render_site(edition, tmp_path, languages=("zh",)).index.parent
    periods = site / MONTH / "data" / "periods.js"
    whole = periods.read_bytes()
    periods.unlink()
    if broken is not None:
        periods.write_text(broken, encoding="utf-16")
    page = browser.new_page(viewport=DESKTOP)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address(site, "zh/index.html"))
    month = page.locator(".compare td").first.inner_text()
    page.click('[data-set-period="r12"]')
    said = page.locator("[data-compare=failed]")
    said.wait_for(state="visible")
    assert "data/periods.js" in said.inner_text()
    assert set(page.locator(".compare td").all_inner_texts()) == {"—"}
    assert page.locator("[data-compare=too_old]:visible").count() == 0
    page.click('[data-set-period="month"]')
    said.wait_for(state="hidden")
    assert page.locator(".compare td").first.inner_text() == month
    periods.write_bytes(whole)  # what failed is read again
    page.click('[data-set-period="r12"]')
    page.wait_for_selector('.compare a[href*="S01.html#records/supervision_rate/cases/r12"]')
    assert faults == []
    page.close()


def test_an_old_browser_is_told_what_it_lacks_and_a_broken_file_is_named(
    browser: "Browser", edition: Path, tmp_path: Path
) -> None:
    site = render_site(edition, tmp_path, languages=("zh",)).index.parent
    old = browser.new_page(viewport=DESKTOP)
    old.add_init_script("delete globalThis.DecompressionStream")
    old.goto(address(site, "zh/index.html"))
    old.click('[data-set-period="r12"]')
    old.locator("[data-compare=too_old]").wait_for(state="visible")
    assert set(old.locator(".compare td").all_inner_texts()) == {"—"}
    fragment = f"records/performance_rate/all/month/{MONTH}/all"
    old.goto(address(site, "zh/subjects/S01.html", fragment))
    old.wait_for_function("document.querySelector('dialog')?.textContent.includes('DecompressionStream')")
    old.close()
    data = site / MONTH / "data" / "S01.js"
    whole = data.read_bytes()
    data.write_text('hengfa.evidence("S01",9,"no data");', encoding="utf-16")
    page = browser.new_page(viewport=DESKTOP)
    page.goto(address(site, "zh/subjects/S01.html", fragment))
    page.wait_for_function("document.querySelector('dialog')?.textContent.includes('S01.js')")
    assert "版本过旧" not in page.locator("dialog").inner_text()
    page.keyboard.press("Escape")
    data.write_bytes(whole)  # what failed is read again
    page.evaluate(f"location.hash = '{fragment}'")
    page.wait_for_selector(".agrees")
    page.evaluate("location.hash = 'record/cases/%E4%B8'")  # half a character
    page.wait_for_function("document.querySelector('dialog').textContent.includes('没有找到')")
    page.close()


def test_a_failed_rule_opens_the_record_it_names(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/subjects/S01.html"))
    desktop.page.click("#rules summary")
    desktop.page.click(f"#rules a[href='#record/cases/{case_of('S01')}']")
    desktop.page.wait_for_selector(".record dl")
    assert desktop.page.locator("dialog h2").inner_text() == f"处罚案件 {case_of('S01')}"
    assert "cases__2026-10.csv" in desktop.page.locator(".record dl").inner_text()
    assert PERSONAL not in desktop.page.locator("dialog").inner_text()
    desktop.page.keyboard.press("Escape")
    desktop.page.wait_for_selector("dialog", state="hidden")
    desktop.page.wait_for_function("!location.hash")


def test_a_record_behind_a_signal_over_bodies_opens_on_its_bodys_page(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "en/signals/uniform_fines.html"))
    desktop.page.click("article.signal summary")
    # S02 numbers its cases with a slash.
    assert case_of("S02") == "S02-C202610/000"
    desktop.page.click(".ids a[href*='S02-C202610%2F000']")
    desktop.page.wait_for_selector(".record dl")
    assert desktop.page.locator("h1").inner_text() == "临江区商务局"
    assert desktop.page.locator("dialog h2").inner_text() == f"Penalty cases {case_of('S02')}"


def test_a_finding_leads_to_the_units_that_missed(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/findings.html"))
    desktop.page.click(".findings tbody tr:first-child td a[href*=records]")
    desktop.page.wait_for_selector(".tabs")
    assert desktop.page.locator("[data-tab=miss]").get_attribute("aria-pressed") == "true"
    assert desktop.page.locator(".agrees").count() == 1


def test_findings_are_narrowed_by_level_and_by_words(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/findings.html"))
    rows = desktop.page.locator("section:first-of-type .findings tbody tr:visible")
    assert rows.count() == 4  # S02, S01, S07, S08
    desktop.page.select_option("select", "attention")
    assert rows.count() == 3
    desktop.page.select_option("select", "")
    desktop.page.fill("input[type=search]", "商务局")
    assert rows.count() == 1
    assert "商务局" in rows.first.inner_text()


def test_a_table_is_sorted_by_the_head_of_a_column_with_the_keyboard(desktop: Watched, site: Path) -> None:
    desktop.page.goto(address(site, "zh/law/laws.html"))
    head = desktop.page.locator(".laws thead th").nth(2)
    names = desktop.page.locator(".laws tbody th span")
    assert names.all_inner_texts() == ["名L1", "名L2"]
    head.locator("button").focus()
    desktop.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    desktop.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert names.all_inner_texts() == ["名L2", "名L1"]  # 0 before 4


def test_a_phone_writes_the_heads_of_columns_before_their_cells(phone: Watched, site: Path) -> None:
    phone.page.goto(address(site, "zh/rules.html"))
    before = "getComputedStyle(document.querySelector('tbody td:nth-child(3)'), '::before').content"
    assert phone.page.evaluate(before) == '"本月未通过"'


@pytest.mark.parametrize("page", ["subjects/S01", "findings", "rules", "signals", "law", "changes", "index"])
def test_pages_are_read_without_scripts(browser: "Browser", site: Path, page: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    opened = context.new_page()
    opened.goto(address(site, f"zh/{page}.html"))
    assert opened.locator("main table").count() > 0
    assert opened.locator(".controls:visible").count() == 0  # what would do nothing is not shown
    assert opened.locator("main [data-p=month]:visible").count() > 0 or opened.locator("main [data-p]").count() == 0
    context.close()


def test_a_comparison_shows_the_numbers_of_the_chosen_period(desktop: Watched, site: Path, edition: Path) -> None:
    row = (
        pl.read_parquet(edition / "results.parquet")
        .filter(pl.col("level") == "subject", pl.col("entity_id") == "S02", pl.col("period_kind") == "ytd")
        .filter(pl.col("indicator_id") == "participation_rate", pl.col("variant") == "frontline")
        .row(0, named=True)
    )
    desktop.page.goto(address(site, "zh/indicators/participation_rate.html"))
    desktop.page.click('[data-set-period="ytd"]')
    link = desktop.page.locator('.compare a[href*="S02.html#records/participation_rate/frontline/ytd"]')
    link.wait_for()
    assert link.inner_text() == f"{row['value'] * 100:.2f} %"
    cell = desktop.page.locator('.compare tr[data-e="S02"] td').inner_text()
    assert f"{row['numerator']:.0f}/{row['denominator']:.0f}" in cell
    assert f"{row['lower'] * 100:.1f}–{row['upper'] * 100:.1f} %" in cell
    style = desktop.page.locator('.compare tr[data-e="S02"] .iv').get_attribute("style")
    assert f"--l:{row['lower'] * 100:.1f}".rstrip("0").rstrip(".") in (style or "")


def test_on_a_phone_groups_but_the_first_are_closed_and_an_address_opens_its_own(phone: Watched, site: Path) -> None:
    page = phone.page
    page.goto(address(site, "zh/index.html"))
    groups = "[...document.querySelectorAll('details.peers')].map(one => one.open)"
    assert page.evaluate(groups) == [True, False, False]
    page.click("a[href='#group-3']")
    assert page.evaluate(groups) == [True, False, True]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(groups) == [True, True, True]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(groups) == [True, False, True]


def test_on_a_wide_screen_nothing_is_folded(desktop: Watched, site: Path) -> None:
    page = desktop.page
    page.goto(address(site, "zh/index.html"))
    assert page.evaluate("[...document.querySelectorAll('details.peers')].every(one => one.open)")
    assert page.evaluate(
        "[...document.querySelectorAll('main tbody tr')].every(row => !row.closest('details:not([open])') ? row.offsetHeight > 0 : true)"
    )


@pytest.fixture(scope="module")
def long_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with 40 findings."""
    edition = write_judged_edition(tmp_path_factory.mktemp("long"))
    findings = pl.read_parquet(edition / "findings.parquet")
    one = findings.filter(pl.col("subject_id") == "S01", pl.col("state") == "open")
    pl.concat([one] * 40).write_parquet(edition / "findings.parquet")
    return render_site(edition, tmp_path_factory.mktemp("site")).index.parent


def test_on_a_phone_a_long_table_shows_ten_rows_until_all_are_asked_for(
    browser: "Browser", phone: Watched, desktop: Watched, long_site: Path
) -> None:
    shown = "[...document.querySelectorAll('.findings tbody tr')].filter(row => row.offsetHeight > 0).length"
    findings = address(long_site, "zh/findings.html")
    page = phone.page
    page.goto(findings)
    assert page.evaluate(shown) == 10
    page.emulate_media(media="print")
    assert page.evaluate(shown) == 40
    page.emulate_media(media="screen")
    page.get_by_role("button", name="显示全部 40 行").click()
    assert page.evaluate(shown) == 40
    desktop.page.goto(findings)
    assert desktop.page.evaluate(shown) == 40
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    plain.goto(findings)
    assert plain.locator(".findings tbody tr >> visible=true").count() == 40
    plain.context.close()


def test_on_a_phone_what_is_looked_for_is_found_in_a_folded_table(phone: Watched, long_site: Path) -> None:
    page = phone.page
    page.goto(address(long_site, "zh/findings.html"))
    page.fill(".controls input[type='search']", "部门监督率")
    assert page.locator(".findings tbody tr >> visible=true").count() == 40
