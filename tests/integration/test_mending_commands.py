"""`hengfa audit`, `remedy`, `load` and `sample` one after the other, as processes, the way an office uses them."""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from pipelines.contract.loader import load_contracts
from pipelines.settings import Workspace
from pipelines.warehouse.raw_tables import create_raw_tables
from reports import sample
from tests.filled_forms import filled_pack, filled_sample
from tests.integration.command import connections, hengfa
from tests.integration.district import MATTERS, SUBJECTS, District, cases
from tests.integration.landed_district import CLEAN, WRONG, load


def said(home: Path, *arguments: str) -> str:
    """What the command prints; it must end well."""
    done = hengfa(home, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_from_the_audit_to_the_pack_to_the_load_to_an_audit_that_shows_what_was_mended(tmp_path: Path) -> None:
    home = tmp_path / "home"
    workspace = Workspace.at(home).prepare()
    with duckdb.connect(str(workspace.warehouse)) as connection:
        create_raw_tables(connection, load_contracts())
        for text in (CLEAN, WRONG):
            load(connection, text)
    first = said(home, "audit", "2026-10")
    assert "处罚案件：罚款金额以元为单位" in first
    assert "与上次审查相比" not in first  # there was none
    result = json.loads((workspace.logs / "audit" / "2026-10" / "gx_landed.json").read_text(encoding="utf-8"))
    assert result["cases"]["success"] is False  # as Great Expectations gives it

    assert "S1" in said(home, "remedy", "2026-10", str(tmp_path / "packs"), "--subject", "S1")
    form = filled_pack(
        tmp_path / "packs" / "remedy__S1.xlsx",
        {"cases.fine_in_yuan": ("5000", ""), "inspections.same_act_once": ("", "d")},
        tmp_path / "S1.xlsx",
    )
    said(home, "load", str(form), "--loaded-at", "2026-11-04T08:00:00")

    # C62's fine was corrected and I92 withdrawn: 2. As before fail C61's dates, C62's credit code and its missing type
    # of penalty, and the unknown officer O9: 4.
    second = said(home, "audit", "2026-10", "--lang", "en")
    assert "Since the audit before: 2 mended, 4 left as they were, 0 new." in second
    mended = pl.read_parquet(workspace.logs / "audit" / "2026-10" / "mended.parquet").filter(pl.col("mended") > 0)
    assert mended.rows() == [("cases.fine_in_yuan", "S1", 1, 0, 0), ("inspections.same_act_once", "S1", 1, 0, 0)]
    # Another month is held against the last one audited before it.
    assert "Since the audit before: 0 mended, 4 left as they were" in said(home, "audit", "2026-11", "--lang", "en")
    assert connections(home) == []


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition with 40 cases of S1 and 3 of S2."""
    home = tmp_path_factory.mktemp("published")
    district = District(home)
    district.load("2026-11-01", subjects=SUBJECTS, matters=MATTERS, cases=cases(("S1", 30, 10), ("S2", 3, 0)))
    district.publish("2026-10")
    return home


def test_a_sample_is_drawn_reviewed_in_excel_and_read_back_as_shares_with_intervals(
    published: Path, tmp_path: Path
) -> None:
    drawn = said(published, "sample", "draw", "2026-10", str(tmp_path / "form.xlsx"), "--seed", "7")
    # n = 96.04 / (1 + 95.04 / 43) = 29.9, so 30 of 43; 2 of each body, the other 26 by number: 25 of S1 and 1 of S2.
    assert "决定 43 件，抽取 30 件，种子 7" in drawn
    again = hengfa(published, "sample", "draw", "2026-10", str(tmp_path / "form.xlsx"), "--seed", "8")
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    form = pl.read_excel(tmp_path / "form.xlsx", infer_schema_length=0)
    files = form[sample.COLUMNS["case_id"].zh].unique(maintain_order=True).to_list()
    assert len(files) == 30
    # The reviewer finds another date of decision in the first file, of S1; every other date is right.
    answers = {(case, "decided_at"): "是" for case in files} | {(files[0], "decided_at"): "否"}
    filled_in = filled_sample(tmp_path / "form.xlsx", tmp_path / "reviewed.xlsx", answers)
    rows = json.loads(said(published, "sample", "read", str(filled_in), "--lang", "en", "--format", "json"))
    results = {row["field"]: row for row in rows}
    (name,) = [field for field, row in results.items() if row["judged"] and field != "whole file"]
    stands_for = {"S1": 40 / 27, "S2": 3 / 3}
    assert results[name]["matching"] == 29
    assert results[name]["share"] == pytest.approx(1 - stands_for["S1"] / 43)
    assert results[name]["lower"] < 29 / 30 < results[name]["upper"] < 1
    assert results["whole file"]["share"] == results[name]["share"]


def test_a_workbook_that_is_no_form_is_refused_with_what_to_do(published: Path, tmp_path: Path) -> None:
    xlsxwriter.Workbook(str(tmp_path / "other.xlsx")).close()
    done = hengfa(published, "sample", "read", str(tmp_path / "other.xlsx"))
    assert done.returncode == 3
    assert "Fill in the form as it was drawn" in done.stderr
    assert "Traceback" not in done.stderr
