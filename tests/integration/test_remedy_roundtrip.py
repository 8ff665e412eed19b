"""From a failing record to its correction: the pack is written, filled in, loaded, and the next audit shows it mended."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from expectations.audit import AuditResult, run_audit
from expectations.duckdb_engine import warm_up
from pipelines.contract.loader import load_contracts
from pipelines.errors import UsageError
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables
from reports.remedy import write_packs
from tests.filled_forms import filled_pack
from tests.integration.landed_district import CLEAN, WRONG, failing, load

RULES = {
    "cases.decided_after_filed", "cases.fine_in_yuan", "cases.party_check_digit", "participations.officer_id.reference",
    "inspections.same_act_once",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    warm_up()


def audited(warehouse: Path, work: Path) -> AuditResult:
    return run_audit(warehouse, border="landed", contracts=load_contracts(), month=date(2026, 10, 1), work=work)


def packs(result: AuditResult, out: Path, **which: str | bool | None) -> list[tuple[str, Path, int]]:
    failures = pl.read_parquet(result.relations / "failures.parquet")
    return write_packs(failures, result.to_frame(), load_contracts(), out, language="zh", **which)  # type: ignore[arg-type]


def loaded(warehouse: Path, form: Path, at: str = "2026-11-04T08:00:00") -> LoadReport:
    with duckdb.connect(str(warehouse)) as connection:
        return load_paths(connection, [form], contracts=load_contracts(), loaded_at=datetime.fromisoformat(at))


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        create_raw_tables(connection, load_contracts())
        for text in (CLEAN, WRONG):
            load(connection, text)
    return path


def test_a_filled_pack_mends_the_records_and_brings_nothing_the_second_time(warehouse: Path, tmp_path: Path) -> None:
    before = audited(warehouse, tmp_path / "work")
    assert set(failing(before)) >= RULES
    ((subject, pack, rows),) = packs(before, tmp_path / "out", subject="S1")
    assert (subject, rows) == ("S1", sum(bodies.get("S1", 0) for bodies in failing(before).values()))
    # Personal data do not travel: the party's code stands masked.
    assert b"91350100M000100Y44" not in pack.read_bytes()
    form = filled_pack(
        pack,
        {
            "cases.decided_after_filed": ("2026年10月6日 9:00", ""),
            "cases.fine_in_yuan": ("5000", ""),
            "cases.party_check_digit": ("91350100M000100Y43", ""),
            "participations.officer_id.reference": ("O2", ""),  # a key field: out under O9, in under O2
            "inspections.same_act_once": ("", "d"),
        },
        tmp_path / "S1 改好.xlsx",
    )
    report = loaded(warehouse, form)
    assert {file.entity: (file.rows_loaded, file.rows_quarantined) for file in report.files} == {
        "cases": (2, 0),
        "inspections": (1, 0),
        "participations": (2, 0),
    }
    after = audited(warehouse, tmp_path / "work")
    assert RULES & set(failing(after)) == set()
    with duckdb.connect(str(warehouse)) as connection:
        # What was not corrected stays: the party's name of the newest version is the old one's.
        newest = connection.execute(
            "select decided_at, party_name, operation from raw.cases where case_id = 'C61' order by _load_order"
        ).fetchall()
        assert newest[-1] == (datetime(2026, 10, 6, 9), "张三三", "u")
    assert loaded(warehouse, form, "2026-11-05T08:00:00").files == ()


def test_a_pack_that_may_be_filled_in_is_not_overwritten_unasked(warehouse: Path, tmp_path: Path) -> None:
    before = audited(warehouse, tmp_path / "work")
    ((_, pack, _),) = packs(before, tmp_path / "out", subject="S1")
    pack.write_bytes(b"filled in")
    with pytest.raises(UsageError, match=f"{pack}.*--force"):
        packs(before, tmp_path / "out")
    assert [path.read_bytes() for path in (tmp_path / "out").iterdir()] == [b"filled in"]
    packs(before, tmp_path / "out", subject="S1", force=True)
    assert pack.read_bytes().startswith(b"PK")


def test_a_corrected_value_that_breaks_the_contract_goes_to_quarantine(warehouse: Path, tmp_path: Path) -> None:
    before = audited(warehouse, tmp_path / "work")
    ((_, pack, _),) = packs(before, tmp_path / "out", subject="S1")
    form = filled_pack(pack, {"cases.decided_after_filed": ("待补", "")}, tmp_path / "form.xlsx")
    (file,) = loaded(warehouse, form).files
    assert (file.rows_loaded, file.rows_quarantined) == (0, 1)


def test_a_form_that_names_no_known_record_is_refused_and_loads_nothing(warehouse: Path, tmp_path: Path) -> None:
    before = audited(warehouse, tmp_path / "work")
    ((_, pack, _),) = packs(before, tmp_path / "out", subject="S1")
    form = filled_pack(pack, {"cases.fine_in_yuan": ("5000", "")}, tmp_path / "form.xlsx")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from raw.cases where case_id = 'C62'")
    (file,) = loaded(warehouse, form).files
    assert (file.status, file.rows_loaded) == ("refused", 0)
    assert file.reason is not None
    assert "记录编号" in file.reason.zh


def test_a_form_leaves_the_inbox_when_it_is_loaded_and_stays_with_its_reason_when_it_is_refused(
    warehouse: Path, tmp_path: Path
) -> None:
    before = audited(warehouse, tmp_path / "work")
    ((_, pack, _),) = packs(before, tmp_path / "out", subject="S1")
    inbox, landing = tmp_path / "inbox", tmp_path / "landing"
    inbox.mkdir()
    good = filled_pack(pack, {"cases.fine_in_yuan": ("5000", "")}, inbox / "good.xlsx")
    content = good.read_bytes()

    def load_inbox(at: str) -> LoadReport:
        with duckdb.connect(str(warehouse)) as connection:
            return load_paths(
                connection, [inbox], contracts=load_contracts(), loaded_at=datetime.fromisoformat(at),
                landing=landing, inbox=inbox,
            )  # fmt: skip

    assert [file.rows_loaded for file in load_inbox("2026-11-04T08:00:00").files] == [1]
    # The form is kept as it came, beside the versions that it stands for.
    assert not good.exists()
    assert (landing / "again" / "good.xlsx").read_bytes() == content
    assert len(list(landing.rglob("cases__good_*.parquet"))) == 1
    good.write_bytes(content)
    assert load_inbox("2026-11-05T08:00:00").files == ()
    assert list(inbox.iterdir()) == []

    bad = filled_pack(pack, {"cases.fine_in_yuan": ("6000", "")}, inbox / "bad.xlsx")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from raw.cases where case_id = 'C62'")
    (file,) = load_inbox("2026-11-06T08:00:00").files
    assert file.status == "refused"
    assert bad.exists()
    assert "记录编号" in (inbox / "bad.xlsx.why.txt").read_text(encoding="utf-8")


def test_a_body_with_nothing_to_mend_has_no_pack(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="S2"):
        packs(audited(warehouse, tmp_path / "work"), tmp_path / "out", subject="S2")
