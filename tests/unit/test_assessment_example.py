"""The worked example of docs/judgement.md, step by step, and its texts in both languages."""

import re
from math import exp, log, sqrt
from pathlib import Path

import polars as pl
import pytest
import yaml
from scipy.stats import binomtest

from pipelines.assessment import explanations
from pipelines.assessment.explanations import TEXTS_FILE
from pipelines.contract.loader import load_contracts
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month
from tests.unit.worked_example import BODIES, RESULTS, SCHEME, judged

DOCS = Path(__file__).resolve().parents[2] / "docs" / "judgement.md"
#: S1's performance rate, by domain; a step of Kitagawa's split is recomputed in the test below.
#:              September          October
#:   food        5 of 30 matters    8 of 20
#:   fire       15 of 30           25 of 40
#: Each domain's mean rate is held against the whole's, (20/60 + 33/60) / 2, which changes no sum.
WHOLE = (20 / 60 + 33 / 60) / 2
MIX = (20 / 60 - 30 / 60) * ((5 / 30 + 8 / 20) / 2 - WHOLE) + (40 / 60 - 30 / 60) * ((15 / 30 + 25 / 40) / 2 - WHOLE)
RATE = (30 / 60 + 20 / 60) / 2 * (8 / 20 - 5 / 30) + (30 / 60 + 40 / 60) / 2 * (25 / 40 - 15 / 30)
CHANGES = pl.DataFrame([{
    "subject_id": "S1", "indicator_id": "performance_rate", "variant": "all", "period": "2026-10",
    "base_period": "2026-09", "value": 33 / 60, "base_value": 20 / 60, "denominator": 60.0, "base_denominator": 60.0, "mix": MIX, "rate": RATE,
}])  # fmt: skip
SEPTEMBER = RESULTS.replace("33/60", "20/60").replace("48/60", "47/60")


@pytest.fixture(scope="module")
def assessment():
    return judged(before=judged(SEPTEMBER, "2026-09"), changes=CHANGES)


def item(assessment, body, kind, name):
    (row,) = assessment.scores.filter(
        (pl.col("subject_id") == body) & (pl.col("item_kind") == kind) & (pl.col("item_id") == name)
    ).iter_rows(named=True)
    return row


def test_an_indicator_earns_points_by_its_distance_to_the_band(assessment):
    # performance 33/60 = 0.55: 100 × (0.55 − 0.2) / (0.8 − 0.2) = 58.33
    assert item(assessment, "S1", "indicator", "performance_rate")["points"] == pytest.approx(100 * 0.35 / 0.6)
    # participation 18/30 = 0.6: 100 × (0.6 − 0.4) / (0.9 − 0.4) = 40; discovery 9/30 = 0.3: 100 × 0.2 / 0.4 = 50
    assert item(assessment, "S1", "indicator", "participation_rate")["points"] == pytest.approx(40)
    assert item(assessment, "S1", "indicator", "proactive_discovery_rate")["points"] == pytest.approx(50)
    # S2 lies in every band, S3 at or below every floor
    assert item(assessment, "S2", "pillar", "use")["points"] == pytest.approx(100)
    assert item(assessment, "S3", "pillar", "discovery")["points"] == pytest.approx(0)


def test_a_pillar_is_the_weighted_mean_and_its_limits_those_of_mover(assessment):
    pillar = item(assessment, "S1", "pillar", "use")
    at = [100 * 0.35 / 0.6, 40.0]
    assert pillar["points"] == pytest.approx(sum(at) / 2)  # 49.17
    low = (
        binomtest(33, 60).proportion_ci(0.95, method="wilson").low,
        binomtest(18, 30).proportion_ci(0.95, method="wilson").low,
    )
    lowest = [100 * (low[0] - 0.2) / 0.6, 100 * max(0, low[1] - 0.4) / 0.5]
    down = sqrt(sum((0.5 * (a - b)) ** 2 for a, b in zip(at, lowest, strict=True)))
    assert pillar["points_lower"] == pytest.approx(sum(at) / 2 - down)


