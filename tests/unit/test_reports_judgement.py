"""The pages of assessments, findings, rules, signals, law application and changes, without a browser."""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from pipelines.assessment.assess import OVER_TIME_SCHEMA as WRITTEN_OVER_TIME
from pipelines.assessment.assess import SCORE_SCHEMA
from pipelines.editions.diff import DIFF_SCHEMA
from pipelines.editions.restated import RESTATED_SCHEMA as WRITTEN_RESTATED
from pipelines.errors import EditionError
from reports.i18n import Texts
from reports.numbers import points_difference, probability, signed, statistic
from reports.relations import OVER_TIME_SCHEMA, RESTATED_SCHEMA, RESTATEMENT_SCHEMA, SCORES_SCHEMA
from reports.site import SiteSummary, render_site
from tests.browser.edition_fixture import MONTH, PERSONAL, SUBJECTS
from tests.browser.judgement_fixture import RELATIONS, case_of, write_judged_edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_judged_edition(tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="module")
def summary(edition: Path, tmp_path_factory: pytest.TempPathFactory) -> SiteSummary:
    return render_site(edition, tmp_path_factory.mktemp("site"))


def html(summary: SiteSummary, name: str) -> str:
    return (summary.index.parent / MONTH / f"{name}.html").read_text(encoding="utf-8")


def words(page: str) -> str:
    """What a reader sees of a stretch of HTML: tags become blanks, blanks one blank."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page))).strip()


def section(page: str, name: str) -> str:
    """The section or row that begins at an id, up to the next section's end."""
    start = page.index(f'id="{name}"')
    return page[start : page.index("</section>", start)]


def row(page: str, label: str) -> list[str]:
    """The cells of the first row of a table whose head reads `label`."""
    for line in re.split(r"<tr\b[^>]*>", page)[1:]:
        cells = [
            words(cell) for cell in re.split(r"<t[hd]\b[^>]*>", line.split("</tbody>")[0].split("</thead>")[0])[1:]
        ]
        if cells and cells[0].startswith(label):
            return cells
    raise AssertionError(f"no row {label}")


def test_a_body_opens_with_its_explanation_grade_and_gate(summary: SiteSummary) -> None:
    judged = section(html(summary, "zh/subjects/S01"), "judgement")
    text = words(judged)
    # opening, then the paragraph with points: sentences of one paragraph stand together
    assert "S01考核得分 90.0 分，等级好。" in text
    assert "履职率 55.0 %，得 90.0 分。结构因素 +1.0，比率因素 +2.0。" in text
    assert "好 90.0 分 区间 86.0–95.0" in text
    assert "合法性门槛 部门监督率 20.00 %，总分不折减" in text
    folded = judged[judged.index("1 项指标不评分") :]
    assert "部门监督率只有 3 个单位。" in folded


def test_a_gate_that_lowers_and_a_grade_that_is_not_settled_are_said(summary: SiteSummary) -> None:
    text = words(section(html(summary, "en/subjects/S02"), "judgement"))
    assert "Fair 60.3 points interval 40.0–72.0 spans Poor–Fair" in text  # 60.25, half up
    assert "Supervision rate 20.00 %: the total is multiplied by 0.750" in text


@pytest.mark.parametrize(
    ("subject", "state", "why"),
    [
        ("S03", "不予评定", "可评指标的权重不足"),
        ("S10", "没有报送", "不是 0 分"),
    ],
)
def test_a_body_without_a_grade_is_said_to_have_none(summary: SiteSummary, subject: str, state: str, why: str) -> None:
    judged = section(html(summary, f"zh/subjects/{subject}"), "judgement")
    text = words(judged)
    assert state in text
    assert why in text
    assert not re.search(r"总分乘以", text)  # no total, nothing to multiply


def test_objections_are_shown_with_what_was_decided_and_when_but_without_free_text(summary: SiteSummary) -> None:
    page = html(summary, "zh/subjects/S01")
    told = section(page, "appeals")
    assert "采纳 1 件，不采纳 1 件，待决 1 件" in words(told)
    assert row(told, case_of("S01"))[1:] == ["采纳", "2026-11-20", "更正"]
    assert f'href="#record/cases/{case_of("S01")}"' in told
    assert row(told, "M001")[1:] == ["不采纳", "2026-11-20", ""]
    assert row(told, "问题清单条目")[1:] == ["待决", "", ""]
    for free_text in (PERSONAL, "已上收", "清单未变", "专项行动期间"):
        assert free_text not in page
    assert "appeals.parquet" in words(told)  # where it can be read
    assert "Accepted 1, refused 1, pending 1." in words(section(html(summary, "en/subjects/S01"), "appeals"))
    assert 'id="appeals"' not in html(summary, "zh/subjects/S02")  # it objected to nothing


