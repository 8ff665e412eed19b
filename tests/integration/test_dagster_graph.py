"""The graph that `hengfa ui` shows: assets from files to the site, checks, partitions, one process."""

import dagster as dg
import pytest

from pipelines.checks import LANDED_CHECK, PUBLISH_CHECK
from pipelines.contract.loader import load_contracts
from pipelines.definitions import defs
from pipelines.warehouse.dbt_project import manifest


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


def test_every_job_runs_in_one_process():
    assert defs.resolve_job_def("monthly_assessment").executor_def.name == "in_process"
    # What the UI materialises by hand runs in a job of Dagster's own.
    assert defs.resolve_job_def("__ASSET_JOB").executor_def.name == "in_process"


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
