"""Which indicators rest on which entity, read from the graph of the dbt models."""

from functools import cache

from pipelines.warehouse.dbt_project import declarations, manifest

_STAGED = "stg_"


@cache
def indicators_of_entities() -> dict[str, tuple[str, ...]]:
    """Entity → ids of the indicators whose model reads it, at any distance, in display order."""
    nodes = manifest()["nodes"]
    reads: dict[str, frozenset[str]] = {}

    def entities_of(unique_id: str) -> frozenset[str]:
        if unique_id not in nodes:
            return frozenset()
        if unique_id not in reads:
            node = nodes[unique_id]
            own = {node["name"].removeprefix(_STAGED)} if node["name"].startswith(_STAGED) else set()
            reads[unique_id] = frozenset(own).union(*map(entities_of, node["depends_on"]["nodes"]))
        return reads[unique_id]

    model_of = {node["name"]: key for key, node in nodes.items() if node["resource_type"] == "model"}
    found: dict[str, tuple[str, ...]] = {}
    for declaration in declarations():
        for entity in entities_of(model_of[declaration["model"]]):
            found[entity] = (*found.get(entity, ()), declaration["id"])
    return found
