"""`defs`, and nothing else: the graph that `hengfa ui` shows and `hengfa run` executes."""

import dagster as dg

from pipelines.assets.landing import landed_records
from pipelines.assets.publication import edition, site
from pipelines.assets.warehouse import warehouse
from pipelines.checks import audit
from pipelines.jobs import monthly_assessment
from pipelines.resources import WorkspaceResource
from pipelines.schedules import on_the_sixth
from pipelines.sensors import inbox_sensor

defs = dg.Definitions(
    assets=[landed_records, warehouse, edition, site],
    asset_checks=[audit],
    jobs=[monthly_assessment],
    schedules=[on_the_sixth],
    sensors=[inbox_sensor],
    # Also for assets that are materialised by hand: the lock of the warehouse is held by the run's one process.
    executor=dg.in_process_executor,
    resources={"workspace": WorkspaceResource()},
)
