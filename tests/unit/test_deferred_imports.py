"""A module that a library imports and does not use is not loaded; one that it uses is, whenever it does."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from expectations.deferred_imports import deferred

FILES = {
    "charts_of_test.py": "COLOUR = 'red'",
    "numbers_of_test/__init__.py": "",
    "numbers_of_test/tests_of_test.py": "def mean(a, b): return (a + b) / 2",
    "library_of_test.py": "import charts_of_test as charts\nfrom numbers_of_test import tests_of_test as tests",
    "library_that_draws.py": "import charts_of_test as charts\nLINE = charts.COLOUR + ' line'",
    "library_that_looks_inside.py": "import numbers_of_test.tests_of_test\nfrom charts_of_test import COLOUR",
}
CHARTS, NUMBERS, TESTS = "charts_of_test", "numbers_of_test", "numbers_of_test.tests_of_test"


@pytest.fixture(autouse=True)
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / NUMBERS).mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] in {n.split("/")[0].split(".")[0] for n in FILES}]:
        del sys.modules[name]


def imported(library: str) -> ModuleType:
    with deferred(CHARTS, TESTS, "no_such_module_of_test"):
        return importlib.import_module(library)


def test_what_is_not_used_is_not_loaded_and_is_loaded_with_its_first_use() -> None:
    library = imported("library_of_test")
    assert CHARTS not in sys.modules
    assert TESTS not in sys.modules
    assert library.tests.mean(1, 2) == (1 + 2) / 2
    assert library.tests.mean is importlib.import_module(TESTS).mean
    assert CHARTS not in sys.modules
    assert library.charts.COLOUR == "red"
    assert sys.modules[CHARTS].COLOUR == "red"


def test_what_is_used_while_the_library_is_imported_is_loaded_then() -> None:
    assert imported("library_that_draws").LINE == "red line"
    assert sys.modules[CHARTS].__file__ is not None
    assert TESTS not in sys.modules


def test_a_part_of_a_module_may_be_imported_from_it() -> None:
    library = imported("library_that_looks_inside")
    assert library.COLOUR == "red"
    assert library.numbers_of_test.tests_of_test.mean(0, 1) == 1 / 2


def test_after_the_block_an_import_loads_the_module() -> None:
    library = imported("library_of_test")
    charts = importlib.import_module(CHARTS)
    assert charts.__file__ is not None
    assert charts is not library.charts
    assert charts is sys.modules[CHARTS]


def test_a_module_that_is_loaded_already_is_left_as_it_is() -> None:
    charts = importlib.import_module(CHARTS)
    assert imported("library_of_test").charts is charts


def test_a_name_that_is_not_there_is_an_error_as_in_any_module() -> None:
    library = imported("library_of_test")
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = library.charts.no_such_name
