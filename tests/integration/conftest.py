"""One small district, assessed once by the real commands, for all tests that look at what a run leaves."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.command import hengfa

MONTH = "2026-10"
LOADED_AT = "2026-11-06T06:00:00"


@dataclass(frozen=True)
class Assessed:
    """A workspace after `hengfa run`, the exports it loaded and what the command printed."""

    home: Path
    exports: Path
    printed: str

    @property
    def edition(self) -> Path:
        return self.home / "editions" / MONTH


@pytest.fixture(scope="session")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Assessed:
    folder = tmp_path_factory.mktemp("district")
    home, exports = folder / "workspace", folder / "exports"
    made = hengfa(home, "demo", str(exports), "--scale", "0.01", "--from", "2025-09", "--to", MONTH)
    assert made.returncode == 0, made.stderr
    ran = hengfa(home, "run", MONTH, "--inbox", str(exports), "--loaded-at", LOADED_AT)
    assert ran.returncode == 0, ran.stderr
    return Assessed(home, exports, ran.stdout)
