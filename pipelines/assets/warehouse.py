"""Records → evidence → results: every dbt model an asset, every dbt test a check, one dbt build."""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg

from pipelines import ahead, log, warm_up
from pipelines.after_build import BEGUN, abandon, ask_for_landed, begin_after_build
from pipelines.assets.run_config import MonthConfig
from pipelines.partitions import months
from pipelines.resources import WorkspaceResource
from pipelines.scheme.read import scheme_in_force
from pipelines.warehouse import build_process, views
from pipelines.warehouse.build import set_run
from pipelines.warehouse.connection import connect, open_for_writing
from pipelines.warehouse.coverage import require_records
from pipelines.warehouse.dbt_project import declarations, manifest
from pipelines.warehouse.declared_reasons import require_declared
from pipelines.warehouse.months import Month


def _model_key(node: dict[str, Any]) -> dg.AssetKey:
    return dg.AssetKey([node["schema"], node["name"]])


def _models() -> dict[str, dict[str, Any]]:
    return {key: node for key, node in manifest()["nodes"].items() if node["resource_type"] == "model"}


def _dependency(unique_id: str) -> dg.AssetKey | None:
    if unique_id in manifest()["sources"]:
        source = manifest()["sources"][unique_id]
        # The control row and the code lists are written by the run itself and are no assets.
        is_record = source["source_name"] == "raw" and source["config"].get("meta", source.get("meta", {})).get("key")
        return dg.AssetKey(["raw", source["name"]]) if is_record else None
    return _model_key(manifest()["nodes"][unique_id]) if unique_id in _models() else None


def _spec(node: dict[str, Any]) -> dg.AssetSpec:
    dependencies = [key for key in map(_dependency, node["depends_on"]["nodes"]) if key is not None]
    return dg.AssetSpec(
        _model_key(node),
        deps=dependencies,
        group_name=node["fqn"][1],
        kinds={"dbt", "duckdb"},
        description=node["description"],
        partitions_def=months,
    )


def _in_order() -> list[str]:
    """The models, each after those it reads: so Dagster wants to be told of them."""
    models = _models()
    parents = {key: [one for one in node["depends_on"]["nodes"] if one in models] for key, node in models.items()}
    return list(TopologicalSorter(parents).static_order())


def _checks() -> dict[str, dg.AssetCheckSpec]:
    """The dbt tests by unique id, each a check of the model it is attached to."""
    checks = {}
    for unique_id, node in manifest()["nodes"].items():
        if node["resource_type"] == "test":
            tested = node.get("attached_node") or next(
                (one for one in node["depends_on"]["nodes"] if one in _models()), None
            )
            if tested is not None:
                checks[unique_id] = dg.AssetCheckSpec(
                    name=node["name"], asset=_model_key(_models()[tested]), description=node["description"] or None
                )
    return checks


@dg.multi_asset(
    specs=[_spec(node) for node in _models().values()], check_specs=list(_checks().values()), name="warehouse"
)
def warehouse(
    context: dg.AssetExecutionContext, config: MonthConfig, workspace: WorkspaceResource
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:  # type: ignore[type-arg]
    """Build every model for the month of the partition, as known at `as_of`."""
    home = workspace.workspace()
    month = Month.parse(context.partition_key)
    variables = scheme_in_force(home, month, declarations()).scheme.variables()
    views_from = views.made_from(variables)
    with open_for_writing(home) as connection:
        require_records(connection, month)
        set_run(connection, month, config.moment(month))
        views_stand = views.stand(connection, views_from)
    built = [model for model in _models().values() if not (views_stand and views.is_view(model))]
    total = len(built) + len(_checks())
    ended: list[str] = []

    def tell(name: str) -> None:
        ended.append(name)
        log.progress("build", len(ended), total, name)

    warm_up.start()
    landed = ask_for_landed(home, month, config.moment(month))
    try:
        with log.step("build"):
            results = build_process.build(home, variables=variables, with_views=not views_stand, progress=tell)
        # What the tables are is known by now: they need not be looked through once more.
        with connect(home.warehouse, read_only=False) as connection:
            require_declared(connection, declarations(), declarations("rule"))
            views.keep(connection, views_from)
    except BaseException:
        abandon(home)
        raise
    ahead.hand_over(context.run_id, BEGUN, begin_after_build(home, month, config.moment(month), landed))
    checks = _checks()
    seconds, models = {result.unique_id: result.seconds for result in results}, _models()
    for unique_id in _in_order():
        # A view that stood needs no time.
        key = _model_key(models[unique_id])
        yield dg.MaterializeResult(asset_key=key, metadata={"seconds": seconds.get(unique_id, 0.0)})
    for result in results:
        if result.unique_id in checks:
            spec = checks[result.unique_id]
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=result.status == "pass",
                metadata={"failing rows": result.failures or 0, "seconds": result.seconds},
            )
