"""What dbt's `graph` gives while SQL is only linted: nothing, so that macros take their empty branch."""

nodes: dict[str, object] = {}
sources: dict[str, object] = {}
