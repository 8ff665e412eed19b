"""A scheme file: what is accepted, what is refused, and the words with which it is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.cli.application import run
from pipelines.errors import SchemeError
from pipelines.scheme.model import Band
from pipelines.scheme.prohibited import forbidden_indicator
from pipelines.scheme.read import DEFAULT_FILE, effective, read_schemes, scheme_in_force
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month

DECLARED: list[dict[str, Any]] = [
    {"id": "performance_rate", "unit": "share", "direction": "higher", "default_variant": "all", "variants": {"all": {}, "duty": {}}},
    {"id": "reversal_rate", "unit": "share", "direction": "lower", "default_variant": "all", "variants": {"all": {}}, "parameters": {"days": 15}, "parameter_bounds": {"days": [1, 365]}},
    {"id": "cases_per_officer", "unit": "per_head", "direction": "band", "default_variant": "frontline", "variants": {"frontline": {}}},
    {"id": "inspection_yield", "unit": "share", "direction": "none", "default_variant": "default", "variants": {"default": {}}},
]  # fmt: skip

SCHEME = """\
schemes:
  - id: mine
    name: {zh: 方案, en: Mine}
    valid_from: 2026-01
    pillars:
      - id: use
        name: {zh: 履职, en: Use}
        weight: 0.6
        indicators:
          - {indicator: performance_rate, variant: duty, weight: 1, band: {floor: 0.2, low: 0.8}}
      - id: quality
        name: {zh: 质量, en: Quality}
        weight: 0.4
        indicators:
          - {indicator: reversal_rate, weight: 1, band: {high: 0.05, ceiling: 0.3}}
    grades:
      - {id: A, name: {zh: 好, en: Good}, at_least: 80}
      - {id: B, name: {zh: 差, en: Poor}, at_least: 0}