def test_the_total_is_the_geometric_mean_times_the_gate(assessment):
    # supervision 12/60 = 0.2, half way from 0.1 to 0.3: 0.5 + 0.5 × 0.5 = 0.75
    assert item(assessment, "S1", "gate", "supervision_rate")["points"] == pytest.approx(75)
    total = 0.75 * exp(0.6 * log((100 * 0.35 / 0.6 + 40) / 2) + 0.4 * log(50))
    assert item(assessment, "S1", "total", "total")["points"] == pytest.approx(total)
    assert total == pytest.approx(37.12, abs=0.005)


def test_no_pillar_takes_the_whole_total_away_and_none_is_bought_off(assessment):
    # S3: 12/60 = 0.2 and 12/30 = 0.4 earn 0; 3/30 = 0.1 earns 0; each pillar counts as 1 point.
    assert item(assessment, "S3", "total", "total")["points"] == pytest.approx(1)
    # A pillar of 100 and one of 0 make 100^0.6 × 1^0.4 = 15.8, not the mean of 60.
    lopsided = judged("body | performance_rate all | participation_rate frontline | proactive_discovery_rate cases | supervision_rate cases\nS1 | 60/60 | 30/30 | 0/30 | 60/60")  # fmt: skip
    assert item(lopsided, "S1", "total", "total")["points"] == pytest.approx(100**0.6)


def test_below_the_minimum_n_there_are_no_points_and_below_70_per_cent_no_assessment(assessment):
    # S4: 6 officers of 6 are fewer than 20, so 0.6 × 0.5 = 0.3 of the weight is missing: 70 % is just enough.
    officers = item(assessment, "S4", "indicator", "participation_rate")
    assert (officers["points"], officers["reason"], officers["value"]) == (None, "TOO_FEW", 1.0)
    total = item(assessment, "S4", "total", "total")
    assert (total["state"], total["weight_present"]) == ("assessed", 0.7)
    # what is left of the pillar is weighed to 1: 42/60 = 0.7 earns 83.33, the other pillar 100
    assert total["points"] == pytest.approx(exp(0.6 * log(100 * 0.5 / 0.6) + 0.4 * log(100)))
    # S5: only performance can be judged, 0.3 of the weight
    total = item(assessment, "S5", "total", "total")
    assert (total["state"], total["points"], total["grade"], total["weight_present"]) == (
        "not_assessed",
        None,
        None,
        0.3,
    )


def test_a_body_that_sent_nothing_has_no_return_and_not_0():
    total = item(judged(silent=frozenset({"S3"})), "S3", "total", "total")
    assert (total["state"], total["points"], total["grade"], total["reason"]) == (
        "no_return",
        None,
        None,
        "NOTHING_SENT",
    )


def test_a_grade_that_the_interval_does_not_settle_is_shown_with_both_ends(assessment):
    total = item(assessment, "S1", "total", "total")
    assert total["points_lower"] < 37.12 < total["points_upper"]
    assert (total["grade"], total["grade_lower"]) == ("C", "C")
    assert total["grade_upper"] == ("B" if total["points_upper"] >= 50 else "C")


def test_the_rank_range_is_over_weights_and_left_out_indicators(assessment):
    ranks = {
        row["subject_id"]: (row["rank_best"], row["rank_worst"], row["ranked"])
        for row in assessment.scores.filter(pl.col("item_kind") == "total").iter_rows(named=True)
    }
    # S2 has 100 in everything; leaving performance out, S4 has only discovery left, 100 too: both are first.
    assert ranks == {"S1": (3, 3, 4), "S2": (1, 1, 4), "S3": (4, 4, 4), "S4": (1, 2, 4), "S5": (None, None, None)}


