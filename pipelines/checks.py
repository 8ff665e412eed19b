"""The audit at both borders as asset checks: on landed records, and on results before publication.

An error-level failure on the results blocks the edition; failures on landed records travel with it.
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from expectations import audit_process
from expectations.audit import AuditResult
from expectations.failures import FILE as FAILURES
from pipelines import ahead, log
from pipelines.after_build import BEGUN, DRAFT, begin_after_build, finish
from pipelines.assets.run_config import MonthConfig
from pipelines.contract.loader import load_contracts
from pipelines.editions.freeze import quality_path
from pipelines.resources import WorkspaceResource
from pipelines.warehouse.months import Month

LANDED_CHECK = "audit_of_landed_records"
PUBLISH_CHECK = "audit_before_publication"
RESULTS = dg.AssetKey(["assessment", "results"])
#: How many failing rows of a rule a check shows.
SAMPLES = 5


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
    with log.step("audit"):
        begun = ahead.take(context.run.run_id, BEGUN) or begin_after_build(home, month, config.moment(month))
        landed, published = finish(home, begun)
    audit_process.release()
    target.parent.mkdir(parents=True, exist_ok=True)
    pl.concat([landed.to_frame(), published.to_frame()]).write_parquet(target)
    if published.failed_errors:
        begun.draft.discard()
    else:
        ahead.hand_over(context.run.run_id, DRAFT, begun.draft)
    samples = failing_rows(landed)
    for entity in load_contracts().entities:
        yield check_result(landed, dg.AssetKey(["raw", entity]), LANDED_CHECK, entity, samples)
    yield check_result(published, RESULTS, PUBLISH_CHECK, None, failing_ids(published))


def failing_ids(result: AuditResult) -> dict[str, list[dict[str, str]]]:
    """Rule → a few of its failing rows, by body and id."""
    found: dict[str, list[dict[str, str]]] = {}
    for (rule, body), records in result.examples.items():
        found.setdefault(rule, []).extend({"body": body or "", "record": record} for record in records)
    return {rule: rows[:SAMPLES] for rule, rows in found.items()}


def failing_rows(result: AuditResult) -> dict[str, list[dict[str, str]]]:
    """Rule → a few of its failing rows as the edition keeps them: personal data masked, with file and row."""
    import polars as pl

    failures = pl.read_parquet(result.relations / FAILURES)
    return {
        str(rule): [
            {
                "body": row["subject_id"] or "",
                "record": row["record_id"] or "",
                "value": row["value"] or "",
                "source": f"{row['source_file']}:{row['source_row']}" if row["source_file"] else "",
            }
            for row in own.head(SAMPLES).iter_rows(named=True)
        ]
        for (rule,), own in failures.group_by("expectation_id", maintain_order=True)
    }


def check_result(
    result: AuditResult,
    key: dg.AssetKey,
    name: str,
    entity: str | None,
    samples: Mapping[str, Sequence[Mapping[str, str]]],
) -> dg.AssetCheckResult:
    """The rules of one entity (all where None) as one check, with what fails and a sample of its rows."""
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
            "sample": {
                row.expectation_id: list(samples[row.expectation_id])
                for row in failing
                if row.expectation_id in samples
            },
        },
    )
