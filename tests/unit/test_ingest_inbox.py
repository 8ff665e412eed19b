"""Only files that stand still between two looks are taken from the inbox."""

import os
from pathlib import Path

from pipelines.ingest.inbox import look_at, take_inbox


def test_a_file_still_being_copied_waits(tmp_path: Path) -> None:
    whole, growing, touched = (tmp_path / f"leads__{n}.csv" for n in ("a", "b", "c"))
    for path in (whole, growing, touched):
        path.write_text("x", encoding="utf-8")
    before = look_at(tmp_path)
    growing.write_text("xy", encoding="utf-8")
    os.utime(touched, ns=(0, 1))
    (tmp_path / "leads__new.csv").write_text("x", encoding="utf-8")
    (tmp_path / "truth.json").write_text("{}", encoding="utf-8")
    assert take_inbox(tmp_path, before) == [whole]
    assert take_inbox(tmp_path, look_at(tmp_path)) == sorted([whole, growing, touched, tmp_path / "leads__new.csv"])


def test_an_inbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert take_inbox(tmp_path / "none", look_at(tmp_path / "none")) == []
