"""Imports of a library that wait until something is read from them.

A library may import at its start what only a few of its functions need. A placeholder stands for such a module while
the library is imported; the first read of anything in it imports the module. `importlib.util.LazyLoader` does not
serve: the statement `import` of Python 3.11 itself reads the module, and so loads it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """Stands for the module of its name."""

    def __getattr__(self, name: str) -> Any:
        _take_away(self)
        return getattr(import_module(self.__name__), name)


def _take_away(placeholder: _Deferred) -> None:
    if sys.modules.get(placeholder.__name__) is placeholder:
        del sys.modules[placeholder.__name__]


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """While the block runs, a module of `names` that is imported in it is loaded when something of it is read.

    One that is loaded already, or not installed, is left as it is. After the block an import loads it.
    """
    placeholders = []
    for name in names:
        spec = find_spec(name) if name not in sys.modules else None
        if spec is not None:
            placeholder = _Deferred(name)
            placeholder.__spec__ = spec
            # Another thread may import it at this moment: then it is loaded.
            sys.modules.setdefault(name, placeholder)
            placeholders.append(placeholder)
            package, _, own_name = name.rpartition(".")
            if package:
                # As every import of a part of a package does; that of the module itself does it again.
                vars(sys.modules[package]).setdefault(own_name, placeholder)
    try:
        yield
    finally:
        for placeholder in placeholders:
            _take_away(placeholder)
