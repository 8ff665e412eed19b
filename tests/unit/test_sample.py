"""The sample audit: how many files, which, and what the filled form says."""

import re
import zipfile
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.contract.loader import load_contracts
from pipelines.errors import FileRefusedError, UsageError
from reports.sample import FIELDS, allocate, draw, read_form, sample_size, wilson, write_form
from tests.filled_forms import filled_sample

Z = 1.959963984540054


# n0 = 3.8415 / (4 × 0.01) = 96.04; n = n0 / (1 + (n0 − 1) / N).
@pytest.mark.parametrize(("population", "size"), [(0, 0), (1, 1), (10, 10), (100, 50), (241, 69), (1_000_000, 97)])
def test_the_size_follows_the_written_rule(population: int, size: int) -> None:
    assert sample_size(population, quantile=Z) == size


def test_every_body_gives_two_files_or_all_and_the_rest_goes_by_number() -> None:
    # 2 + 1 + 2 are given; 5 more over room 98, 0, 18 (116): 4.22, 0, 0.78 → 4, 0, 0, the one left to the largest remainder.
    assert allocate({"A": 100, "B": 1, "C": 20}, 10) == {"A": 6, "B": 1, "C": 3}
    assert allocate({"A": 3}, 100) == {"A": 3}
    assert allocate({}, 0) == {}


def test_wilson_is_that_of_the_domain_notes() -> None:
    assert wilson(1.0, 6, Z) == (pytest.approx(0.610, abs=5e-4), 1.0)
    lower, upper = wilson(265 / 288, 288, Z)
    assert (round(lower, 3), round(upper, 3)) == (0.883, 0.946)


def cases(**bodies: int) -> pl.DataFrame:
    rows = [
        {
            "case_id": f"{body}-{n}",
            "subject_id": body,
            "decided_at": datetime(2026, 10, 5),
            "decision": "penalty",
            "party_name": "***",
        }
        for body, many in bodies.items()
        for n in range(many)
    ]
    rows.append({**rows[0], "case_id": "withdrawn", "decision": "withdrawn"})
    rows.append({**rows[0], "case_id": "earlier", "decided_at": datetime(2026, 9, 30)})
    frame = pl.DataFrame(rows)
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in FIELDS if name not in frame.columns)


def test_a_seed_draws_the_same_files_and_another_seed_others() -> None:
    first, again, other = (draw(cases(A=300, B=3), "2026-10", seed=seed, quantile=Z) for seed in (7, 7, 8))
    assert first.cases.equals(again.cases)
    assert set(first.cases["case_id"]) != set(other.cases["case_id"])
    assert first.population == 303
    assert not {"withdrawn", "earlier"} & set(first.cases["case_id"])
    assert first.cases["weight"].sum() == pytest.approx(303)  # each file stands for population / drawn of its body


def test_a_month_without_decided_cases_has_nothing_to_draw() -> None:
    with pytest.raises(UsageError, match="2026-08"):
        draw(cases(A=3), "2026-08", seed=1, quantile=Z)


def test_answers_give_the_share_that_matches_per_field_and_per_file(tmp_path: Path) -> None:
    write_form(draw(cases(A=4), "2026-10", seed=1, quantile=Z), tmp_path / "form.xlsx", load_contracts(), language="zh")
    answers = {(f"A-{n}", "decided_at"): "是" for n in range(4)}
    answers |= {("A-0", "source"): "否", ("A-1", "source"): "是", ("A-2", "source"): "无"}
    results = {
        result.field: result
        for result in read_form(filled_sample(tmp_path / "form.xlsx", tmp_path / "in.xlsx", answers), quantile=Z)
    }
    assert (results["decided_at"].matching, results["decided_at"].judged, results["decided_at"].share) == (4, 4, 1.0)
    assert (results["source"].matching, results["source"].judged, results["source"].share) == (
        1,
        2,
        0.5,
    )  # 无 counts for nothing
    assert (results[None].matching, results[None].judged) == (3, 4)  # A-0 differs in one field
    assert results["served_at"].share is None
    assert results["decided_at"].lower == pytest.approx(wilson(1.0, 4, Z)[0])


def test_a_form_is_read_in_words_and_hides_what_it_is_read_by(tmp_path: Path) -> None:
    drawn = draw(
        cases(A=1).with_columns(pl.lit("patrol").alias("source"), pl.lit("P1").alias("matter_id"),
                                pl.lit("fine;warning").alias("penalty_types")),
        "2026-10", seed=1, quantile=Z,
    )  # fmt: skip
    form = tmp_path / "form.xlsx"
    write_form(drawn, form, load_contracts(), language="zh", subjects={"A": "某局"}, matters={"P1": "某事项"})
    rows = pl.read_excel(form, engine="calamine", infer_schema_length=0)
    recorded = dict(rows.select("字段", "系统记录").iter_rows())
    assert recorded["source"] == "巡查发现"
    assert recorded["matter_id"] == "P1 某事项"
    assert recorded["penalty_types"] == "罚款;警告"
    assert recorded["decided_at"] == "2026-10-05"
    assert set(rows["执法主体"]) == {"某局"}
    with zipfile.ZipFile(form) as archive:
        columns = re.findall(r"<col [^>]*/>", archive.read("xl/worksheets/sheet1.xml").decode())
    (low, high) = next(re.findall(r'(?:min|max)="(\d+)"', column) for column in columns if 'hidden="1"' in column)
    assert rows.columns[int(low) - 1 : int(high)] == ["主体编码", "权数", "字段"]


def test_an_answer_that_is_none_of_the_three_is_refused_with_its_row(tmp_path: Path) -> None:
    write_form(draw(cases(A=1), "2026-10", seed=1, quantile=Z), tmp_path / "form.xlsx", load_contracts(), language="en")
    with pytest.raises(FileRefusedError, match="row 2: `maybe`"):
        read_form(
            filled_sample(tmp_path / "form.xlsx", tmp_path / "in.xlsx", {("A-0", FIELDS[0]): "maybe"}), quantile=Z
        )


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "other.xlsx"))
    book.add_worksheet().write_row(0, 0, ["a", "b"])
    book.close()
    with pytest.raises(FileRefusedError, match="matches"):
        read_form(tmp_path / "other.xlsx", quantile=Z)
