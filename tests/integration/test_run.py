"""`hengfa run` from exports to a published edition and its site, as a process."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.warehouse.dbt_project import declarations
from tests.integration.command import connections, hengfa
from tests.integration.conftest import LOADED_AT, MONTH, Assessed


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def monthly_indicators() -> list[dict[str, Any]]:
    """The declarations of indicators that single months have, too."""
    return [one for one in declarations() if "month" in one.get("periods", ["month"])]


def test_nothing_reached_for_a_network(assessed: Assessed):
    assert connections(assessed.home) == []


def test_the_run_ends_with_the_numbers_and_the_paths_of_what_it_made(assessed: Assessed):
    for declaration in declarations():
        if declaration["headline"]:
            assert declaration["name"]["zh"] in assessed.printed
    assert str(assessed.edition) in assessed.printed
    assert str(assessed.home / "site" / "index.html") in assessed.printed


def test_no_row_is_lost_between_the_files_and_the_manifest(assessed: Assessed):
    truth = json.loads((assessed.exports / "truth.json").read_text(encoding="utf-8"))
    manifest = json.loads((assessed.edition / "manifest.json").read_text(encoding="utf-8"))
    for entity, told in truth["entities"].items():
        files = [item for item in manifest["inputs"] if item["entity"] == entity]
        read = sum(item["rows_read"] for item in files)
        assert read == told["rows"], entity
        assert sum(item["rows_quarantined"] for item in files) == told["rows_to_quarantine"], entity
        assert read == sum(item["rows_loaded"] + item["rows_quarantined"] + item["rows_filtered"] for item in files)


def test_every_subject_in_force_has_every_indicator_variant_and_month(assessed: Assessed):
    results = pl.read_parquet(assessed.edition / "results.parquet")
    subjects = pl.read_parquet(assessed.edition / "dimensions" / "subjects.parquet").height
    variants = sum(len(declaration["variants"]) for declaration in monthly_indicators())
    of_month = results.filter(
        (pl.col("level") == "subject") & (pl.col("period_kind") == "month") & (pl.col("period") == MONTH)
    )
    assert of_month.height == subjects * variants


def test_evidence_sums_to_results(assessed: Assessed):
    results = pl.read_parquet(assessed.edition / "results.parquet")
    totals = results.filter((pl.col("level") == "total") & (pl.col("period_kind") == "month"))
    with_units = 0
    for declaration in monthly_indicators():
        sums = (
            pl.read_parquet(assessed.edition / "evidence" / f"{declaration['id']}.parquet")
            .with_columns(period=pl.col("month").dt.strftime("%Y-%m"))
            .group_by("indicator_id", "variant", "period")
            .agg(pl.sum("numerator"), pl.sum("denominator"))
        )
        joined = sums.join(totals, on=["indicator_id", "variant", "period"])
        assert joined.height == sums.height, declaration["id"]
        with_units += sums.height > 0
        assert joined.filter(pl.col("numerator") != pl.col("numerator_right")).is_empty(), declaration["id"]
        # An index is taken over the pooled acts of a group, in which a matter of two bodies is one matter.
        if declaration["unit"] != "index":
            assert joined.filter(pl.col("denominator") != pl.col("denominator_right")).is_empty(), declaration["id"]
    assert with_units > 20


def test_nothing_fails_at_the_border_of_publication(assessed: Assessed):
    quality = pl.read_parquet(assessed.edition / "quality.parquet").filter(
        (pl.col("border") == "publish") & pl.col("subject_id").is_null()
    )
    assert quality.filter(pl.col("failing") > 0)["expectation_id"].to_list() == []
    assert quality.filter(pl.col("expectation_id") == "results.rollup_of_evidence")["evaluated"].item() > 1000


def test_an_edition_holds_no_personal_data(assessed: Assessed):
    names = pl.read_parquet(assessed.edition / "records" / "cases.parquet").select("party_id", "party_name")
    assert set(names["party_name"].drop_nulls()) | set(names["party_id"].drop_nulls()) == {"***"}


def test_the_same_exports_give_the_same_bytes(assessed: Assessed, tmp_path):
    home = tmp_path / "workspace"
    ran = hengfa(home, "run", MONTH, "--inbox", str(assessed.exports), "--loaded-at", "2026-11-07T09:00:00")
    assert ran.returncode == 0, ran.stderr
    assert tree(home / "editions") == tree(assessed.home / "editions")
    assert tree(home / "site") == tree(assessed.home / "site")


def test_a_second_run_loads_nothing_and_publishes_nothing_new(assessed: Assessed):
    before = tree(assessed.home / "editions")
    ran = hengfa(assessed.home, "run", MONTH, "--inbox", str(assessed.exports), "--loaded-at", LOADED_AT)
    assert ran.returncode == 0, ran.stderr
    assert tree(assessed.home / "editions") == before


def test_verify_names_the_file_that_changed(assessed: Assessed, tmp_path):
    home = tmp_path / "workspace"
    shutil.copytree(assessed.home / "editions", home / "editions")
    assert hengfa(home, "verify").returncode == 0
    path = home / "editions" / MONTH / "results.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    told = hengfa(home, "verify", MONTH)
    assert told.returncode == 1
    assert "results.parquet: changed" in told.stdout


def test_explain_lists_the_records_behind_a_number(assessed: Assessed):
    results = pl.read_parquet(assessed.edition / "results.parquet")
    (row,) = (
        results.filter(
            (pl.col("indicator_id") == "participation_rate")
            & (pl.col("variant") == "frontline")
            & (pl.col("level") == "subject")
            & (pl.col("period_kind") == "month")
            & (pl.col("period") == MONTH)
        )
        .sort("denominator", descending=True)
        .head(1)
        .iter_rows(named=True)
    )
    arguments = ["explain", "participation_rate", "--entity", row["entity_id"], "--month", MONTH]
    listed = json.loads(hengfa(assessed.home, *arguments, "--format", "json").stdout)
    assert sum(item["numerator"] for item in listed) == row["numerator"]
    assert sum(item["denominator"] for item in listed) == row["denominator"]
    only_misses = json.loads(hengfa(assessed.home, *arguments, "--state", "miss", "--format", "json").stdout)
    assert len(only_misses) == row["denominator"] - row["numerator"]
    assert "人均参与执法率" in hengfa(assessed.home, *arguments).stdout
    assert "Participation rate" in hengfa(assessed.home, *arguments, "--lang", "en").stdout


def test_every_number_opens_of_whichever_level_and_period(assessed):
    """The records behind the total, a peer group and a body, of a month and of longer periods, sum to the number."""
    results = pl.read_parquet(assessed.home / "editions" / MONTH / "results.parquet").filter(
        pl.col("indicator_id") == "acts_per_officer", pl.col("variant") == "frontline", pl.col("period") == MONTH
    )
    for level, kind in (("total", "r12"), ("peer_group", "ytd"), ("peer_group", "month"), ("subject", "quarter")):
        of_level = results.filter(pl.col("level") == level, pl.col("period_kind") == kind)
        row = of_level.sort("numerator", "entity_id").row(-1, named=True)
        arguments = ["explain", "acts_per_officer", "--entity", row["entity_id"], "--month", MONTH]
        listed = json.loads(hengfa(assessed.home, *arguments, "--period-kind", kind, "--format", "json").stdout)
        assert row["numerator"] > 0
        assert sum(item["numerator"] for item in listed) == row["numerator"]
        assert sum(item["denominator"] for item in listed) == row["denominator"]


def test_results_begin_with_the_whole_and_say_how_to_narrow_them(assessed):
    done = hengfa(assessed.home, "results", MONTH, "--indicator", "performance_rate")
    levels = [line.split("│")[3].strip() for line in done.stdout.splitlines() if line.startswith("│")]
    assert list(dict.fromkeys(levels))[:3] == ["total", "peer_group", "subject"]
    assert "--level total|peer_group|subject|agency" in done.stderr
    assert hengfa(assessed.home, "results", MONTH, "--level", "total").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["run", "2026-13"], 2, "`2026-13` is not a month"),
        (["run", "2011-01"], 2, "no record of 2011-01 has been loaded"),
        (["run", MONTH, "--as-of", "2026-09-30"], 2, "2026-10 had not begun then"),
        (["run", "2999-01"], 2, "`2999-01` cannot be assessed"),
        (["run"], 2, "month"),
        (["fly"], 2, "fly"),
        (["run", MONTH, "--inbox", "nowhere"], 2, "`nowhere` does not exist"),
        (["results", "2020-01"], 2, "there is no edition `2020-01`. There are: 2026-10."),
        (["results", "--indicator", "speed"], 2, "there is no indicator `speed`"),
        (["explain", "performance_rate", "--entity", "ZZ", "--month", MONTH], 2, "no result of `performance_rate`"),
        (["verify", "2026"], 2, "there is no edition `2026`"),
    ],
)
def test_wrong_usage_says_what_and_ends_with_2(assessed: Assessed, arguments, exit_code, message):
    done = hengfa(assessed.home, *arguments)
    assert done.returncode == exit_code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_mapping_and_a_broken_setting_end_with_3(tmp_path):
    home = tmp_path / "workspace"
    mapping = tmp_path / "mapping.yml"
    mapping.write_text("sources: [", encoding="utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    arguments = ["run", MONTH, "--inbox", str(tmp_path / "exports")]
    broken = hengfa(home, *arguments, "--mapping", str(mapping))
    assert (broken.returncode, "mapping.yml" in broken.stderr) == (3, True)
    (home / "hengfa.toml").write_text("threads = 'many'", encoding="utf-8")
    refused = hengfa(home, *arguments)
    assert (refused.returncode, "`threads`" in refused.stderr) == (3, True)


def test_refused_files_are_named_and_the_rest_is_published(assessed: Assessed, tmp_path):
    home, exports = tmp_path / "workspace", tmp_path / "exports"
    shutil.copytree(assessed.exports, exports)
    (exports / "cases__empty.csv").write_bytes(b"")
    (exports / "leads__picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    ran = hengfa(home, "run", MONTH, "--inbox", str(exports), "--loaded-at", LOADED_AT, "--no-reports")
    assert ran.returncode == 3, ran.stderr
    assert "cases__empty.csv" in ran.stdout
    assert "leads__picture.csv" in ran.stdout
    assert (home / "editions" / MONTH / "manifest.json").exists()
    assert not (home / "site" / "index.html").exists()


def test_results_that_no_unit_supports_are_not_published(tmp_path):
    """A case of a body that no ledger knows counts for nobody: nothing is left to publish, exit code 4."""
    home, exports = tmp_path / "workspace", tmp_path / "exports"
    exports.mkdir()
    (exports / "subjects.csv").write_text(
        "subject_id,name,kind,valid_from\nS1,一局,department,2020-01-01\n", encoding="utf-8"
    )
    (exports / "cases.csv").write_text(
        "case_id,subject_id,matter_id,source,procedure,filed_at,submitted_at\nK1,S9,M1,patrol,simple,2026-10-05,2026-10-06\n",
        encoding="utf-8",
    )
    stopped = hengfa(home, "run", MONTH, "--inbox", str(exports), "--loaded-at", LOADED_AT)
    assert stopped.returncode == 4, stopped.stderr
    assert "the audit stopped publication of 2026-10" in stopped.stderr
    assert list((home / "editions").iterdir()) == []
