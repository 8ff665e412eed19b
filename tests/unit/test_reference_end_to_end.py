"""From a folder of small exports to results, and to the comparison with an edition."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.reference.__main__ import main, reference

SUBJECTS = """\
主体编码,主体名称,主体类别,生效日期
S1,甲街道,街镇,2024年1月1日
S2,乙街道,街镇,2024年1月1日
"""
CASES = """\
案件编号,主体编码,事项编码,案件来源,适用程序,决定时间,处理决定,录入时间,更新时间,操作
C1,S1,M1,巡查发现,简易程序,2026/10/1 9:00,处罚,2026/10/1,,
C2,S1,M1,巡查发现,简易程序,2026/10/2 9:00,处罚,2026/10/2,,
C3,S1,M1,巡查发现,简易程序,2026/10/3 9:00,处罚,2026/10/3,,
C4,S1,M1,投诉举报,简易程序,2026/10/4 9:00,不予处罚,2026/10/4,,
C5,S1,M1,投诉举报,简易程序,2026/10/5 9:00,处罚,2026/10/5,,
C5,S1,M1,巡查发现,简易程序,2026/10/5 9:00,处罚,2026/10/5,2026/10/9,更新
C6,S1,M1,巡查发现,简易程序,2026/10/6 9:00,处罚,2026/10/6,,
C6,S1,M1,巡查发现,简易程序,2026/10/6 9:00,处罚,2026/10/6,2026/10/7,撤回
C7,S1,M1,道听途说,简易程序,2026/10/7 9:00,处罚,2026/10/7,,
C8,S1,M1,上级交办,简易程序,2026/10/8 9:00,处罚,2026/10/8,,
C9,S9,M1,巡查发现,简易程序,2026/10/9 9:00,处罚,2026/10/9,,
"""
LOADED_AT = datetime(2026, 11, 1)
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "subjects.csv").write_text(SUBJECTS, encoding="gb18030")
    (folder / "cases__十月.csv").write_text(CASES, encoding="utf-8-sig")
    return folder


def test_proactive_share_of_a_small_street(exports: Path) -> None:
    found = {
        (row.entity_id, row.period_kind): row
        for row in reference(exports, OCTOBER, LOADED_AT)
        if (row.indicator_id, row.variant, row.period) == ("proactive_discovery_rate", "cases", "2026-10")
    }
    # C1 C2 C3 and, once corrected, C5 are proactive; C4 is not. C6 is withdrawn, C7 has no known code and is refused,
    # C8 is ordered and left out, C9 is nobody's: 4 of 5, one excluded.
    street = found["S1", "month"]
    assert (street.numerator, street.denominator, street.excluded, street.undecidable) == (4, 5, 1, 0)
    assert (street.value, street.status) == (0.8, "small")
    silent = found["S2", "r12"]
    assert (silent.numerator, silent.denominator, silent.value, silent.status) == (0, 0, None, "none")
    assert found["total", "month"].value == 0.8


def test_the_command_is_silent_on_an_edition_that_agrees(exports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row._asdict() for row in reference(exports, OCTOBER, LOADED_AT)]
    edition = exports.parent / "results.parquet"
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows), edition)
    arguments = [str(exports), "2026-10", "2026-11-01"]
    assert main([*arguments, str(edition)]) == 0
    assert capsys.readouterr().out == ""

    pyarrow.parquet.write_table(pa.Table.from_pylist(rows[1:]), edition)
    assert main([*arguments, str(edition)]) == 1
    assert capsys.readouterr().out.count("missing in the edition") == 1

    assert main(arguments) == 0
    assert "proactive_discovery_rate cases none" in capsys.readouterr().out
