"""An edition is there whole or not at all, and a changed byte is named."""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pipelines.cli.application import run
from pipelines.contract.loader import load_contracts
from pipelines.editions.catalogue import Edition, list_editions
from pipelines.editions.draft import begin_draft, judge_draft, write_built
from pipelines.editions.freeze import publish
from pipelines.editions.signing import has_sm3, public_text
from pipelines.editions.verify import differences
from pipelines.errors import SettingError
from pipelines.settings import Workspace
from pipelines.warehouse.connection import open_for_reading
from pipelines.warehouse.months import Month
from tests.integration.district import MATTERS, SUBJECTS, District, cases

ROOT = Path(__file__).resolve().parents[2]


def new_key(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> District:
    """September published without a key, October with one."""
    home = tmp_path_factory.mktemp("signed")
    district = District(home)
    streets = (("S1", 10, 10), ("S2", 15, 5), ("S3", 12, 8), ("S4", 11, 9))
    district.load("2026-11-01", subjects=SUBJECTS, matters=MATTERS, cases=cases(*streets))
    district.publish("2026-09")
    new_key(home / "key.pem")
    os.environ["HENGFA_SIGNING_KEY"] = str(home / "key.pem")
    try:
        district.publish("2026-10")
    finally:
        del os.environ["HENGFA_SIGNING_KEY"]
    return district


@pytest.fixture
def edition(signed: District, tmp_path: Path) -> Edition:
    """A copy of October that a test may spoil."""
    shutil.copytree(signed.workspace.editions / "2026-10", tmp_path / "editions" / "2026-10")
    return list_editions(tmp_path / "editions")[0]


def test_an_untouched_edition_is_as_published(signed):
    september, october = list_editions(signed.workspace.editions)
    assert differences(september) == differences(october) == []
    assert september.manifest()["signature"] is None
    assert october.manifest()["signature"]["algorithm"] == "Ed25519"
    assert bool(october.manifest()["files_sm3"]) == has_sm3()
    assert october.manifest()["scheme"]["valid_from"] == "2000-01"


def test_what_is_written_while_an_audit_runs_is_what_is_written_at_once(signed, tmp_path):
    shutil.copytree(signed.workspace.home, tmp_path / "copy")
    workspace, month = Workspace.at(tmp_path / "copy"), Month.parse("2026-10")
    shutil.rmtree(workspace.editions / "2026-10")
    with open_for_reading(workspace) as connection:
        given = {"month": month, "as_of": month.default_as_of}
        begin_draft(workspace, **given).discard()
        assert [path.name for path in workspace.editions.iterdir()] == ["2026-09"]
        draft = begin_draft(workspace, **given)
        judge_draft(connection, workspace, load_contracts(), draft, None)
        draft.restated = write_built(connection, load_contracts(), draft)
        quality = pl.DataFrame(schema={"border": pl.String, "success": pl.Boolean})
        made = publish(connection, workspace, load_contracts(), **given, quality=quality, draft=draft)
    assert made.is_new
    at_once = signed.workspace.editions / "2026-10" / "manifest.json"
    assert made.edition.manifest()["files"] == json.loads(at_once.read_text(encoding="utf-8"))["files"]


def test_one_flipped_bit_in_any_file_names_that_file(edition):
    names = sorted(
        path.relative_to(edition.directory).as_posix() for path in edition.directory.rglob("*") if path.is_file()
    )
    assert {"manifest.json", "manifest.sums", "manifest.sig", "scores.parquet", "scheme.json"} <= set(names)
    for name in names:
        path = edition.directory / name
        content = path.read_bytes()
        for position in {0, len(content) // 2, len(content) - 1}:
            spoiled = bytearray(content)
            spoiled[position] ^= 1
            path.write_bytes(bytes(spoiled))
            assert [found for found, _ in differences(edition)] == [name], f"{name}, byte {position}"
        path.write_bytes(content)
    assert differences(edition) == []


def test_any_byte_of_what_speaks_of_the_manifest_is_guarded(edition):
    for name in ("manifest.sums", "manifest.sig"):
        path = edition.directory / name
        content = path.read_bytes()
        for position in range(len(content)):
            spoiled = bytearray(content)
            spoiled[position] ^= 1
            path.write_bytes(bytes(spoiled))
            assert [found for found, _ in differences(edition)] == [name], f"{name}, byte {position}"
        path.write_bytes(content)


def test_files_that_were_removed_or_added_are_named(edition):
    (edition.directory / "findings.parquet").unlink()
    (edition.directory / "notes.txt").write_text("?", encoding="utf-8")
    assert differences(edition) == [("findings.parquet", "missing"), ("notes.txt", "not in the manifest")]
    (edition.directory / "manifest.sig").unlink()
    assert differences(edition)[0] == ("manifest.sig", "missing")
    (edition.directory / "manifest.sums").unlink()
    assert differences(edition)[0] == ("manifest.sums", "missing")


def test_a_signature_by_somebody_else_is_not_the_trusted_one(edition, tmp_path, monkeypatch):
    monkeypatch.setenv("HENGFA_TRUSTED_KEY", edition.manifest()["signature"]["public_key"])
    assert differences(edition) == []
    monkeypatch.setenv("HENGFA_TRUSTED_KEY", public_text(new_key(tmp_path / "other.pem")))
    ((name, what),) = differences(edition)
    assert name == "manifest.sig"
    assert "not by the key of HENGFA_TRUSTED_KEY" in what


def test_a_key_that_cannot_be_used_publishes_nothing(signed, tmp_path, monkeypatch):
    (tmp_path / "key.pem").write_text("no key", encoding="utf-8")
    monkeypatch.setenv("HENGFA_SIGNING_KEY", str(tmp_path / "key.pem"))
    with pytest.raises(SettingError, match="openssl genpkey"):
        signed.publish("2026-10", as_of="2026-11-07")
    assert len(list_editions(signed.workspace.editions)) == 2


def test_the_command_ends_with_1_and_names_the_file(edition, monkeypatch, capsys):
    monkeypatch.setenv("HENGFA_HOME", str(edition.directory.parents[1]))
    assert run(["verify"]) == 0
    path = edition.directory / "peers.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    assert run(["verify"]) == 1
    assert "peers.parquet: changed" in capsys.readouterr().out


def test_verify_says_who_signed_and_whether_that_is_the_trusted_key(edition, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HENGFA_HOME", str(edition.directory.parents[1]))
    key = edition.manifest()["signature"]["public_key"]
    fingerprint = hashlib.sha256(base64.b64decode(key)).hexdigest()
    monkeypatch.delenv("HENGFA_TRUSTED_KEY", raising=False)
    assert run(["verify"]) == 0
    told = capsys.readouterr().out
    assert f"签名有效 signed (Ed25519)，公钥指纹 key fingerprint SHA-256 {fingerprint}" in told
    assert "未设 HENGFA_TRUSTED_KEY" in told
    monkeypatch.setenv("HENGFA_TRUSTED_KEY", key)
    assert run(["verify"]) == 0
    assert "是 HENGFA_TRUSTED_KEY 所信任的公钥 the key that HENGFA_TRUSTED_KEY trusts" in capsys.readouterr().out
    monkeypatch.setenv("HENGFA_TRUSTED_KEY", public_text(new_key(tmp_path / "other.pem")))
    assert run(["verify"]) == 1
    told = capsys.readouterr().out
    assert "not by the key of HENGFA_TRUSTED_KEY" in told
    assert "签名有效" not in told


def test_a_publication_killed_at_any_step_leaves_no_half_edition(signed, tmp_path):
    """Twelve kills spread over the steps, the last ones around the rename; then the same edition as without."""
    home = tmp_path / "home"
    shutil.copytree(signed.workspace.home, home)
    shutil.rmtree(home / "editions" / "2026-10")
    editions = home / "editions"

    def publish(step: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.integration.kill_while_publishing", str(home), "2026-10", str(step)],
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip

    whole = publish(0)
    assert whole.returncode == 0, whole.stderr
    steps, made = whole.stdout.split()
    expected = (editions / made / "manifest.json").read_bytes()
    shutil.rmtree(editions / made)
    last = int(steps)
    # the step before the last flush is the rename: killed there, nothing is published; killed after it, all is
    for step in sorted({1, 2, last // 4, last // 2, last - 3, last - 2, last - 1}):
        killed = publish(step)
        assert killed.returncode == -signal.SIGKILL
        assert [edition.edition_id for edition in list_editions(editions)] == ["2026-09"], f"step {step} of {last}"
    assert publish(last).returncode == -signal.SIGKILL
    assert [edition.edition_id for edition in list_editions(editions)] == ["2026-09", "2026-10"]
    assert all(differences(edition) == [] for edition in list_editions(editions))
    again = publish(0)
    assert again.stdout.split()[1] == "2026-10"
    assert (editions / "2026-10" / "manifest.json").read_bytes() == expected
    assert [path.name for path in editions.iterdir() if path.name.startswith(".")] == []
