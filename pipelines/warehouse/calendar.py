"""The official working days of China as the relation `raw.calendar_days`.

The State Council's yearly notice makes some weekends working days and some weekdays holidays;
`chinese-calendar` carries those notices up to the last one published. A workspace may correct or
extend it in `calendar.csv` (header `day,is_working_day`). A day outside both is not in the relation,
and a rule that needs it is undecidable, never guessed (design §6.8).
"""

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

import chinese_calendar
import duckdb
import polars as pl
from chinese_calendar.constants import holidays

from pipelines.errors import SettingError

_YES = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}


@cache
def official_days() -> Mapping[date, bool]:
    """Day → whether it is a working day, for every year the library has a notice of."""
    first, last = date(min(holidays).year, 1, 1), date(max(holidays).year, 12, 31)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return MappingProxyType({day: bool(chinese_calendar.is_workday(day)) for day in days})


def override_days(path: Path) -> dict[date, bool]:
    """The days of `calendar.csv`, none without the file; SettingError names the line that cannot be read."""
    if not path.exists():
        return {}
    found = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames is None or set(rows.fieldnames) != {"day", "is_working_day"}:
            raise SettingError(f"{path}: the first line must be `day,is_working_day`, found {rows.fieldnames}.")
        for row in rows:
            try:
                found[date.fromisoformat(row["day"].strip())] = _YES[row["is_working_day"].strip().lower()]
            except (ValueError, KeyError, AttributeError) as error:
                raise SettingError(
                    f"{path}, line {rows.line_num}: `{row['day']},{row['is_working_day']}` is not a day and true or "
                    "false. Write for example 2027-01-01,false."
                ) from error
    return found


def write_calendar(connection: duckdb.DuckDBPyConnection, override: Path) -> None:
    """Replace `raw.calendar_days` with the official days as `override` corrects them."""
    days = {**official_days(), **override_days(override)}
    frame = pl.DataFrame({"day": list(days), "is_working_day": list(days.values())}).sort("day")
    connection.register("calendar_frame", frame)
    connection.execute("delete from raw.calendar_days")
    connection.execute("insert into raw.calendar_days select day, is_working_day from calendar_frame")
    connection.unregister("calendar_frame")
