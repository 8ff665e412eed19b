"""Files → records: the raw tables, one asset per entity."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import dagster as dg

from pipelines import log
from pipelines.assets.run_config import LandingConfig
from pipelines.contract.loader import load_contracts
from pipelines.ingest.inbox import SETTLE_SECONDS
from pipelines.ingest.load import load_paths
from pipelines.partitions import months
from pipelines.resources import WorkspaceResource
from pipelines.warehouse.connection import open_for_writing

#: What an asset tells of the rows of the files that were loaded → the field of a file's report.
ROWS_OF_A_LOAD = {
    "rows read": "rows_read",
    "rows loaded": "rows_loaded",
    "rows quarantined": "rows_quarantined",
    "rows filtered": "rows_filtered",
}

_SPECS = [
    dg.AssetSpec(
        ["raw", contract.entity],
        group_name="landing",
        kinds={"duckdb", "polars"},
        description=f"{contract.label.zh}：{contract.grain.zh}，保留全部版本。{contract.grain.en}; all versions.",
        partitions_def=months,
    )
    for contract in load_contracts().entities.values()
]


@dg.multi_asset(specs=_SPECS, name="landed_records")
def landed_records(config: LandingConfig, workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    """Load what is in the inbox; a file that was loaded before is passed over."""
    home = workspace.workspace()
    with log.step("load"), open_for_writing(home) as connection:
        report = load_paths(
            connection,
            config.paths(home.inbox),
            contracts=load_contracts(),
            loaded_at=datetime.fromisoformat(config.loaded_at),
            mapping=Path(config.mapping) if config.mapping else None,
            quarantine=home.quarantine,
            landing=home.landing,
            inbox=home.inbox,
            settle_seconds=SETTLE_SECONDS,
            in_memory=home.settings().whole_file_bytes,
            progress=lambda name, index, total: log.progress("load", index, total, name),
        )
        log.progress("load", len(report.files), len(report.files))
        totals = {entity: _rows(connection, entity) for entity in load_contracts().entities}
    for entity, rows in totals.items():
        files = [file for file in report.files if file.entity == entity]
        yield dg.MaterializeResult(
            asset_key=["raw", entity],
            metadata={
                "rows in the table": rows,
                "files": len(files),
                **{name: sum(getattr(file, field) for file in files) for name, field in ROWS_OF_A_LOAD.items()},
                "refused": [file.name for file in files if file.status == "refused"],
            },
        )


def _rows(connection: object, entity: str) -> int:
    return int(connection.execute(f"select count(*) from raw.{entity}").fetchone()[0])  # type: ignore[attr-defined]
