"""Years counted from another beginning than the Gregorian one, to ISO dates; a mapping names a column's calendar."""

import re
from typing import Literal

import polars as pl

Calendar = Literal["gregorian", "roc", "buddhist"]

#: What is added to a year: 民國 1 is 1912, 佛曆 2469 is 1926.
_OFFSETS: dict[Calendar, int] = {"gregorian": 0, "roc": 1911, "buddhist": -543}
_DIGITS: dict[Calendar, str] = {"gregorian": r"\d{4}", "roc": r"\d{1,3}", "buddhist": r"\d{4}"}
_ERA = r"(?:中華民國|中华民国|民國|民国|佛曆|佛历|B\.?E\.?)?\s*"
_TIME = r"(?P<time>[T\s]+\d{1,2}[:時时]\d{1,2}(?:[:分]\d{1,2})?[分秒]?)?"


def to_iso(values: pl.Series, calendar: Calendar) -> pl.Series:
    """Each date as `YYYY-MM-DD`, with its time of day if it has one.

    Reads `106/02/09`, `106.2.9`, `106-2-9`, `民國106年2月9日`, `1060209`. What is no date of the calendar becomes
    `? ` and the text, so that the caster refuses it instead of reading it as a date of another calendar.
    """
    year = _DIGITS[calendar]
    day_and_month = r"\s*[年/.\-]\s*(?P<m>\d{1,2})\s*[月/.\-]\s*(?P<d>\d{1,2})\s*日?"
    separated = re.compile(_ERA + rf"(?P<y>{year})" + day_and_month + _TIME)
    compact = re.compile(rf"(?P<y>{year if calendar != 'roc' else r'[0-9]{2,3}'})(?P<m>\d{{2}})(?P<d>\d{{2}})" + _TIME)

    def convert(text: str) -> str:
        found = separated.fullmatch(text.strip()) or compact.fullmatch(text.strip())
        if found is None:
            return f"? {text}"
        moment = re.sub(r"[時时分]", ":", (found["time"] or "").strip().rstrip("分秒")).lstrip("T").rstrip(":")
        day = f"{int(found['y']) + _OFFSETS[calendar]:04d}-{int(found['m']):02d}-{int(found['d']):02d}"
        return f"{day} {moment}" if moment else day

    distinct = values.drop_nulls().unique().to_list()
    return values.replace_strict(distinct, [convert(text) for text in distinct], return_dtype=pl.String)
