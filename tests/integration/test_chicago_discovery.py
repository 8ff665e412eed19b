"""Real records: the own-initiative share of Chicago's food inspections, through the mapping and the indicator."""

from datetime import datetime

import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.settings import Workspace
from pipelines.warehouse.build import build, set_run
from pipelines.warehouse.connection import hold_warehouse, open_for_reading, open_for_writing
from pipelines.warehouse.months import Month
from tests.public_records import PUBLIC_RECORDS, REPOSITORY

DATA = PUBLIC_RECORDS / "chicago_food"

#: The data runs from 2011-01-04 to 2014-10-31; the year to date of these months covers every day once.
YEAR_ENDS = ("2011-12", "2012-12", "2013-12", "2014-10")


@pytest.mark.skipif(not DATA.is_dir(), reason="the Chicago records are not in ../shared/data/chicago_food")
def test_the_own_initiative_share_is_the_published_one(tmp_path):
    workspace = Workspace.at(tmp_path)
    counts = []
    with hold_warehouse(workspace, purpose="test"):
        with open_for_writing(workspace) as connection:
            load_paths(
                connection,
                [DATA],
                contracts=load_contracts(),
                loaded_at=datetime(2026, 11, 6),
                mapping=REPOSITORY / "examples" / "chicago_food" / "mapping.yml",
            )
        for year_end in map(Month.parse, YEAR_ENDS):
            with open_for_writing(workspace) as connection:
                set_run(connection, year_end, year_end.default_as_of)
            build(workspace, select="+results")
            with open_for_reading(workspace) as connection:
                counts += connection.execute(
                    "select numerator, denominator from assessment.results where indicator_id = "
                    "'proactive_discovery_rate' and variant = 'inspections' and level = 'total' and period_kind = 'ytd'"
                ).fetchall()
    proactive = sum(numerator for numerator, _ in counts)
    known = sum(denominator for _, denominator in counts)
    # The README of the data: 36,179 on own initiative and 9,276 after a complaint, 79.59 %.
    assert proactive == 36_179
    assert known == 36_179 + 9_276
    assert round(proactive / known, 4) == 0.7959
