"""A process of its own: it does what it is asked, tells how far it is, and ends when it is let go or stopped."""

import gc
import multiprocessing
import os
import signal
import string
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from expectations import audit_process
from pipelines.errors import HengfaError, WarehouseError
from pipelines.own_process import OwnProcess, tell

ROOT = Path(__file__).resolve().parents[2]


def warm() -> None:
    os.environ["WARMED"] = "yes"


def count_to(last: int) -> tuple[str | None, int, int]:
    for number in range(1, last + 1):
        tell(number)
    return os.environ.get("WARMED"), os.getpid(), gc.get_threshold()[0]


def tell_from_threads(threads: int, messages: int, length: int) -> None:
    """Every thread tells messages of one letter, longer than what a pipe takes at once."""

    def tell_all(letter: str) -> None:
        for _ in range(messages):
            tell(letter * length)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(tell_all, string.ascii_letters[:threads]))


def refuse(what: str) -> None:
    raise WarehouseError(f"{what} is refused")


class UnsendableError(Exception):
    """Holds what cannot be sent."""

    def __init__(self) -> None:
        super().__init__("张三")
        self.held = lambda: None


def refuse_unsendably() -> None:
    raise UnsendableError


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


@pytest.fixture
def own_process() -> Iterator[OwnProcess]:
    made = OwnProcess(warm)
    try:
        yield made
    finally:
        made.stop()


def test_it_is_warmed_first_works_elsewhere_and_tells_in_order(own_process: OwnProcess) -> None:
    told: list[int] = []
    warmed, process, threshold = own_process.ask(count_to, 200).get(told.append)
    assert (warmed, told) == ("yes", list(range(1, 201)))
    assert process != os.getpid()
    assert threshold > gc.get_threshold()[0]


def test_what_several_threads_tell_at_once_arrives_whole(own_process: OwnProcess) -> None:
    told: list[str] = []
    own_process.ask(tell_from_threads, 4, 20, 300_000).get(told.append)
    assert Counter(text[0] for text in told) == dict.fromkeys("abcd", 20)
    assert {(len(text), len(set(text))) for text in told} == {(300_000, 1)}


def test_its_errors_are_raised_here_and_it_goes_on(own_process: OwnProcess) -> None:
    with pytest.raises(WarehouseError, match="the month is refused"):
        own_process.ask(refuse, "the month").get()
    assert own_process.ask(count_to, 0).get()[0] == "yes"


def test_an_error_that_cannot_be_sent_is_named_by_its_kind_alone(own_process: OwnProcess) -> None:
    with pytest.raises(HengfaError, match=r"^UnsendableError, raised in a process of its own"):
        own_process.ask(refuse_unsendably).get()


def test_answers_come_in_the_order_of_the_questions_whoever_asks_first(own_process: OwnProcess) -> None:
    first, second = own_process.ask(count_to, 1), own_process.ask(refuse, "the second")
    with pytest.raises(WarehouseError, match="the second is refused"):
        second.get()
    assert first.get()[0] == "yes"
    assert first.get()[0] == "yes"


def test_one_that_is_killed_at_work_is_told_and_not_waited_for_ever(own_process: OwnProcess) -> None:
    killed, after = own_process.ask(die), own_process.ask(count_to, 1)
    for asked in (killed, after):
        with pytest.raises(HengfaError, match=r"exit code -9\). If it was killed for want of memory"):
            asked.get()
    own_process.release()
    assert own_process.ask(count_to, 1).get()[0] == "yes"


CALLER = """
import sys, time
from pipelines.own_process import OwnProcess
from tests.unit.test_own_process import sleep, warm

if __name__ == "__main__":
    process = OwnProcess(warm)
    print(process.start().pid, flush=True)
    process.ask(sleep, 60)
    time.sleep(60)
"""


def test_it_ends_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text(CALLER, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "caller.py")], stdout=subprocess.PIPE, text=True, env=environment
    ) as caller:
        assert caller.stdout is not None
        pid = int(caller.stdout.readline())
        caller.kill()
    waited = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < waited:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_telling_outside_such_a_process_tells_nobody() -> None:
    tell("nobody")


def test_one_that_was_let_go_ends_by_itself_and_the_next_question_gets_another(own_process: OwnProcess) -> None:
    first = own_process.start()
    assert own_process.start() is first
    own_process.release()
    assert own_process.start() is not first
    own_process.stop()
    assert multiprocessing.active_children() == []
    # Nothing is left to end: a second call has nothing to do.
    own_process.stop()


def test_one_that_is_at_work_is_stopped_without_waiting_for_it(own_process: OwnProcess) -> None:
    own_process.ask(count_to, 1).get()
    began = time.monotonic()
    own_process.ask(sleep, 60)
    own_process.stop()
    assert time.monotonic() - began < 30
    assert multiprocessing.active_children() == []


def loaded(*names: str) -> list[str]:
    """Asked in the process: which of the modules are loaded there."""
    return [name for name in names if name in sys.modules]


def test_the_audit_s_process_loads_nothing_that_no_suite_uses() -> None:
    own_process = OwnProcess(audit_process._warm)
    try:
        asked = own_process.ask(loaded, "great_expectations", "altair", "scipy.stats")
        assert asked.get() == ["great_expectations"]
    finally:
        own_process.stop()