def test_a_shrunken_value_stands_beside_the_raw_one_and_never_alone(assessment):
    shrunken = assessment.peers.filter(pl.col("shrunk").is_not_null())
    assert shrunken.height > 0
    assert shrunken["value"].null_count() == 0
    six = shrunken.filter((pl.col("subject_id") == "S4") & (pl.col("indicator_id") == "participation_rate"))
    (row,) = six.iter_rows(named=True)
    # 6 of 6: the estimate lies between the body's 100 % and its group's 66/99, nearer the body the weaker the prior
    assert row["group_rate"] < row["shrunk"] < row["value"]
    assert row["shrunk"] == pytest.approx(
        (6 + row["prior_mean"] * row["prior_strength"]) / (6 + row["prior_strength"]), abs=1e-6
    )


def test_three_of_three_officers_have_neither_value_nor_estimate(assessment):
    (row,) = assessment.peers.filter(
        (pl.col("subject_id") == "S5") & (pl.col("indicator_id") == "participation_rate")
    ).iter_rows(named=True)
    assert (row["value"], row["shrunk"], row["position"]) == (None, None, "none")
    assert row["denominator"] == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_texts_of_the_example_are_the_golden_ones_and_those_of_the_docs(assessment, golden, language):
    lines = []
    for (body, paragraph), rows in assessment.explanations.group_by("subject_id", "paragraph", maintain_order=True):
        lines.append(f"{body} {paragraph}: " + ("" if language == "zh" else " ").join(rows[language]))
    golden.check(f"explanations_{language}.txt", "\n".join(lines) + "\n")
    docs = DOCS.read_text(encoding="utf-8")
    for line in lines[:5]:
        assert line.split(": ", 1)[1] in docs


def test_a_change_is_told_with_its_mix_and_its_rate_which_sum_to_it(assessment):
    assert pytest.approx(33 / 60 - 20 / 60) == MIX + RATE  # 4.65 + 17.01 = 21.67
    (said,) = assessment.explanations.filter(pl.col("rule") == "change.split").select("subject_id", "zh", "en").rows()
    assert said == (
        "S1",
        "单月由2026年9月的 33.3 % 变为 55.0 %，变化 +21.7 个百分点：结构因素 +4.7 个百分点，比率因素 +17.0 个百分点。",
        "The single month moved from 33.3 % in 2026-09 to 55.0 %, by +21.7 percentage points: +4.7 percentage points from "
        "the mix of domains and +17.0 percentage points from the rates within them.",
    )
    unmoved = CHANGES.with_columns(pl.col("value").alias("base_value"))
    assert "change.split" not in set(judged(changes=unmoved).explanations["rule"])


def test_false_discovery_is_controlled_over_the_whole_run_and_not_per_indicator(assessment):
    tested = assessment.peers.filter(pl.col("p_value").is_not_null()).sort("p_value")
    count = tested.height
    # Benjamini and Hochberg: q of the i-th smallest of m is the least of p·m/j over j ≥ i.
    ratios = [p * count / rank for rank, p in enumerate(tested["p_value"], start=1)]
    assert tested["q_value"].to_list() == pytest.approx([min(1, *ratios[at:]) for at in range(count)], abs=1e-8)
    assert tested["indicator_id"].n_unique() > 1
    assert (
        assessment.peers.filter(pl.col("p_value").is_null())["q_value"].null_count() == assessment.peers.height - count
    )


def test_over_time_the_same_bodies_are_compared_and_the_rest_is_dropped_from_both():
    """S3 sent nothing in October, S4 could not be assessed in September: only S1 and S2 are in both periods."""
    before = judged(SEPTEMBER.replace("42/60", ".    "), "2026-09")
    now = judged(before=before, silent=frozenset({"S3"}))
    means = {
        row["item_id"]: (row["bodies"], row["left_out"], row["base_points"], row["points"])
        for row in now.over_time.iter_rows(named=True)
    }
    was = [item(before, body, "total", "total")["points"] for body in ("S1", "S2")]
    # total: September's mean of S1 and S2, October's of 37.12 and 100, without S4's 89.64; S3 and S4 are left out
    assert means["total"] == (2, 2, pytest.approx(sum(was) / 2), pytest.approx((37.12 + 100) / 2, abs=0.005))
    assert means["discovery"] == (2, 2, pytest.approx((50 + 100) / 2), pytest.approx((50 + 100) / 2))
    assert set(now.over_time["base_period"]) == {"2026-09"}
    assert judged().over_time.height == 0  # no last edition, no comparison


