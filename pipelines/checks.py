"""The audit at both borders as asset checks: on landed records, and on results before publication.

An error-level failure on the results blocks the edition; failures on landed records travel with it.
"""

from collections.abc import Iterator

import dagster as dg

from expectations import audit_process
from expectations.audit import AuditResult
from pipelines import log
from pipelines.assets.run_config import MonthConfig
from pipelines.contract.loader import load_contracts
from pipelines.editions.freeze import quality_path
from pipelines.resources import WorkspaceResource
from pipelines.warehouse.months import Month

LANDED_CHECK = "audit_of_landed_records"
PUBLISH_CHECK = "audit_before_publication"
RESULTS = dg.AssetKey(["assessment", "results"])

_SPECS = [dg.AssetCheckSpec(LANDED_CHECK, asset=["raw", entity]) for entity in load_contracts().entities] + [
    dg.AssetCheckSpec(PUBLISH_CHECK, asset=RESULTS, blocking=True)
]


@dg.multi_asset_check(specs=_SPECS, name="audit")
def audit(
    context: dg.AssetCheckExecutionContext, config: MonthConfig, workspace: WorkspaceResource
) -> Iterator[dg.AssetCheckResult]:
    """Run both audits inside DuckDB and keep their result for the edition."""
    import polars as pl

    home = workspace.workspace()
    month = Month.parse(context.partition_key)
    target = quality_path(home, month)
    target.unlink(missing_ok=True)
    results: list[AuditResult] = []
    with log.step("audit"):
        for number, border in enumerate(("landed", "publish")):
            log.progress("audit", number, 2, border)
            results.append(
                audit_process.audit(
                    home.warehouse,
                    border=border,  # type: ignore[arg-type]
                    month=month.first_day,
                    as_of=config.moment(month),
                    work=home.logs / "audit" / str(month),
                    expected=home.expected_file,
                )
            )
    log.progress("audit", 2, 2)
    target.parent.mkdir(parents=True, exist_ok=True)
    pl.concat([result.to_frame() for result in results]).write_parquet(target)
    landed, published = results
    for entity in load_contracts().entities:
        yield _check_result(landed, dg.AssetKey(["raw", entity]), LANDED_CHECK, entity)
    yield _check_result(published, RESULTS, PUBLISH_CHECK, None)


def _check_result(result: AuditResult, key: dg.AssetKey, name: str, entity: str | None) -> dg.AssetCheckResult:
    rows = [row for row in result.rows if row.subject_id is None and (entity is None or row.entity == entity)]
    failing = [row for row in rows if not row.success]
    errors = [row for row in failing if row.severity == "error"]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not errors,
        severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        metadata={
            "expectations": len(rows),
            "failing": {row.expectation_id: row.failing for row in failing},
            # Ids only: no value of a record stands in Dagster's history.
            "records": {
                rule: [f"{body or '—'}: {record}" for record in records]
                for (rule, body), records in result.examples.items()
                if any(row.expectation_id == rule for row in failing)
            },
        },
    )