def test_grades_are_counted_inside_peer_groups(summary: SiteSummary) -> None:
    grades = section(html(summary, "zh/index"), "grades")
    #                                          好   一般  较差 不评 没报 没分 主体
    assert row(grades, "区级部门")[1:] == ["1", "1", "0", "1", "0", "1", "4"]  # S01 A, S02 C, S03 none, S04 no score
    assert row(grades, "街镇")[1:] == ["0", "0", "0", "0", "1", "3", "4"]  # S10
    assert row(grades, "全部")[1:] == ["1", "1", "0", "1", "1", "6", "10"]  # 1 + 1 + 1 + 1 + 6
    shown = words(grades)
    for subject, name, *_ in SUBJECTS:  # nobody is named, so nobody is ranked
        assert name not in shown
        assert subject not in shown


def test_points_over_time_are_of_the_same_bodies_and_say_who_is_left_out(summary: SiteSummary) -> None:
    grades = section(html(summary, "zh/index"), "grades")
    assert row(grades[grades.index("over-time") :], "总分")[1:] == ["2", "3", "70.0", "75.1", "+5.1"]  # 75.125 − 70
    assert "两期的考核方案不同" not in words(grades)
    assert "A body that is assessed in one alone is left out of both." in words(html(summary, "en/index"))


def test_a_finding_has_level_due_date_owner_age_and_its_records(summary: SiteSummary) -> None:
    found = section(html(summary, "zh/subjects/S02"), "findings")
    cells = row(found, "履职率")
    assert cells[1] == "整改 已升级 得分低于整改线，偶然解释不了"
    assert cells[3] == "2026-10-31 已逾期"  # the edition knows what was known on 5 November
    assert cells[4] == "第 4 个月 自 2026年7月"
    assert cells[5] == "执法监督科"
    assert f'href="#records/performance_rate/all/r12/{MONTH}/miss"' in found


def test_findings_of_all_bodies_stand_graver_first(summary: SiteSummary) -> None:
    page = html(summary, "en/findings")
    assert re.findall(r'data-facet="(\w+)"', page[: page.index('id="closed"')]) == ["improvement", *3 * ["attention"]]
    #                                              open new  escalated overdue closed
    assert row(page, "Improvement")[1:] == ["1", "0", "1", "1", "0"]
    assert row(page, "Attention")[1:] == ["3", "2", "0", "0", "2"]  # S01, S08 new; S07 waits; S04, S06 closed
    assert "data meet the scheme" in words(section(page, "closed"))
    assert "S03" not in page  # what meets the scheme is no finding


@pytest.mark.parametrize("subject", ["S06", "S07"])  # closed as its indicator left the scheme, waits for a judgement
def test_figures_of_an_earlier_month_are_said_to_be_so_and_lead_to_no_list(summary: SiteSummary, subject: str) -> None:
    found = section(html(summary, f"en/subjects/{subject}"), "findings")
    assert row(found, "Supervision rate")[2] == (
        "10.00 % 5.0–20.0 % figures of September 2026 · 12.5 points · 90 units that missed"
    )
    assert "#records" not in found
    current = section(html(summary, "en/subjects/S01"), "findings")
    assert "figures of" not in current
    assert f"#records/supervision_rate/cases/r12/{MONTH}/miss" in current


def test_units_behind_a_finding_are_named_by_their_state(summary: SiteSummary) -> None:
    found = section(html(summary, "en/subjects/S08"), "findings")  # under a falling band what counts stands against it
    assert row(found, "Performance rate")[2].endswith("12.5 points · 10 units in the numerator")
    assert f"#records/performance_rate/all/r12/{MONTH}/hit" in found
    assert "计入分子的 10 个单位" in words(section(html(summary, "zh/subjects/S08"), "findings"))


