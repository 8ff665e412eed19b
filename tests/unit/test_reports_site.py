"""The site of an edition: what stands in the files, without a browser."""

import json
import re
import shutil
import zlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest
from jinja2 import nodes

from pipelines.errors import EditionError, UsageError
from reports.contexts.book import slugs
from reports.site import SiteSummary, environment, render_site
from tests.browser.edition_fixture import MONTH, PERSONAL, SUBJECTS, write_edition
from tests.browser.judgement_fixture import write_judged_edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_edition(tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="module")
def summary(edition: Path, tmp_path_factory: pytest.TempPathFactory) -> SiteSummary:
    return render_site(edition, tmp_path_factory.mktemp("site"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def called(path: Path) -> object:
    """The value that a data file hands to its function, read bit by bit."""
    script = path.read_bytes().decode("utf-16")
    found = re.fullmatch(r'[\w.]+\((?:"[^"]*",)?(\d+),"([^"]*)"\);\n', script)
    assert found is not None
    bits = "".join(f"{ord(character) - 0x3400:015b}" for character in found[2])
    data = bytes(int(bits[8 * place : 8 * place + 8], 2) for place in range(int(found[1])))
    return json.loads(zlib.decompress(data))


class Links(HTMLParser):
    """Collects what a page refers to, and the ids it has."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.targets.append(value)
            if name == "id" and value:
                self.ids.append(value)


def test_the_same_edition_gives_the_same_bytes(edition: Path, summary: SiteSummary, tmp_path: Path) -> None:
    again = render_site(edition, tmp_path / "site")
    assert contents(again.index.parent) == contents(summary.index.parent)


def test_a_process_of_its_own_writes_the_same_data(
    edition: Path, summary: SiteSummary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.site.BODIES_WORTH_A_PROCESS", 1)
    told: list[tuple[str, int, int]] = []
    apart = render_site(edition, tmp_path / "site", progress=lambda *step: told.append(step))
    assert contents(apart.index.parent) == contents(summary.index.parent)
    assert apart.bytes == summary.bytes
    assert ("data", len(SUBJECTS), len(SUBJECTS)) in told


def test_the_summary_counts_what_stands_there(summary: SiteSummary) -> None:
    folder = summary.index.parent / MONTH
    files = contents(folder)
    # 2 languages × (13 pages + 5 indicators + 10 bodies, each with its audit report, + 1 failing expectation)
    assert summary.pages == 2 * (13 + 5 + 10 + 10 + 1) == sum(name.endswith(".html") for name in files)
    assert summary.bytes == sum(len(content) for content in files.values())
    assert summary.first_pages == {language: folder / language / "index.html" for language in ("zh", "en")}


def test_every_link_leads_somewhere_inside_the_site(summary: SiteSummary) -> None:
    root = summary.index.parent
    pages = {}
    for path in root.rglob("*.html"):
        pages[path.resolve()] = links = Links()
        links.feed(path.read_text(encoding="utf-8"))
    assert len(pages) == summary.pages + 1
    for path, links in pages.items():
        assert len(links.ids) == len(set(links.ids)), f"{path.name}: an id twice"
        for target in links.targets:
            if target == "data:,":
                continue
            assert not re.match(r"[a-z]+:|//", target), f"{path.name}: {target} leaves the site"
            name, _, fragment = target.partition("#")
            found = (path.parent / unquote(name)).resolve() if name else path
            assert found.is_file(), f"{path.name}: {target} does not exist"
            if fragment and not fragment.startswith("records/"):
                assert fragment in pages[found].ids or fragment == "content"


def test_both_languages_have_the_same_pages_and_hold_their_language(summary: SiteSummary) -> None:
    folder = summary.index.parent / MONTH
    zh, en = ({p.relative_to(folder / lang) for p in (folder / lang).rglob("*.html")} for lang in ("zh", "en"))
    assert zh == en
    assert '<html lang="zh-Hans"' in (folder / "zh" / "index.html").read_text(encoding="utf-8")
    page = (folder / "en" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in page
    assert "Linjiang District" in page


def test_personal_data_is_in_no_file(tmp_path: Path) -> None:
    # The edition has it: in a field of its records, in objections and in decisions.
    edition = write_judged_edition(tmp_path / "editions")
    assert PERSONAL in pl.read_parquet(edition / "records" / "cases.parquet")["party_name"].to_list()
    appeals = pl.read_parquet(edition / "appeals.parquet")
    assert [name for name in appeals.columns if PERSONAL in str(appeals[name].to_list())] == [
        "objection", "reason", "decided_by", "decision_reason",
    ]  # fmt: skip
    site = render_site(edition, tmp_path / "site").index.parent
    files = contents(site)
    assert [name for name, content in files.items() if PERSONAL.encode() in content] == []
    packed = sorted((site / MONTH / "data").glob("*.js"))
    assert len(packed) == 2 * len(SUBJECTS) + 1  # evidence and records of every body, and the periods
    for path in packed:
        assert PERSONAL not in json.dumps(called(path), ensure_ascii=False), path.name


def test_text_of_the_data_is_escaped(summary: SiteSummary) -> None:
    page = (summary.index.parent / MONTH / "zh" / "subjects" / "S05.html").read_text(encoding="utf-8")
    assert "东港经济开发区管委会 &lt;A&amp;B&gt;" in page
    assert "<A&B>" not in page


def silent_on(page: Path) -> list[str]:
    """The bodies that an overview names as having sent nothing of the month."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"subjects/(\w+)\.html", text[text.index('id="silent"') : text.index('id="comparison"')])


def test_every_body_is_on_the_overview(summary: SiteSummary) -> None:
    page = (summary.index.parent / MONTH / "zh" / "index.html").read_text(encoding="utf-8")
    for identifier, *_ in SUBJECTS:
        assert f'href="subjects/{identifier}.html"' in page


def test_the_bodies_that_sent_nothing_of_the_month_are_those_of_the_judgement(tmp_path: Path) -> None:
    """S02 is judged on twelve months and sent nothing of this one; S10 sent nothing at all."""
    edition = write_judged_edition(tmp_path / "editions")
    scores = pl.read_parquet(edition / "scores.parquet")
    quiet = pl.col("quiet_month") | (pl.col("subject_id") == "S02")
    scores.with_columns(quiet.alias("quiet_month")).write_parquet(edition / "scores.parquet")
    assert silent_on(render_site(edition, tmp_path / "site").first_pages["zh"]) == ["S02", "S10"]
    # An edition of an earlier version judged by the month alone.
    scores.drop("quiet_month").write_parquet(edition / "scores.parquet")
    assert silent_on(render_site(edition, tmp_path / "older").first_pages["zh"]) == ["S10"]


def test_bodies_stand_in_the_order_of_their_names_not_of_their_values(summary: SiteSummary) -> None:
    page = (summary.index.parent / MONTH / "zh" / "bodies.html").read_text(encoding="utf-8")
    # 北塘 běi, 柳溪 liǔ, 石桥 shí, 新安 xīn
    assert re.findall(r"subjects/(S0[789]|S10)\.html", page) == ["S08", "S07", "S09", "S10"]


def test_a_value_of_too_few_units_is_not_shown(summary: SiteSummary, edition: Path) -> None:
    # S09 has three officers, two of them on the front line.
    row = pl.read_parquet(edition / "results.parquet").filter(
        (pl.col("entity_id") == "S09") & (pl.col("indicator_id") == "participation_rate")
        & (pl.col("variant") == "frontline") & (pl.col("period_kind") == "month") & (pl.col("period") == MONTH)
    )  # fmt: skip
    assert row["status"].to_list() == ["tiny"]
    page = (summary.index.parent / MONTH / "zh" / "subjects" / "S09.html").read_text(encoding="utf-8")
    section = page[page.index('id="participation_rate"') : page.index('id="supervision_rate"')]
    month = section[section.index('data-p="month"') : section.index('data-p="quarter"')]
    assert "样本过少" in month
    # The plot has no place for a value: the style sheet draws a point only where there is one.
    assert re.search(r'<i class="iv tiny"(?! style="--v)', month)
    assert 'class="figure"><b class="v">—</b>' in month


def test_data_files_hold_every_evidence_row_of_a_body(summary: SiteSummary, edition: Path) -> None:
    value = called(summary.index.parent / MONTH / "data" / "S01.js")
    assert isinstance(value, dict)
    sets = value["columns"]["set"].split("\n")
    total = 0
    for path in (edition / "evidence").glob("*.parquet"):
        rows = pl.read_parquet(path).filter(pl.col("subject_id") == "S01")
        for (variant,), part in rows.partition_by("variant", as_dict=True).items():
            table = value["tables"][f"{path.stem}/{variant}"]
            assert sum(table in value["sets"][one] for one in sets) == len(part)
            total += len(part)
    # Rows that variants and indicators share are written once.
    assert total > len(sets) > 500
    assert {len(column.split("\n")) for column in value["columns"].values()} == {len(sets)}
    assert value["periods"] == {"month": 1, "quarter": 3, "ytd": 10, "r12": 12}


def test_details_carry_the_contract_fields_but_no_personal_ones(summary: SiteSummary) -> None:
    value = called(summary.index.parent / MONTH / "data" / "S01.records.js")
    assert isinstance(value, dict)
    fields = value["entities"]["cases"]
    assert {"id", "source", "fine_amount", "major", "filed_at", "source_row"} <= set(fields)
    assert "party_name" not in fields


def test_an_older_edition_stays_listed_and_the_newest_comes_first(edition: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    render_site(edition, site)
    revised = tmp_path / "2026-10.r2"
    shutil.copytree(edition, revised)
    manifest = json.loads((revised / "manifest.json").read_text(encoding="utf-8"))
    (revised / "manifest.json").write_text(json.dumps({**manifest, "edition_id": "2026-10.r2"}), encoding="utf-8")
    shutil.copytree(site / MONTH, site / ".2026-11.unfinished")  # a run that was killed is not an edition
    page = render_site(revised, site).index.read_text(encoding="utf-8")
    assert re.findall(r"<code>(.*?)</code>", page) == ["2026-10.r2", "2026-10"]
    assert 'class="latest"><a href="2026-10.r2/zh/index.html"' in page


def test_rendering_again_replaces_the_folder_and_leaves_nothing_beside_it(edition: Path, tmp_path: Path) -> None:
    render_site(edition, tmp_path)
    stale = tmp_path / MONTH / "zh" / "stale.html"
    stale.write_text("old", encoding="utf-8")
    (tmp_path / f".{MONTH}.unfinished").mkdir()  # a run that was killed
    render_site(edition, tmp_path, languages=("en",))
    assert not stale.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [MONTH, "index.html"]
    assert not (tmp_path / MONTH / "zh").exists()


def test_an_unfinished_edition_is_refused_by_the_name_of_what_is_missing(edition: Path, tmp_path: Path) -> None:
    shutil.copytree(edition, tmp_path / MONTH)
    (tmp_path / MONTH / "results.parquet").unlink()
    with pytest.raises(EditionError, match=r"results\.parquet"):
        render_site(tmp_path / MONTH, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_what_came_after_the_as_of_time_is_said_of_all_and_of_each_body(edition: Path, tmp_path: Path) -> None:
    shutil.copytree(edition, tmp_path / MONTH)
    rows = [("cases", "S01", 2), ("inspections", "S01", 1_200), ("cases", "S02", 1), ("leads", None, 5)]
    late = pl.DataFrame(rows, schema=["entity", "subject_id", "records"], orient="row")
    late.write_parquet(tmp_path / MONTH / "after_as_of.parquet")
    render_site(tmp_path / MONTH, tmp_path / "site")
    page = tmp_path / "site" / MONTH

    def said(name: str, beginning: str) -> list[str]:
        return re.findall(beginning + "[^<]*", (page / name).read_text(encoding="utf-8"))

    assert [text.partition("）之后")[2] for text in said("zh/index.html", "本月另有记录")] == [
        "才录入或收到，本版不计：线索 5 条，行政检查 1,200 条，处罚案件 3 条。"  # 5 of no known body; 2 + 1
    ]
    assert [text.rpartition(": ")[2] for text in said("en/subjects/S01.html", "More records of the month")] == [
        "Inspections 1,200, Penalty cases 2."
    ]
    assert said("zh/subjects/S03.html", "本月另有记录") == []


def test_an_unknown_language_is_refused(edition: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fr"):
        render_site(edition, tmp_path, languages=("fr",))


def test_an_edition_without_any_activity_still_makes_every_page(edition: Path, tmp_path: Path) -> None:
    bare = tmp_path / MONTH
    shutil.copytree(edition, bare)
    shutil.rmtree(bare / "records")
    for path in (bare / "evidence").glob("*.parquet"):
        pl.read_parquet(path).clear().write_parquet(path)
    results = pl.read_parquet(bare / "results.parquet").filter(pl.col("level") != "agency")
    results.with_columns(
        numerator=0.0, denominator=0.0, excluded=0, undecidable=0, status=pl.lit("none"), reason=pl.lit("NO_UNITS"),
        **{name: pl.lit(None, pl.Float64) for name in ("value", "lower", "upper")},
    ).write_parquet(bare / "results.parquet")  # fmt: skip
    for name in ("quality", "files"):
        pl.read_parquet(bare / f"{name}.parquet").clear().write_parquet(bare / f"{name}.parquet")
    summary = render_site(bare, tmp_path / "site")
    assert summary.pages == 2 * (13 + 5 + 10 + 10)
    assert silent_on(summary.first_pages["zh"]) == []  # nobody judged who sent nothing


def test_the_overview_prints_the_total_as_the_edition_has_it(summary: SiteSummary, edition: Path) -> None:
    rows = pl.read_parquet(edition / "results.parquet").filter(
        (pl.col("level") == "total") & (pl.col("indicator_id") == "participation_rate")
        & (pl.col("variant") == "frontline") & (pl.col("period_kind") == "month")
    )  # fmt: skip
    value = dict(rows.select("period", "value").iter_rows())
    now = rows.filter(pl.col("period") == MONTH).row(0, named=True)
    page = summary.first_pages["zh"].read_text(encoding="utf-8")
    card = page[page.index("人均参与执法率</a>") : page.index("部门监督率</a>")]
    month = card[card.index('data-p="month"') : card.index('data-p="quarter"')]
    assert f"{now['value'] * 100:.2f} %" in month
    assert f"分子 {now['numerator']:.0f} <i>/</i> 分母 {now['denominator']:.0f}" in month
    assert f"95 % 区间 {now['lower'] * 100:.1f}–{now['upper'] * 100:.1f} %" in month
    changes = re.findall(r"<dt>(.*?)</dt><dd>(.*?) 个百分点</dd>", card)
    assert [label for label, _ in changes] == ["较2026年9月", "较2025年10月"]
    for (_, text), before in zip(changes, ("2026-09", "2025-10"), strict=True):
        assert float(text.replace("−", "-")) == pytest.approx((value[MONTH] - value[before]) * 100, abs=0.005)


def test_the_quality_page_counts_by_expectation_and_body(summary: SiteSummary) -> None:
    page = (summary.index.parent / MONTH / "zh" / "quality.html").read_text(encoding="utf-8")
    row = page[page.index("参与人员在人员台账中") : page.index("决定不早于立案")]
    assert "4 / 400" in row  # 3 of S01 + 1 of S08
    assert re.findall(r'audit/(\w+)\.html">.*?<span class="n">(\d+) / 40<', row) == [
        ("S08", "1"),
        ("S01", "3"),
    ]
    body = (summary.index.parent / MONTH / "en" / "subjects" / "S01.html").read_text(encoding="utf-8")
    section = body[body.index('id="quality"') :]
    assert "3 / 40" in section
    assert "Check the ledger and send the rows again." in section
    other = (summary.index.parent / MONTH / "en" / "subjects" / "S02.html").read_text(encoding="utf-8")
    assert "All 3 expectations counted for this body held." in other


def test_an_expectation_counted_by_body_only_still_has_its_line(edition: Path, tmp_path: Path) -> None:
    changed = tmp_path / MONTH
    shutil.copytree(edition, changed)
    quality = pl.read_parquet(changed / "quality.parquet").filter(
        (pl.col("expectation_id") != "participations.officer_known") | pl.col("subject_id").is_not_null()
    )
    quality.write_parquet(changed / "quality.parquet")
    render_site(changed, tmp_path / "site", languages=("zh",))
    page = (tmp_path / "site" / MONTH / "zh" / "quality.html").read_text(encoding="utf-8")
    row = page[page.index("参与人员在人员台账中") : page.index("决定不早于立案")]
    assert "4 / 400" in row  # ten bodies × 40 rows


def test_a_new_indicator_arrives_everywhere_by_its_declaration(edition: Path, tmp_path: Path) -> None:
    changed = tmp_path / MONTH
    shutil.copytree(edition, changed)
    declarations = json.loads((changed / "indicators.json").read_text(encoding="utf-8"))
    new = {**declarations[0], "id": "evenness", "unit": "index", "interval": "none", "headline": True,
           "name": {"zh": "履职均衡度", "en": "Evenness"}}  # fmt: skip
    (changed / "indicators.json").write_text(json.dumps([*declarations, new]), encoding="utf-8")
    results = pl.read_parquet(changed / "results.parquet")
    added = results.filter(pl.col("indicator_id") == "performance_rate").with_columns(
        indicator_id=pl.lit("evenness"), lower=pl.lit(None, pl.Float64), upper=pl.lit(None, pl.Float64)
    )
    pl.concat([results, added]).write_parquet(changed / "results.parquet")
    render_site(changed, tmp_path / "site", languages=("zh",))
    folder = tmp_path / "site" / MONTH / "zh"
    assert (folder / "indicators" / "evenness.html").is_file()
    for page in ("index", "indicators", "glossary", "subjects/S01"):
        assert "履职均衡度" in (folder / f"{page}.html").read_text(encoding="utf-8")


def test_statements_are_shown_as_text(summary: SiteSummary) -> None:
    page = (summary.index.parent / MONTH / "zh" / "indicators" / "performance_rate.html").read_text(encoding="utf-8")
    assert "-- &lt;scope&gt;" in page
    assert "行政处罚法》第七十四条" in page


def test_templates_do_no_arithmetic() -> None:
    env = environment()
    names = env.list_templates(extensions=["j2"])
    assert len(names) >= 9
    for name in names:
        source, _, _ = env.loader.get_source(env, name)  # type: ignore[union-attr]
        found = list(
            env.parse(source).find_all(
                (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
            )
        )
        assert found == [], f"{name} line {found[0].lineno}"


def test_file_names_of_ids_are_safe_and_distinct() -> None:
    made = slugs(["S1", "s1", "../x", "沪A 1", ""])
    assert made["S1"] == "S1"
    assert len({slug.casefold() for slug in made.values()}) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_~-]+", slug) for slug in made.values())