#: What may stand in a brace: figures, months, days, ids, and names from declarations, code lists, ledgers and the scheme.
FIGURE = r"[+−]?\d+(\.\d+)?( %)?( 个百分点| percentage points)?|\d{4}-\d{2}(-\d{2})?|\d{4}年\d{1,2}月(\d{1,2}日)?"


def names_of(language: str) -> set[str]:
    scheme = SCHEME["grades"]
    declared = declarations()
    lists = load_contracts().code_lists
    kind, field = lists["subject_kind"].codes["street_town"], lists["enforcement_field"].codes["comprehensive"]
    words = yaml.safe_load(TEXTS_FILE.read_text(encoding="utf-8"))["words"]
    group = words["group_field"][language].format(kind=kind.text(language), field=field.text(language))
    months = ("2026年9月", "2026年10月") if language == "zh" else ("2026-09", "2026-10")
    periods = {words["period"]["month"][language].format(period=month) for month in months}
    return {
        group, *periods, *BODIES.values(), *(grade["name"][language] for grade in scheme),
        *(text[language] for one in declared for text in (one["name"], one["owner"])),
    }  # fmt: skip


def readings_of(language: str) -> set[str]:
    """What stands before the period: a variant of an indicator that has others, else nothing."""
    pattern = yaml.safe_load(TEXTS_FILE.read_text(encoding="utf-8"))["words"]["reading"][language]
    several = [one["variants"].values() for one in declarations() if len(one["variants"]) > 1]
    return {"", *(pattern.format(variant=text[language]) for variants in several for text in variants)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_is_its_rules_template_with_figures_and_declared_names_in_it(assessment, language):
    """So no adjective reaches a text but by its rule: a grade's name, which the scheme gives to a range of points."""
    templates = yaml.safe_load(TEXTS_FILE.read_text(encoding="utf-8"))
    allowed = "|".join([FIGURE, *(re.escape(name) for name in sorted(names_of(language), key=len, reverse=True))])
    readings = "|".join(re.escape(name) for name in sorted(readings_of(language), key=len, reverse=True))
    for rule, text in assessment.explanations.select("rule", language).iter_rows():
        section, name = rule.split(".")
        parts = re.split(r"(\{\w+\})", templates[section][name][language])
        pattern = "".join(
            re.escape(part) if at % 2 == 0 else f"(?:{readings if part == '{reading}' else allowed})"
            for at, part in enumerate(parts)
        )
        assert re.fullmatch(pattern, text), (rule, text)


def test_no_template_has_an_adjective_of_its_own():
    templates = TEXTS_FILE.read_text(encoding="utf-8")
    for word in (
        "优秀",
        "良好",
        "显著",
        "明显",
        "严重",
        "很",
        "excellent",
        "good",
        "bad",
        "significant",
        "poor",
        "serious",
        "very",
    ):
        assert not re.search(rf"\b{word}\b" if word.isascii() else word, templates, re.IGNORECASE), word


def of_s1(assessment, *rules, language="zh"):
    """What is said of S1's performance rate by rules of these names, in order."""
    rows = assessment.explanations.filter(
        pl.col("subject_id") == "S1", pl.col("indicator_id") == "performance_rate", pl.col("rule").is_in(rules)
    )
    return rows[language].to_list()


def performance(share: str) -> str:
    """The example with another performance rate of S1."""
    assert "33/60   " in RESULTS
    return RESULTS.replace("33/60   ", share.ljust(8))


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        # 33.33 and 55.00: rounded, they differ by 21.7, as they do
        ("20/60", "33/60", "上一版（2026年9月）为 33.3 %，变化 +21.7 个百分点；"),
        # 36/2000 = 1.80 and 35/2000 = 1.75: with one decimal 1.8 would stand beside 1.8 and a change of −0.1
        ("36/2000", "35/2000", "上一版（2026年9月）为 1.80 %，变化 −0.05 个百分点；"),
        # 1.66 and 0.82: 1.7 and 0.8 are 0.9 apart, and the change of 0.84 is 0.8
        ("83/5000", "41/5000", "上一版（2026年9月）为 1.66 %，变化 −0.84 个百分点；"),
        # 1/3 and 2/3 of a per cent: no number of decimals adds up, so the change is that of the values shown
        ("1/300", "2/300", "上一版（2026年9月）为 0.333 %，变化 +0.334 个百分点；"),
    ],
)  # fmt: skip
def test_a_change_is_the_difference_of_the_values_it_stands_between(before, now, said):
    told = judged(performance(now), before=judged(performance(before), "2026-09"))
    (sentence,) = of_s1(told, "change.within_interval", "change.beyond_interval")
    assert sentence.startswith(said)
    (value,) = of_s1(told, "indicator.value")
    decimals = len(said.split(" %")[0].split(".")[1])
    assert re.search(rf"(\d+\.\d{{{decimals}}}) %（", value)


