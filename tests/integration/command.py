"""Runs `hengfa` as a process, with every attempt to reach a network refused and written down."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Imported by every Python process of the run: only sockets of this machine's file system may connect, and the one
#: server on loopback that a test names.
_BLOCKER = """
import os, socket
_connect, _getaddrinfo = socket.socket.connect, socket.getaddrinfo
_server = ("127.0.0.1", os.environ.get("HENGFA_TEST_SERVER_PORT"))
def connect(self, address):
    if self.family == socket.AF_UNIX or (address[0], str(address[1])) == _server:
        return _connect(self, address)
    with open(os.environ["HENGFA_TEST_CONNECTIONS"], "a") as file:
        file.write(f"{address}\\n")
    raise OSError(f"no network in this test: {address}")
def getaddrinfo(host, port, *arguments, **options):
    if (host, str(port)) == _server:
        return _getaddrinfo(host, port, *arguments, **options)
    with open(os.environ["HENGFA_TEST_CONNECTIONS"], "a") as file:
        file.write(f"look-up of {host}\\n")
    raise OSError(f"no network in this test: {host}")
socket.socket.connect = connect
socket.getaddrinfo = getaddrinfo
"""


def hengfa(home: Path, *arguments: str, server_port: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command over the workspace `home`; connections attempted are listed by `connections(home)`.

    A server of the test's own on loopback may be reached if its `server_port` is given.
    """
    blocker = home.parent / "no_network"
    blocker.mkdir(parents=True, exist_ok=True)
    (blocker / "sitecustomize.py").write_text(_BLOCKER, encoding="utf-8")
    environment = {
        **os.environ,
        "HENGFA_HOME": str(home),
        "HENGFA_TEST_CONNECTIONS": str(home.parent / "connections.txt"),
        "PYTHONPATH": os.pathsep.join([str(blocker), str(ROOT)]),
    }
    if server_port is not None:
        environment["HENGFA_TEST_SERVER_PORT"] = str(server_port)
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
