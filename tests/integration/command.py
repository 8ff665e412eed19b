"""Runs `hengfa` as a process, with every attempt to reach a network refused and written down."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Imported by every Python process of the run: only sockets of this machine's file system and loopback may connect.
_BLOCKER = """
import os, socket
_connect = socket.socket.connect
def connect(self, address):
    if self.family == socket.AF_UNIX:
        return _connect(self, address)
    with open(os.environ["HENGFA_TEST_CONNECTIONS"], "a") as file:
        file.write(f"{address}\\n")
    raise OSError(f"no network in this test: {address}")
def getaddrinfo(host, *arguments, **options):
    with open(os.environ["HENGFA_TEST_CONNECTIONS"], "a") as file:
        file.write(f"look-up of {host}\\n")
    raise OSError(f"no network in this test: {host}")
socket.socket.connect = connect
socket.getaddrinfo = getaddrinfo
"""


def hengfa(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command over the workspace `home`; connections attempted are listed by `connections(home)`."""
    blocker = home.parent / "no_network"
    blocker.mkdir(parents=True, exist_ok=True)
    (blocker / "sitecustomize.py").write_text(_BLOCKER, encoding="utf-8")
    environment = {
        **os.environ,
        "HENGFA_HOME": str(home),
        "HENGFA_TEST_CONNECTIONS": str(home.parent / "connections.txt"),
        "PYTHONPATH": os.pathsep.join([str(blocker), str(ROOT)]),
    }
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )


def connections(home: Path) -> list[str]:
    """What the commands over `home` tried to reach."""
    path = home.parent / "connections.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