"""
BODY_OF_A_PILLAR = "{indicator: performance_rate, variant: duty, weight: 1, band: {floor: 0.2, low: 0.8}}"


def read(tmp_path: Path, text: str):
    path = tmp_path / "scheme.yml"
    path.write_text(text, encoding="utf-8")
    return read_schemes(path, DECLARED)


def refusal(tmp_path: Path, old: str, new: str) -> str:
    assert old in SCHEME
    with pytest.raises(SchemeError) as refused:
        read(tmp_path, SCHEME.replace(old, new))
    assert refused.value.exit_code == 3
    return str(refused.value).replace(str(tmp_path) + "/", "")


def test_a_scheme_that_keeps_the_rules_is_read(tmp_path):
    (scheme,) = read(tmp_path, SCHEME)
    assert [(pillar.id, pillar.weight) for pillar in scheme.pillars] == [("use", 0.6), ("quality", 0.4)]
    assert (scheme.minimum_n, scheme.minimum_weight, scheme.peers.smallest) == (20, 0.7, 4)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("weight: 0.6", "weight: 0.5", ["line 2: `schemes[0]`", "pillars sum to 0.9, not to 1"]),
        ("duty, weight: 1", "duty, weight: 0.7", ["line 6: `schemes[0].pillars[0]`", "pillar `use` sum to 0.7"]),
        ("floor: 0.2, low: 0.8", "floor: 0.8, low: 0.2", ["line 10", "band`", "upside down: floor 0.8 must be below low 0.2"]),
        ("high: 0.05, ceiling: 0.3", "high: 0.3, ceiling: 0.05", ["upside down: high 0.3 must be below ceiling 0.05"]),
        ("high: 0.05, ceiling: 0.3", "floor: 0.1, low: 0.9", ["direction `lower`: its band needs `high` and `ceiling`"]),
        ("indicator: reversal_rate", "indicator: reversal_rte", ["no indicator `reversal_rte`", "There are: performance_rate, reversal_rate"]),
        ("variant: duty", "variant: dury", ["indicators[0].variant`", "It has: all, duty"]),
        ("    valid_from: 2026-01", "    valid_from: January", ["line 4: `schemes[0].valid_from`", "not a month"]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    gates_: []", ["line 5: `schemes[0].gates_`", "Keys are: id, name, valid_from, period"]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    parameters: {reversal_rate: {dayz: 10}}", ["line 5: `schemes[0].parameters.reversal_rate.dayz`", "It has: days."]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    parameters: {reversal_rate: {days: many}}", ["has to be like 15 (found 'many')"]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    parameters: {performance_rate: {days: 10}}", ["no parameters. Those that have: reversal_rate"]),
        ("at_least: 80", "at_least: 0", ["grades stand upside down"]),
        ("B, name: {zh: 差, en: Poor}, at_least: 0", "B, name: {zh: 差, en: Poor}, at_least: 10", ["last grade must begin at 0"]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    parameters: {reversal_rate: {days: -3}}", ["line 5", "a whole number from 1 to 365 (found -3)"]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    parameters: {reversal_rate: {days: 366}}", ["a whole number from 1 to 365 (found 366)"]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    parameters: {reversal_rate: {days: 2.5}}", ["a whole number from 1 to 365 (found 2.5)"]),
        ("    valid_from: 2026-01", "    valid_from: 2026-01\n    parameters: {reversal_rate: {days: .nan}}", ["line 5: `schemes[0].parameters.reversal_rate.days", "finite number", "found nan"]),
        ("floor: 0.2, low: 0.8", "floor: 20, low: 80", ["line 10", "`performance_rate` is a share, so its edges lie from 0 to 1 (found 20; if 20 % is meant, write 0.2)"]),
        ("floor: 0.2, low: 0.8", "floor: -0.2, low: 0.8", ["edges lie from 0 to 1 (found -0.2)"]),
        ("floor: 0.2, low: 0.8", "floor: 0.2, low: .nan", ["line 10", "band.low`", "finite number (found nan)"]),
        ("floor: 0.2, low: 0.8", "floor: 0.2, low: .inf", ["finite number (found inf)"]),
        ("weight: 0.6", "weight: .nan", ["line 8", "finite number (found nan)"]),
        ("    grades:", "    gates:\n      - {indicator: performance_rate, floor: 80, low: 98, least: 0.5}\n    grades:", ["line 17: `schemes[0].gates[0].floor`", "if 80 % is meant, write 0.8"]),
        ("weight: 0.4", "weight: 0.400001", ["pillars sum to 1.000001, not to 1"]),
        ("schemes:", "schemes: [", ["not readable as YAML"]),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line_key_and_choices(tmp_path, old, new, words):
    told = refusal(tmp_path, old, new)
    assert told.startswith("scheme.yml") or "scheme.yml" in told
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{indicator: fine_amount, weight: 1, band: {floor: 0, low: 100000}}", "`fine_amount` may not be part"),
        ("{indicator: 罚没收入, weight: 1, band: {floor: 0, low: 100000}}", "`罚没收入` may not be part"),
        ("{indicator: confiscated_amount, weight: 1, band: {floor: 0, low: 1}, if_declared: true}", "`confiscated_amount` may"),
        ("{indicator: performance_rate, weight: 1, band: {floor: 0, low: 1}, target: 24}", "`target` may not be part"),
        ("{indicator: performance_rate, weight: 1, band: {floor: 0, low: 1}, minimum_penalties: 2}", "`minimum_penalties` may"),
        ("{indicator: cases_per_officer, weight: 1, band: {floor: 1, low: 12}}", "without an upper side"),
        ("{indicator: cases_per_officer, weight: 1, band: {floor: 1, low: 12, high: 10000, ceiling: 20000}}", "in disguise"),
        ("{indicator: cases_per_officer, weight: 1, band: {floor: 1, low: 12, high: 24, ceiling: 9999}}", "in disguise"),
    ],
)  # fmt: skip
def test_what_article_74_forbids_is_refused_with_the_article(tmp_path, entry, words):
    told = refusal(tmp_path, BODY_OF_A_PILLAR, entry)
    assert words in told
    assert "《行政处罚法》第七十四条" in told
    assert "Administrative Penalty Law, art. 74" in told


def test_a_volume_may_be_held_to_a_band_with_an_upper_side_within_reach(tmp_path):
    band = "{indicator: cases_per_officer, weight: 1, band: {floor: 1, low: 4, high: 24, ceiling: 60}}"
    (scheme,) = read(tmp_path, SCHEME.replace(BODY_OF_A_PILLAR, band))
    assert scheme.pillars[0].indicators[0].band.sides == "two-sided"


def test_an_indicator_that_sums_money_is_known_by_its_unit_or_its_sql():
    assert forbidden_indicator({"unit": "yuan", "sql": ""})
    assert forbidden_indicator({"unit": "per_head", "sql": "select fine_amount as numerator"})
    assert forbidden_indicator({"unit": "per_head", "sql": "select sum(cases.confiscated_amount)"})
    # The discretion rate reads the fine to compare it with the band; it counts cases.
    assert forbidden_indicator({"unit": "share", "sql": "case when fine_amount >= fine_min then 'hit' end"}) is None


def test_the_scheme_in_force_is_the_newest_one_that_has_begun(tmp_path):
    second = SCHEME.split("schemes:\n")[1].replace("id: mine", "id: next").replace("2026-01", "2026-07")
    (tmp_path / "scheme.yml").write_text(SCHEME + second, encoding="utf-8")
    workspace = Workspace(tmp_path)
    ids = {
        month: scheme_in_force(workspace, Month.parse(month), DECLARED).scheme.id
        for month in ("2026-01", "2026-06", "2026-07", "2027-01")
    }
    assert ids == {"2026-01": "mine", "2026-06": "mine", "2026-07": "next", "2027-01": "next"}
    with pytest.raises(SchemeError, match="no scheme is in force in 2025-12; the first begins in 2026-01"):
        scheme_in_force(workspace, Month.parse("2025-12"), DECLARED)


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n"])
def test_an_empty_file_is_called_empty(tmp_path, text):
    with pytest.raises(SchemeError, match=r"scheme\.yml: the file is empty\. It begins with `schemes:`"):
        read(tmp_path, text)


def test_a_file_that_is_a_list_is_told_what_it_begins_with(tmp_path):
    with pytest.raises(SchemeError, match="the file holds list, not keys"):
        read(tmp_path, "- 1\n")


@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("2026-01", "the schemes `mine` and `next` both begin in 2026-01"),
        ("2025-12", r"the scheme `next` \(2025-12\) stands after `mine` \(2026-01\)"),
    ],
)
def test_two_schemes_that_cannot_stand_beside_each_other_are_both_named(tmp_path, month, words):
    second = SCHEME.split("schemes:\n")[1].replace("id: mine", "id: next").replace("2026-01", month)
    with pytest.raises(SchemeError, match=words):
        read(tmp_path, SCHEME + second)


def test_a_threshold_without_declared_bounds_is_no_less_than_nothing(tmp_path):
    free = [{key: value for key, value in one.items() if key != "parameter_bounds"} for one in DECLARED]
    path = tmp_path / "scheme.yml"
    for days, is_refused in ((-3, True), (366, False)):
        chosen = f"    valid_from: 2026-01\n    parameters: {{reversal_rate: {{days: {days}}}}}"
        path.write_text(SCHEME.replace("    valid_from: 2026-01", chosen), encoding="utf-8")
        if is_refused:
            with pytest.raises(SchemeError, match=r"a whole number of at least 0 \(found -3\)"):
                read_schemes(path, free)
        else:
            assert read_schemes(path, free)[0].parameters == {"reversal_rate": {"days": days}}


def test_every_threshold_has_bounds_and_its_default_keeps_them():
    for one in declarations():
        bounds = one.get("parameter_bounds", {})
        assert set(bounds) == set(one.get("parameters", {})), one["id"]
        assert all(low <= one["parameters"][name] <= high for name, (low, high) in bounds.items()), one["id"]


def test_the_hash_of_a_scheme_is_of_what_it_says_and_not_of_its_layout(tmp_path):
    workspace = Workspace(tmp_path)
    hashes = []
    for text in (SCHEME, yaml.safe_dump(yaml.safe_load(SCHEME)), SCHEME.replace("0.8}}", "0.81}}")):
        workspace.scheme_file.write_text(text, encoding="utf-8")
        hashes.append(scheme_in_force(workspace, Month.parse("2026-10"), DECLARED).sha256)
    assert hashes[0] == hashes[1] != hashes[2]


def test_what_is_not_declared_is_left_out_and_the_rest_keeps_its_proportions(tmp_path):
    entry = """\
          - {indicator: performance_rate, weight: 0.6, band: {floor: 0.2, low: 0.8}}
          - {indicator: performance_rate, variant: duty, weight: 0.2, band: {floor: 0.2, low: 0.8}}
          - {indicator: later_rate, weight: 0.2, band: {floor: 0.2, low: 0.8}, if_declared: true}"""
    (scheme,) = read(tmp_path, SCHEME.replace("          - " + BODY_OF_A_PILLAR, entry))
    (entries, _) = (pillar.indicators for pillar in effective(scheme, DECLARED).pillars)
    assert [(e.indicator, e.variant, e.period, round(e.weight, 9)) for e in entries] == [
        ("performance_rate", "all", "r12", 0.75),
        ("performance_rate", "duty", "r12", 0.25),
    ]


def test_the_scheme_that_comes_with_the_project_fits_the_catalogue(capsys):
    assert run(["scheme", "check", str(DEFAULT_FILE)]) == 0
    assert "1 个方案可用" in capsys.readouterr().out


def test_the_command_refuses_with_exit_code_3(tmp_path, capsys):
    path = tmp_path / "scheme.yml"
    path.write_text(SCHEME.replace("reversal_rate", "fine_amount"), encoding="utf-8")
    assert run(["scheme", "check", str(path)]) == 3
    assert "第七十四条" in capsys.readouterr().err


@pytest.mark.parametrize(
    "edges", [{}, {"floor": 1.0}, {"low": 1.0}, {"floor": 0.1, "low": 0.9, "high": 0.5, "ceiling": 1.0}]
)
def test_a_band_has_whole_sides_in_order(edges):
    with pytest.raises(ValueError, match=r"band"):
        Band(**edges)
