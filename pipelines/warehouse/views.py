"""Whether the views of the warehouse are those of the project as it is: then a build can leave them alone.

A view is text over relations. It changes with the project's files, the contracts and the values that a scheme sets,
and with no record; making the fifty of them again takes a quarter of the time of a build's own work.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines.warehouse.dbt_project import fingerprint, manifest


def made_from(variables: Mapping[str, float | str]) -> str:
    """A sha256 of all that the text of a view depends on."""
    return hashlib.sha256(f"{fingerprint()} {json.dumps(dict(variables), sort_keys=True)}".encode()).hexdigest()


def is_view(model: Mapping[str, Any]) -> bool:
    """Whether a model of the manifest is a view."""
    return bool(model["config"]["materialized"] == "view")


def stand(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    """Whether every view is there and was made from `source`; if not, they are held to be made by the next build."""
    named = {
        (node["schema"], node["name"])
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and is_view(node)
    }
    there = connection.execute("select schema_name, view_name from duckdb_views()").fetchall()
    kept = connection.execute("select made_from from control.views").fetchall()
    if kept == [(source,)] and named <= set(there):
        return True
    connection.execute("delete from control.views")
    return False


def keep(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """Remember what the views of a build that has ended well were made from."""
    connection.execute("delete from control.views")
    connection.execute("insert into control.views values (?)", [source])