def test_a_rule_counts_its_records_by_result_and_lists_what_failed(summary: SiteSummary) -> None:
    #                                            month 12 months undecidable pass n/a
    assert row(html(summary, "zh/rules"), "办案期限")[2:] == ["1", "2", "1", "1", "0"]
    page = html(summary, "zh/rules/p01")
    assert row(section(page, "bodies"), "临江区市场监督管理局")[1:] == ["1", "1", "1", "1", "0"]
    assert row(section(page, "bodies"), "临江区商务局")[1:] == ["0", "1", "0", "0", "0"]
    assert "临江区发展和改革委员会" not in page  # its only record lies thirteen months back
    assert row(page, "超过期限才决定")[1:] == ["未通过", "2"]
    assert "select 1 &lt; 2" in page
    failed = row(section(page, "records"), case_of("S01"))
    assert failed == [f"{case_of('S01')} 2026年10月", "临江区市场监督管理局", "超过期限才决定", "2026-07-01",
                      "2026-10-20 09:30", "111 日", "90 日"]  # fmt: skip


def test_a_body_lists_its_failed_rules_with_article_and_dates(summary: SiteSummary) -> None:
    rules = section(html(summary, "zh/subjects/S01"), "rules")
    assert row(rules, "办案期限")[0] == "办案期限 《行政处罚法》第六十条"
    assert f'href="#record/cases/{case_of("S01")}"' in rules
    assert "没有可判断的案件" in words(section(html(summary, "zh/subjects/S05"), "rules"))


def test_rules_that_no_field_decides_are_listed_with_the_reason(summary: SiteSummary) -> None:
    cells = row(section(html(summary, "en/rules"), "undecided"), "Collective discussion")
    assert cells[1:] == ["The day of the discussion is in no field", "cases · meeting_on"]


def test_a_signal_is_a_question_with_its_statistic(summary: SiteSummary) -> None:
    page = html(summary, "zh/signals")
    assert "信号是提问，不是结论" in words(page)
    #                                                   judged by       fired tested ever
    assert row(page, "月末集中录入")[2:] == ["p 值小于 0.001", "1", "2", "2"]  # S02 and, a month before, S04
    assert row(page, "裁量理由雷同")[2:] == ["p 值小于 0.001", "0", "0", "0"]
    own = section(html(summary, "zh/subjects/S02"), "signals")
    text = words(own)
    assert "统计量 0.875 p 值 < 0.000001 阈值 0.001" in text
    assert "此前触发 2026年9月" in text
    assert 'href="#record/cases/S02-C202610%2F000"' in own  # a slash of an id is none of the address
    earlier = words(section(html(summary, "zh/subjects/S04"), "signals"))
    assert "本月没有信号触发。 此前月份触发，本月未触发 1" in earlier


def test_a_signal_over_bodies_names_its_matter_and_leads_to_every_bodys_record(summary: SiteSummary) -> None:
    page = html(summary, "en/signals/uniform_fines")
    assert "对第0类违法行为的处理 · Street-town" in words(page)
    assert "no probability model" in page
    for subject, case in (("S01", "S01-C202610-000"), ("S02", "S02-C202610%2F000")):
        assert f'href="../subjects/{subject}.html#record/cases/{case}"' in page


def test_law_application_counts_by_class_and_shows_the_band(summary: SiteSummary) -> None:
    page = html(summary, "zh/law")
    #                                   in force 高频 一般 低频 休眠 未用 未全期有效
    assert row(section(page, "use"), "法规")[1:] == ["2", "0", "1", "0", "0", "1", "0"]
    assert row(section(page, "use"), "事项")[1:] == ["2", "1", "0", "0", "1", "0", "0"]
    discretion = words(section(page, "discretion"))
    assert "低于幅度 1 25.0 %" in discretion  # 1 of 1 + 3 fines
    assert "下三分之一 3 75.0 %" in discretion
    changed = row(section(page, "changed"), "名L1-1 第1条")
    assert changed[1:] == ["被替换", "2026-03-01", "第2条", "3", "1"]
    assert row(section(page, "by-body"), "临江区市场监督管理局")[1:5] == ["4", "1", "1", "0"]
    assert row(section(page, "by-area"), "120116001")[1] == "4"  # a street without a body keeps its code
    #                                            used    12m  ytd  bodies  articles: frequent, occasional, rare
    assert row(html(summary, "zh/law/laws"), "名L1")[1:8] == ["一般", "4", "4", "2", "0", "0", "2"]
    assert "休眠 1" in words(html(summary, "zh/law/matters"))


