"""Runs that Dagster starts: when the schedule and the sensor ask, ask again, and what such a run holds."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.attempts import ASKED_FOR, is_running, next_attempt
from pipelines.definitions import defs
from pipelines.jobs import ASSESSMENT, run_config
from pipelines.resources import WorkspaceResource
from pipelines.schedules import on_the_sixth, request_for
from pipelines.sensors import inbox_sensor, inbox_state
from pipelines.settings import Workspace
from pipelines.warehouse.connection import hold_warehouse, is_held
from tests.integration.command import ROOT

SHANGHAI = ZoneInfo("Asia/Shanghai")
SIX = datetime(2026, 11, 6, 6, tzinfo=SHANGHAI)


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    monkeypatch.setenv("HENGFA_HOME", str(tmp_path))
    return Workspace.at(tmp_path).prepare()


@pytest.fixture
def instance():
    with dg.DagsterInstance.local_temp() as made:
        yield made


@dg.job(name=ASSESSMENT)
def assessment_of_nothing() -> None:
    """Stands for the assessment in the history of runs."""


def asked(instance: dg.DagsterInstance, request: dg.RunRequest, status: dg.DagsterRunStatus) -> None:
    """What the daemon does with a request, and what has become of its run."""
    instance.create_run_for_job(
        assessment_of_nothing, tags={**request.tags, "dagster/run_key": request.run_key or ""}, status=status
    )


def look(instance: dg.DagsterInstance, cursor: str | None) -> tuple[dg.RunRequest | dg.SkipReason, str | None]:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=defs)
    return inbox_sensor(context), context.cursor


def tick(instance: dg.DagsterInstance, moment: datetime) -> dg.RunRequest | dg.SkipReason:
    return on_the_sixth(dg.build_schedule_context(instance=instance, scheduled_execution_time=moment))


def test_both_are_on_from_the_start():
    assert on_the_sixth.default_status is dg.DefaultScheduleStatus.RUNNING
    assert inbox_sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_the_schedule_asks_on_the_sixth_for_the_month_before():
    assert (on_the_sixth.cron_schedule, on_the_sixth.execution_timezone) == ("0 6-11 6 * *", "Asia/Shanghai")
    request = request_for(SIX)
    assert request.partition_key == "2026-10"
    assert request.run_config["ops"]["landed_records"]["config"]["loaded_at"] == "2026-11-06T06:00:00"
    # 22:00 on the 5th in UTC is the 6th in Shanghai; January asks for December.
    assert request_for(datetime(2027, 1, 5, 22, tzinfo=UTC)).partition_key == "2026-12"


def test_the_schedule_asks_again_every_hour_until_a_run_has_succeeded(workspace, instance):
    first = tick(instance, SIX)
    assert isinstance(first, dg.RunRequest)
    asked(instance, first, dg.DagsterRunStatus.FAILURE)
    second = tick(instance, SIX + timedelta(hours=1))
    assert isinstance(second, dg.RunRequest)
    # Dagster starts a run key once: the second run has its own.
    assert (first.run_key, second.run_key) == ("2026-10:2026-11-06T06", "2026-10:2026-11-06T07")
    asked(instance, second, dg.DagsterRunStatus.SUCCESS)
    assert isinstance(tick(instance, SIX + timedelta(hours=2)), dg.SkipReason)
    # The next month is asked for all the same.
    assert isinstance(tick(instance, datetime(2026, 12, 6, 6, tzinfo=SHANGHAI)), dg.RunRequest)


def test_the_schedule_waits_for_whoever_holds_the_warehouse(workspace, instance):
    with hold_warehouse(workspace, purpose="hengfa run 2026-09"):
        assert isinstance(tick(instance, SIX), dg.SkipReason)
    assert isinstance(tick(instance, SIX + timedelta(hours=1)), dg.RunRequest)


def test_the_sensor_waits_until_the_inbox_stands_still(workspace, instance):
    file = workspace.inbox / "cases.csv"
    told, cursor = look(instance, None)
    assert isinstance(told, dg.SkipReason)  # empty
    file.write_text("case_id\n", encoding="utf-8")
    told, cursor = look(instance, cursor)
    assert isinstance(told, dg.SkipReason)  # seen for the first time: it may still be growing
    file.write_text("case_id\nK1\n", encoding="utf-8")
    told, cursor = look(instance, cursor)
    assert isinstance(told, dg.SkipReason)  # it was
    told, cursor = look(instance, cursor)
    assert isinstance(told, dg.RunRequest)
    assert told.run_key == f"{told.partition_key}:{inbox_state(workspace.inbox)}:1"


@pytest.mark.parametrize("ended", [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS])
def test_files_that_are_still_there_after_a_run_are_asked_for_again_an_hour_later(workspace, instance, ended):
    (workspace.inbox / "cases.csv").write_text("case_id\nK1\n", encoding="utf-8")
    _, cursor = look(instance, None)
    request, cursor = look(instance, cursor)
    assert isinstance(request, dg.RunRequest)
    asked(instance, request, ended)
    told, cursor = look(instance, cursor)
    assert isinstance(told, dg.SkipReason)  # within the hour
    now = datetime.now(SHANGHAI)
    asked_for = request.tags[ASKED_FOR]
    assert next_attempt(instance, asked_for, now + timedelta(minutes=59)) is None
    assert next_attempt(instance, asked_for, now + timedelta(minutes=61)) == 2
    # Another file is another state, which need not wait.
    (workspace.inbox / "leads.csv").write_text("lead_id\nL1\n", encoding="utf-8")
    _, cursor = look(instance, cursor)
    assert isinstance(look(instance, cursor)[0], dg.RunRequest)


@pytest.mark.parametrize(
    "status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
)
def test_nothing_is_asked_for_while_a_run_is_queued_or_running(workspace, instance, status):
    (workspace.inbox / "cases.csv").write_text("case_id\nK1\n", encoding="utf-8")
    _, cursor = look(instance, None)
    asked(instance, dg.RunRequest(run_key="by hand"), status)
    assert isinstance(look(instance, cursor)[0], dg.SkipReason)
    # A run that was killed is never reported as ended; it holds no lock either.
    now = datetime.now(SHANGHAI)
    assert is_running(instance, workspace, now + timedelta(minutes=59))
    assert not is_running(instance, workspace, now + timedelta(minutes=61))


def test_a_refused_file_is_asked_for_again_when_it_is_another(workspace, instance):
    file = workspace.inbox / "cases.csv"
    file.write_text("?\n", encoding="utf-8")
    (workspace.inbox / "cases.csv.why.txt").write_text("there is no column", encoding="utf-8")
    assert inbox_state(workspace.inbox) == ""
    time.sleep(0.01)
    # Mended elsewhere, long ago, and copied with its time.
    file.write_text("case_id\nK1\n", encoding="utf-8")
    os.utime(file, (0, 0))
    assert inbox_state(workspace.inbox) != ""


HOLDER = """
import sys, time
from pathlib import Path
from pipelines.settings import Workspace
from pipelines.warehouse.connection import hold_warehouse
with hold_warehouse(Workspace.at(Path(sys.argv[1])), purpose="hengfa run 2026-09"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_run_that_dagster_starts_fails_with_the_holders_name_while_the_warehouse_is_held(workspace, instance):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(workspace.home)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline().strip() == "held"
        assert is_held(workspace)
        done = defs.resolve_job_def(ASSESSMENT).execute_in_process(
            partition_key="2026-10",
            instance=instance,
            run_config=run_config(loaded_at="2026-11-06T06:00:00"),
            raise_on_error=False,
        )
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    assert not done.success
    told = json.dumps([str(event.event_specific_data) for event in done.all_events])
    assert f"held by `hengfa run 2026-09` (process {holder.pid})" in told
    assert not workspace.warehouse.exists()
    # The operating system freed the lock of the killed holder.
    assert not is_held(workspace)


def test_the_lock_is_held_from_the_first_step_to_the_last_and_taken_once(workspace, instance):
    held: list[bool] = []

    @dg.op
    def step(workspace: WorkspaceResource) -> None:
        held.append(is_held(workspace.workspace()))
        held.append(json.loads((workspace.workspace().home / "warehouse.json").read_text())["purpose"] != "")

    @dg.job(resource_defs={"workspace": WorkspaceResource()}, executor_def=dg.in_process_executor)
    def two_steps() -> None:
        step.alias("one")()
        step.alias("two")()

    assert two_steps.execute_in_process(instance=instance).success
    assert held == [True] * 4
    assert not is_held(workspace)
    with hold_warehouse(workspace, purpose="hengfa run 2026-10"):
        assert two_steps.execute_in_process(instance=instance).success
        assert is_held(workspace)


def test_the_ui_starts_the_daemon_that_looks_at_the_inbox(tmp_path):
    home = tmp_path / "workspace"
    ui = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "--home", str(home), "ui", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        looked = _wait_for_a_tick(home, seconds=120)
    finally:
        ui.terminate()
        ui.wait(timeout=60)
    assert looked


def _wait_for_a_tick(home: Path, seconds: int) -> bool:
    code = (
        "import dagster as dg\n"
        "with dg.DagsterInstance.get() as instance:\n"
        "    states = instance.all_instigator_state()\n"
        "    print([s.name for s in states for t in instance.get_ticks(s.instigator_origin_id, s.selector_id)])\n"
    )
    environment = {**os.environ, "DAGSTER_HOME": str(home / "logs" / "dagster"), "PYTHONPATH": str(ROOT)}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(3)
        if (home / "logs" / "dagster" / "dagster.yaml").exists():
            told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
            if "inbox_sensor" in told.stdout:
                return True
    return False
