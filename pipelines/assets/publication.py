"""Results → edition → site."""

import dagster as dg
import polars as pl

from pipelines import ahead, log, warm_up
from pipelines.after_build import DRAFT
from pipelines.assets.run_config import MonthConfig
from pipelines.checks import RESULTS
from pipelines.contract.loader import load_contracts
from pipelines.editions.catalogue import newest_revision
from pipelines.editions.freeze import audit_relations_path, publish, quality_path
from pipelines.errors import EditionError
from pipelines.partitions import months
from pipelines.resources import WorkspaceResource
from pipelines.warehouse.connection import open_for_reading
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month

_EVIDENCE = [dg.AssetKey(["indicators", declaration["model"]]) for declaration in declarations()]


SITE = dg.AssetKey(["reports", "site"])


@dg.asset(
    key=["editions", "edition"],
    deps=[RESULTS, *_EVIDENCE],
    group_name="publication",
    kinds={"parquet"},
    partitions_def=months,
)
def edition(
    context: dg.AssetExecutionContext, config: MonthConfig, workspace: WorkspaceResource
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """The frozen, hashed month: results, evidence, the records behind them, the audit, a manifest."""
    home = workspace.workspace()
    month = Month.parse(context.partition_key)
    warm_up.finish()
    if context.run.asset_selection is None or SITE in context.run.asset_selection:
        from reports.data_process import start_early

        start_early()
    with log.step("edition"), open_for_reading(home) as connection:
        published = publish(
            connection,
            home,
            load_contracts(),
            month=month,
            as_of=config.moment(month),
            quality=pl.read_parquet(quality_path(home, month)),
            audit=audit_relations_path(home, month),
            draft=ahead.take(context.run_id, DRAFT),
        )
    log.event("edition", edition=published.edition.edition_id, new=published.is_new)
    return dg.MaterializeResult(
        metadata={
            "edition": published.edition.edition_id,
            "new": published.is_new,
            "content sha256": published.edition.manifest()["content_sha256"],
            "rows": published.row_counts,
        }
    )


@dg.asset(key=SITE, deps=[edition], group_name="publication", kinds={"jinja", "html"}, partitions_def=months)
def site(context: dg.AssetExecutionContext, workspace: WorkspaceResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """The HTML site of the month's newest edition, in both languages."""
    from reports.site import render_site

    home = workspace.workspace()
    newest = newest_revision(home.editions, Month.parse(context.partition_key))
    if newest is None:
        raise EditionError(f"there is no edition of {context.partition_key} to report on. Run the assessment first.")
    with log.step("site"):
        summary = render_site(
            newest.directory, home.site, progress=lambda name, done, total: log.progress("report", done, total, name)
        )
    return dg.MaterializeResult(metadata={"pages": summary.pages, "bytes": summary.bytes})