def test_a_change_is_the_sum_of_its_mix_and_rate(summary: SiteSummary) -> None:
    # mix 0.01 + 0.005, rate −0.005 + 0.02: both sum to 0.03, in points of a percentage
    cells = row(html(summary, "zh/changes"), "履职率")
    assert cells[1:] == ["2026年9月", "27.00 %", "30.00 %", "+3.00", "+1.50", "+1.50"]
    domains = section(html(summary, "zh/indicators/performance_rate"), "changes")
    assert row(domains, "没有事项的单位")[1:] == ["2/10", "3/10", "+0.50", "+2.00"]
    assert row(section(html(summary, "zh/subjects/S01"), "changes"), "履职率")[4:] == ["+3.00", "+1.00", "+2.00"]


def test_a_change_between_two_versions_of_a_definition_has_no_mix_and_no_rate(edition: Path, tmp_path: Path) -> None:
    shutil.copytree(edition, tmp_path / edition.name)
    path = tmp_path / edition.name / "changes.parquet"
    pl.read_parquet(path).with_columns(
        cause=pl.lit("definition"), definition_version=pl.lit("2"), base_definition_version=pl.lit("1"),
        mix_effect=0.0, rate_effect=0.0,
    ).write_parquet(path)  # fmt: skip
    summary = render_site(tmp_path / edition.name, tmp_path / "site")
    told = "定义由第 1 版改为第 2 版，两月不可比"
    assert row(html(summary, "zh/changes"), "履职率")[1:] == ["2026年9月", "27.00 %", "30.00 %", "+3.00", told]
    assert told in words(section(html(summary, "zh/indicators/performance_rate"), "changes"))
    assert row(section(html(summary, "zh/subjects/S01"), "changes"), "履职率")[4:] == ["+3.00", told]
    assert "结构 " not in words(html(summary, "zh/index"))


def test_a_change_of_few_units_is_not_split_on_pages_either(edition: Path, tmp_path: Path) -> None:
    shutil.copytree(edition, tmp_path / edition.name)
    path = tmp_path / edition.name / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    # All bodies together had 10 + 10 units then and now, the body 10.
    path.write_text(json.dumps({**manifest, "parameters": {"small_below": 20}}), encoding="utf-8")
    summary = render_site(tmp_path / edition.name, tmp_path / "site")
    assert row(html(summary, "zh/changes"), "履职率")[4:] == ["+3.00", "+1.50", "+1.50"]
    assert row(section(html(summary, "zh/subjects/S01"), "changes"), "履职率")[4:] == [
        "+3.00",
        "单位不足 20 个，不分解",
    ]


@pytest.mark.parametrize(("relation", "page"), RELATIONS.items())
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_an_edition_without_a_relation_still_renders_and_says_so(
    edition: Path, tmp_path: Path, relation: str, page: str, how: str
) -> None:
    bare = tmp_path / MONTH
    shutil.copytree(edition, bare)
    path = bare / f"{relation}.parquet"
    if how == "missing":
        path.unlink()
        (bare / "explanations.parquet").unlink()
    else:
        pl.read_parquet(path).clear().write_parquet(path)
    made = render_site(bare, tmp_path / "site", languages=("zh",))
    shown, t = html(made, f"zh/{page}"), Texts("zh")
    text, overview = words(shown), words(html(made, "zh/index"))
    missing = t(f"missing.{'law' if relation == 'law_application' else relation}")
    if how == "missing":
        assert missing in text
        assert relation in ("law_application", "changes") or missing in overview
        return
    if relation == "scores":
        assert missing in text  # no body has a row
        assert missing in words(html(made, "zh/subjects/S01"))
        return
    assert missing not in text
    if relation == "rules":
        assert row(shown, "办案期限")[2:] == ["0", "0", "0", "0", "0"]
        assert t("rule.none_judged") in text
        assert t("rule.none_judged") in overview
        assert t("rule.none_judged_here") in words(html(made, "zh/rules/p01"))
    if relation == "signals":
        assert row(shown, "月末集中录入")[3:] == ["0", "0", "0"]
        assert t("signals.none_tested") in text
    empty = {"findings": "finding.none", "law_application": "law.none", "changes": "changes.none"}
    assert relation not in empty or t(empty[relation]) in text


