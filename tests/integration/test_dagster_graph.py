"""The graph that `hengfa ui` shows: assets from files to the site, checks, partitions, the schedule, the sensor."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.checks import LANDED_CHECK, PUBLISH_CHECK
from pipelines.contract.loader import load_contracts
from pipelines.definitions import defs
from pipelines.schedules import on_the_sixth, request_for
from pipelines.sensors import inbox_sensor, inbox_state
from pipelines.warehouse.dbt_project import manifest

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def graph():
    return defs.resolve_asset_graph()


def names(nodes: list[dict], resource_type: str) -> set[str]:
    return {node["name"] for node in nodes if node["resource_type"] == resource_type}


def test_every_entity_and_every_model_is_an_asset(graph):
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert {f"raw/{entity}" for entity in load_contracts().entities} <= keys
    nodes = list(manifest()["nodes"].values())
    assert {f"{node['schema']}/{node['name']}" for node in nodes if node["resource_type"] == "model"} <= keys
    assert {"editions/edition", "reports/site"} <= keys


def test_a_staging_model_hangs_on_its_raw_table_and_the_site_on_everything(graph):
    assert graph.get(dg.AssetKey(["staging", "stg_cases"])).parent_keys == {dg.AssetKey(["raw", "cases"])}
    upstream = graph.get_ancestor_asset_keys(dg.AssetKey(["reports", "site"]))
    assert dg.AssetKey(["raw", "participations"]) in upstream
    assert dg.AssetKey(["assessment", "results"]) in upstream


def test_every_dbt_test_and_both_audits_are_checks(graph):
    checks = {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}
    assert names(list(manifest()["nodes"].values()), "test") <= {name for _, name in checks}
    assert ("assessment/results", PUBLISH_CHECK) in checks
    assert {(f"raw/{entity}", LANDED_CHECK) for entity in load_contracts().entities} <= checks


def test_every_asset_is_partitioned_by_month(graph):
    for key in graph.get_all_asset_keys():
        partitions = graph.get(key).partitions_def
        assert isinstance(partitions, dg.TimeWindowPartitionsDefinition), key
        assert partitions.has_partition_key("2026-10")


def test_the_job_runs_in_one_process():
    assert defs.resolve_job_def("monthly_assessment").executor_def.name == "in_process"


def test_the_schedule_asks_on_the_sixth_for_the_month_before():
    assert (on_the_sixth.cron_schedule, on_the_sixth.execution_timezone) == ("0 6 6 * *", "Asia/Shanghai")
    request = request_for(datetime(2026, 11, 6, 6, tzinfo=SHANGHAI))
    assert request.partition_key == "2026-10"
    assert request.run_config["ops"]["landed_records"]["config"]["loaded_at"] == "2026-11-06T06:00:00"
    # 22:00 on the 5th in UTC is the 6th in Shanghai; January asks for December.
    assert request_for(datetime(2027, 1, 5, 22, tzinfo=UTC)).partition_key == "2026-12"


def test_the_sensor_waits_until_the_inbox_stands_still_and_asks_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HENGFA_HOME", str(tmp_path))
    inbox = tmp_path / "inbox"

    def look(cursor: str | None) -> tuple[dg.SkipReason | dg.SensorResult, str | None]:
        context = dg.build_sensor_context(cursor=cursor, definitions=defs)
        told = inbox_sensor(context)
        return told, told.cursor if isinstance(told, dg.SensorResult) else context.cursor

    told, cursor = look(None)
    assert isinstance(told, dg.SkipReason)  # empty
    (inbox / "cases.csv").write_text("case_id\n", encoding="utf-8")
    told, cursor = look(cursor)
    assert isinstance(told, dg.SkipReason)  # seen for the first time: it may still be growing
    (inbox / "cases.csv").write_text("case_id\nK1\n", encoding="utf-8")
    told, cursor = look(cursor)
    assert isinstance(told, dg.SkipReason)  # it was
    told, cursor = look(cursor)
    assert isinstance(told, dg.SensorResult)
    assert [request.run_key.partition(":")[2] for request in told.run_requests] == [inbox_state(inbox)]
    told, cursor = look(cursor)
    assert isinstance(told, dg.SkipReason)  # done


def test_a_second_writer_is_told_who_holds_the_warehouse(tmp_path):
    from pipelines.errors import WarehouseBusyError
    from pipelines.settings import Workspace
    from pipelines.warehouse.connection import hold_warehouse

    workspace = Workspace.at(tmp_path)
    with (
        hold_warehouse(workspace, purpose="hengfa run 2026-10"),
        pytest.raises(WarehouseBusyError, match=r"held by `hengfa run 2026-10` \(process \d+\)"),
        hold_warehouse(workspace, purpose="hengfa load"),
    ):
        pass
    with hold_warehouse(workspace, purpose="hengfa load"):
        assert not tmp_path.joinpath("warehouse.duckdb").exists()
