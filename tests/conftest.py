"""The one option of the tests: golden files change only when somebody says so."""

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--overwrite-golden", action="store_true", help="write what was made over the golden files")


class Golden:
    """Compares a text with a golden file, or writes it with `--overwrite-golden`."""

    def __init__(self, overwrite: bool) -> None:
        self.overwrite = overwrite

    def check(self, name: str, text: str) -> None:
        path = GOLDEN / name
        if self.overwrite:
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"there is no golden file {name}: make it with --overwrite-golden"
        assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(request.config.getoption("--overwrite-golden"))
