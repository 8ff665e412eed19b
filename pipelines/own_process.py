"""One step of the work in a process of its own, so that the imports of heavy libraries run on the second core."""

import atexit
import gc
import multiprocessing
import os
import pickle
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any

from pipelines.errors import HengfaError

#: What a process sends: something to tell, or how what it was asked ended.
TOLD, DONE, FAILED = "told", "done", "failed"

#: In the process itself: where what it sends goes. Several of its threads may tell something at once, and two messages
#: written at a time would be cut into each other.
_to_caller: list[Connection] = []
_sending = threading.Lock()


def few_collections() -> None:
    """Have Python look for cycles of dead objects less often, for processes that import and make much and then end.

    Importing and rendering make millions of objects that all stay: looking for cycles among them after every seven
    hundred took 1 of the 15 s of a small run.
    """
    gc.set_threshold(100_000, 20, 50)


def tell(what: object) -> None:
    """Within such a process: tell `what` to the one who waits for it. Elsewhere nobody is told."""
    if _to_caller:
        with _sending:
            _to_caller[0].send((TOLD, what))


def _serve(connection: Connection) -> None:
    """Do what is asked, one thing after the other, until nothing more is."""
    few_collections()
    # Registered first, this runs last: what the libraries hold need not be given back one by one before the end.
    atexit.register(os._exit, 0)
    threading.Thread(target=_end_with_caller, name="end_with_caller", daemon=True).start()
    _to_caller.append(connection)
    while True:
        try:
            question = connection.recv()
        except EOFError:
            # Whoever asked has died.
            return
        if question is None:
            return
        function, arguments = question
        try:
            answer = (DONE, function(*arguments))
        except Exception as error:
            # Where an error was raised is not sent with it; Python shows the note below the traceback of the caller.
            error.add_note(traceback.format_exc())
            answer = (FAILED, _sendable(error))
        with _sending:
            connection.send(answer)


def _end_with_caller() -> None:
    """End at once when the caller is killed: a warehouse that nobody waits for must not stay open."""
    caller = multiprocessing.parent_process()
    if caller is not None:
        caller.join()
        os._exit(1)


def _sendable(error: Exception) -> Exception:
    """The error itself, or its kind where it cannot be sent: what it says may be a record's value."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - These are the bytes of the line itself.
    except Exception:  # Anything may be raised by an error's own way to be written and read.
        return HengfaError(f"{type(error).__name__}, raised in a process of its own; the log says in which step.")
    return error


class Asked:
    """What a process was asked to do."""

    def __init__(self) -> None:
        self._messages: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._outcome: tuple[str, Any] | None = None

    def put(self, kind: str, value: object) -> None:
        """What the process sends of it."""
        self._messages.put((kind, value))

    def get(self, told: Callable[[Any], None] | None = None) -> Any:
        """Wait for the answer; its error is raised here. `told` is called with all that `tell` says meanwhile."""
        while self._outcome is None:
            kind, value = self._messages.get()
            if kind != TOLD:
                self._outcome = (kind, value)
            elif told is not None:
                told(value)
        kind, value = self._outcome
        if kind == FAILED:
            raise value
        return value


class _Running:
    """A process, and what it still owes, in the order in which it was asked."""

    def __init__(self) -> None:
        # Spawned and not forked: DuckDB and Polars have threads that a fork would leave half alive.
        context = multiprocessing.get_context("spawn")
        self.connection, there = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(there,), daemon=True)
        self.process.start()
        there.close()
        self.owed: deque[Asked] = deque()
        self._changing = threading.Lock()
        # An answer may be larger than what a pipe holds: the process would wait with it until somebody asks for it.
        self._reader = threading.Thread(target=self._read, name="own_process", daemon=True)
        self._reader.start()

    def ask(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> Asked:
        asked = Asked()
        with self._changing:
            self.owed.append(asked)
            try:
                self.connection.send((function, arguments))
            except OSError:
                # It has ended: nobody would ever answer.
                self._fail_all()
        return asked

    def wait(self) -> None:
        """Wait until the process is gone. Only one thread may wait for a process itself."""
        self._reader.join()
        self.process.join()

    def end(self) -> None:
        """Ask nothing more: when it has answered what it owes, it ends."""
        with self._changing, suppress(OSError):
            self.connection.send(None)

    def _read(self) -> None:
        while True:
            try:
                kind, value = self.connection.recv()
            except (EOFError, OSError):
                with self._changing:
                    self._fail_all()
                    self.connection.close()
                return
            with self._changing:
                self.owed[0].put(kind, value)
                if kind != TOLD:
                    self.owed.popleft()

    def _fail_all(self) -> None:
        self.process.join()
        while self.owed:
            self.owed.popleft().put(
                FAILED,
                HengfaError(
                    f"the process that was at work ended (exit code {self.process.exitcode}). If it was killed for "
                    "want of memory, set `memory_limit` in hengfa.toml lower, then run again."
                ),
            )


class OwnProcess:
    """A process that does what it is asked, one thing after the other."""

    def __init__(self, warm: Callable[[], None]) -> None:
        """`warm` is what the process does before anything else: a function of a module."""
        self._warm = warm
        self._running: _Running | None = None
        #: Processes that were let go and have not been waited for.
        self._ending: list[_Running] = []

    def start(self) -> BaseProcess:
        """Start the process and its imports; a second call gives the one that runs."""
        return self._started().process

    def _started(self) -> _Running:
        if self._running is None:
            self._running = _Running()
            self._running.ask(self._warm, ())
        return self._running

    def ask(self, function: Callable[..., Any], *arguments: object) -> Asked:
        """Begin `function` of `arguments`: a function of a module, and what can be sent."""
        return self._started().ask(function, arguments)

    def release(self) -> None:
        """Let the process end by itself, when it has answered what it owes, while the caller goes on."""
        if self._running is not None:
            self._running.end()
            self._ending.append(self._running)
            self._running = None

    def stop(self) -> None:
        """End the process, also in the middle of its imports or of its work.

        A process that is idle ends by itself: one that is killed leaves the lock of a progress bar behind, which
        Python complains of.
        """
        if self._running is not None and self._running.owed:
            self._running.process.terminate()
        self.release()
        while self._ending:
            self._ending.pop().wait()