def test_a_value_and_the_limit_beyond_which_it_lies_are_told_apart():
    """9,120 of 10,000 lie below a limit of 91.21 %: with one decimal both would read 91.2 %."""
    table = """
        body | performance_rate all
        S1   | 9120/10000
        S2   | 9190/10000
        S3   | 9190/10000
        S4   | 9190/10000
        S5   | 9190/10000
    """
    only_use = [
        {**SCHEME["pillars"][0], "weight": 1.0, "indicators": [{**SCHEME["pillars"][0]["indicators"][0], "weight": 1}]}
    ]
    made = judged(table, pillars=only_use, gates=[])
    (peer,) = made.peers.filter(pl.col("subject_id") == "S1").iter_rows(named=True)
    assert peer["position"] == "below_alert"
    assert peer["alert_lower"] == pytest.approx(0.9121, abs=0.00005)
    assert of_s1(made, "indicator.value")[0].startswith("履职率（全部清单事项，2026年10月单月）91.20 %（9120 / 10000，")
    assert "低于 95 % 控制限 91.21 %，" in of_s1(made, "peers.below_alert")[0]


def test_a_reading_is_named_only_where_there_are_others():
    one = {"variants": {"default": {"zh": "本指标", "en": "Default"}}}
    two = {"variants": {**one["variants"], "all": {"zh": "全部", "en": "All"}}}
    assert explanations._reading(one, "default") == {"zh": "", "en": ""}
    assert explanations._reading(two, "all") == {"zh": "全部，", "en": "All, "}


@pytest.mark.parametrize(("units", "base_units", "rule"), [(20, 20, "split"), (19, 60, "too_few_to_split"), (60, 5, "too_few_to_split")])  # fmt: skip
def test_a_change_of_few_units_is_not_split_in_words(units, base_units, rule):
    changes = CHANGES.with_columns(
        pl.lit(float(units)).alias("denominator"), pl.lit(float(base_units)).alias("base_denominator")
    )
    (sentence,) = of_s1(judged(changes=changes), "change.split", "change.too_few_to_split")
    assert ("结构因素 +4.7" in sentence) is (rule == "split")
    if rule != "split":
        assert f"上月 {base_units} 个、本月 {units} 个单位，不足 20 个，不分解" in sentence


def test_months_of_two_versions_of_a_definition_are_not_split():
    changes = CHANGES.with_columns(
        pl.lit("2").alias("definition_version"), pl.lit("1").alias("base_definition_version")
    )
    assert of_s1(judged(changes=changes), "change.split", "change.definition") == [
        "单月由2026年9月的 33.3 % 变为 55.0 %；其间指标定义由第 1 版改为第 2 版，两月不可比，不分解为结构因素和比率因素。"
    ]
    same = changes.with_columns(pl.lit("2").alias("base_definition_version"))
    assert "结构因素 +4.7" in of_s1(judged(changes=same), "change.split", "change.definition")[0]