def test_a_month_without_a_failed_record_is_not_one_that_was_not_judged(edition: Path, tmp_path: Path) -> None:
    changed = tmp_path / MONTH
    shutil.copytree(edition, changed)
    passed = pl.read_parquet(changed / "rules.parquet").filter(pl.col("result") == "pass")
    passed.write_parquet(changed / "rules.parquet")
    t = Texts("zh")
    overview = words(html(render_site(changed, tmp_path / "site", languages=("zh",)), "zh/index"))
    assert t("rule.none_failed_month") in overview
    assert t("rule.none_judged") not in overview


@pytest.mark.parametrize(
    ("relation", "key", "named"),
    [
        ("rules", "rule_id", "rule_id P99 "),
        ("signals", "signal_id", "signal_id P99 "),
        ("evidence/performance_rate", "variant", "performance_rate/P99,"),
    ],
)
def test_a_row_of_what_is_not_declared_is_refused_by_its_id(
    edition: Path, tmp_path: Path, relation: str, key: str, named: str
) -> None:
    changed = tmp_path / MONTH
    shutil.copytree(edition, changed)
    frame = pl.read_parquet(changed / f"{relation}.parquet")
    strange = frame.head(1).with_columns(pl.lit("P99").alias(key))
    pl.concat([frame, strange]).write_parquet(changed / f"{relation}.parquet")
    with pytest.raises(EditionError, match=named):
        render_site(changed, tmp_path / "site", languages=("zh",))


def test_evidence_of_a_variant_that_an_earlier_version_declared_is_no_error(edition: Path, tmp_path: Path) -> None:
    changed = tmp_path / MONTH
    shutil.copytree(edition, changed)
    declared = json.loads((changed / "indicators.json").read_text(encoding="utf-8"))
    variants = declared[0]["variants"]
    declared[0]["earlier_versions"] = [{"variants": dict(variants)}]
    del variants["broad"]
    (changed / "indicators.json").write_text(json.dumps(declared), encoding="utf-8")
    made = render_site(changed, tmp_path / "site", languages=("zh",))
    assert "宽口径" not in html(made, "zh/indicators/performance_rate")


@pytest.mark.parametrize(
    ("read", "written"),
    [(SCORES_SCHEMA, SCORE_SCHEMA), (OVER_TIME_SCHEMA, WRITTEN_OVER_TIME), (RESTATEMENT_SCHEMA, DIFF_SCHEMA),
     (RESTATED_SCHEMA, WRITTEN_RESTATED)],
    ids=["scores", "over", "restatement", "restated"],
)  # fmt: skip
def test_what_reports_read_is_written(read: dict[str, type], written: dict[str, type]) -> None:
    assert read.items() <= written.items()


@pytest.mark.parametrize(
    ("number", "unit", "digits", "text"),
    [(0.0123, "share", 2, "+1.23"), (-0.0005, "share", 2, "−0.05"), (0.00004, "share", 2, "±0.00"),
     (-0.00004, "share", 2, "±0.00"), (-0.2, "per_head", 2, "−0.20"), (0.67, "per_head", 1, "+0.7")],
)  # fmt: skip
def test_a_part_of_a_difference_carries_its_sign(number: float, unit: str, digits: int, text: str) -> None:
    assert signed(number, unit, digits=digits) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    # 62.125 is shown as 62.1 and 57.0 as 57.0; 70.06 and 70.04 as 70.1 and 70.0.
    [(62.125, 57.0, "+5.1"), (57.0, 57.25, "−0.3"), (70.06, 70.04, "+0.1"), (70.04, 70.0, "±0.0")],
)
def test_a_difference_of_points_is_that_of_the_points_shown(now: float, before: float, text: str) -> None:
    assert points_difference(now, before) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0.43, "0.43"), (0.00012, "0.00012"), (1.2e-9, "< 0.000001"), (1.0, "1.00"), (None, "—")]
)
def test_a_probability_has_two_digits_that_count(number: float | None, text: str) -> None:
    assert probability(number) == text


def test_a_statistic_has_no_needless_zeros() -> None:
    assert [statistic(number) for number in (0.875, 1.0, 12.34567, -2.5, None)] == ["0.875", "1", "12.346", "−2.5", "—"]
