"""The jobs of the graph."""

import dagster as dg

from pipelines.partitions import months

ASSESSMENT = "monthly_assessment"

#: The whole road from files to the site. One process: DuckDB has one writer (dagster#18746).
monthly_assessment = dg.define_asset_job(
    ASSESSMENT,
    selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
    partitions_def=months,
    executor_def=dg.in_process_executor,
    description="月度考核：收件、建库、审计、定版、报告。Load, build, audit, freeze and report one month.",
)


def run_config(
    *, loaded_at: str, as_of: str = "", inbox: list[str] | None = None, mapping: str = "", home: str = ""
) -> dict[str, object]:
    """The run configuration of the assessment; empty values mean the defaults of the steps."""
    month = {"config": {"as_of": as_of}}
    return {
        "ops": {
            "landed_records": {"config": {"inbox": inbox or [], "mapping": mapping, "loaded_at": loaded_at}},
            "warehouse": month,
            "audit": month,
            "editions__edition": month,
        },
        "resources": {"workspace": {"config": {"home": home}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
