"""What `hengfa demo` refuses, and the sizes that follow from what it is asked for."""

from pathlib import Path

import pytest

from pipelines.demo import write_demo
from pipelines.demo.arguments import CASES, RECORDS, DemoArguments
from pipelines.errors import UsageError


def asked(**changes: object) -> DemoArguments:
    """Arguments of a small demo, with changes."""
    values = {"seed": 1, "scale": 0.01, "first_month": "2026-01", "last_month": "2026-03", "defect_rate": 0.0}
    return DemoArguments(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"first_month": "2026-13"}, "--from: `2026-13` is not a month"),
        ({"first_month": "2026-1"}, "--from: `2026-1` is not a month"),
        ({"last_month": ""}, "--to: `` is not a month"),
        ({"last_month": "2055-01"}, "--to: 2055-01 lies outside"),
        ({"first_month": "2026-04"}, "--from 2026-04 lies after --to 2026-03"),
        ({"scale": 0.0}, "--scale: 0.0"),
        ({"scale": -1.0}, "--scale: -1.0"),
        ({"scale": float("nan")}, "--scale: nan"),
        ({"defect_rate": -0.01}, "--defects: -0.01"),
        ({"defect_rate": 0.5}, "--defects: 0.5"),
        ({"seed": -1}, "--seed: -1"),
    ],
)
def test_impossible_arguments_are_refused_by_name(changes: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError) as error:
        asked(**changes)
    assert told in str(error.value)


def test_sizes_follow_scale_and_months() -> None:
    """At scale 1 over 34 months the counts are those that Binhai reported."""
    whole = asked(scale=1.0, first_month="2024-01", last_month="2026-10")
    assert len(whole.months) == 34
    assert (whole.scaled(RECORDS), whole.scaled(CASES), whole.officers) == (531_955, 8_740, 2_500)
    # 531,955 × 0.01 × 3 / 34 = 469.4; officers never fall below 600.
    assert (asked().scaled(RECORDS), asked().officers) == (469, 600)


def test_one_month_is_enough() -> None:
    one = asked(first_month="2026-02", last_month="2026-02")
    assert one.months == ("2026-02",)
    assert one.last_day - one.first_day + 1 == 28


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "notes.txt"
    kept.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty and holds no earlier demo"):
        write_demo(tmp_path, scale=0.001, first_month="2026-01", last_month="2026-01")
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "demo"
    target.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        write_demo(target)


def test_an_earlier_demo_is_replaced_and_nothing_else_is_removed(tmp_path: Path) -> None:
    write_demo(tmp_path, scale=0.001, first_month="2026-01", last_month="2026-02")
    assert (tmp_path / "truth.json").exists()
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_demo(tmp_path, scale=0.001, first_month="2026-01", last_month="2026-01")
    names = {p.name for p in tmp_path.iterdir()}
    assert "notes.txt" in names
    assert not [name for name in names if "2026-02" in name]