def test_the_parts_of_a_change_add_up_as_they_are_shown():
    # 0.84 = 0.42 + 0.42 in per cent: 0.4 + 0.4 would not make 0.8 of 1.7 − 0.8 = 0.9
    changes = CHANGES.with_columns(
        pl.lit(0.0166).alias("base_value"), pl.lit(0.0082).alias("value"), pl.lit(-0.0042).alias("mix"),
        pl.lit(-0.0042).alias("rate"),
    )  # fmt: skip
    (sentence,) = of_s1(judged(changes=changes), "change.split")
    assert (
        sentence
        == "单月由2026年9月的 1.66 % 变为 0.82 %，变化 −0.84 个百分点：结构因素 −0.42 个百分点，比率因素 −0.42 个百分点。"
    )


def test_a_quiet_month_is_judged_on_the_period_and_marked():
    """The scheme scores twelve months: S1's last record is of August, S2's of October 2025, S3 never sent any."""
    months = {"S1": "2026-08", "S2": "2025-10", "S4": "2026-10", "S5": "2026-10"}
    r12 = judged(
        RESULTS, period="r12", last_sent={body: Month.parse(month) for body, month in months.items()},
        missing={"S1": ["cases", "inspections"]},
    )  # fmt: skip
    totals = {
        row["subject_id"]: (row["state"], row["quiet_month"], row["last_sent"])
        for row in r12.scores.filter(pl.col("item_kind") == "total").iter_rows(named=True)
    }
    # The twelve months to October 2026 begin with November 2025. Results of twelve months there are none in the example.
    assert totals == {
        "S1": ("not_assessed", True, "2026-08"),
        "S2": ("no_return", True, "2025-10"),
        "S3": ("no_return", True, None),
        "S4": ("not_assessed", False, "2026-10"),
        "S5": ("not_assessed", False, "2026-10"),
    }
    said = r12.explanations.filter(pl.col("paragraph") == 0, pl.col("subject_id").is_in(["S1", "S2"]))
    assert said.select("subject_id", "rule", "zh").rows() == [
        ("S1", "total.not_assessed", "甲街道2026年10月不予评定：可评指标的权重只有 0.0 %，方案要求至少 70.0 %。"),
        ("S1", "total.quiet_month", "2026年10月没有报送任何检查、案件、线索或强制记录（最近有记录的月份是2026年8月），仍以已报送的记录为准（截至2026年10月十二个月）。"),
        ("S1", "total.return_missing", "按此前各月的报送情况或既定安排，本月应报而没有收到：处罚案件、行政检查。"),
        ("S1", "next.attention", "关注事项（自2026年10月，第 1 个月）：请执法监督科于2027年1月4日前核对并说明。"),
        ("S2", "total.no_return", "乙街道（截至2026年10月十二个月）没有报送任何检查、案件、线索或强制记录，不予评定（不是 0 分）。"),
    ]  # fmt: skip
    mark = r12.explanations.filter(pl.col("rule").is_in(["total.quiet_month", "total.return_missing"]))
    assert mark["en"].to_list() == [
        "It sent no inspection, case, lead or coercion of 2026-10 (the last month with any is 2026-08); what it sent is "
        "what it is judged by (twelve months to 2026-10).",
        "By the months before, or by what was arranged, a return of the month was due and has not come: Penalty cases, "
        "Inspections.",
    ]


def test_withholding_the_month_does_not_take_a_bad_grade_away():
    assert item(judged(), "S3", "total", "total")["grade"] == "C"
    r12 = judged(results_kind="r12", period="r12", last_sent={body: Month.parse("2026-09") for body in BODIES})
    total = item(r12, "S3", "total", "total")
    assert (total["state"], total["grade"], total["quiet_month"]) == ("assessed", "C", True)
    assert total["points"] == pytest.approx(1)
