"""Imports what publication needs while the build runs in a process of its own and leaves the interpreter free."""

import threading
from importlib import import_module

FOR_PUBLICATION = ("pipelines.editions.judgement", "reports.site")

_threads: list[threading.Thread] = []


def start() -> None:
    """Begin the imports in a thread that does not keep the process alive."""
    thread = threading.Thread(target=_import_all, name="warm_up", daemon=True)
    _threads.append(thread)
    thread.start()


def finish() -> None:
    """Wait for what was begun: two threads that enter packages at different ends can meet half-made modules."""
    while _threads:
        _threads.pop().join()


def _import_all() -> None:
    for name in FOR_PUBLICATION:
        import_module(name)
