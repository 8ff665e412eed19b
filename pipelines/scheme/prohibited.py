"""What no scheme may hold: the Administrative Penalty Law, art. 74, and what would get round it.

Art. 74 (2021): "罚款、没收的违法所得或者没收非法财物拍卖的款项，不得同作出行政处罚决定的行政机关及其工作人员的
考核、考评直接或者变相挂钩。" A number of penalties or inspections to be reached is the same thing in disguise
(国发〔2021〕26号; 国办发〔2024〕54号; domain §5.6).
"""

import re
from collections.abc import Iterator
from typing import Any

from pipelines.scheme.model import Band

MONEY_ARTICLE = (
    "《行政处罚法》第七十四条：罚款、没收的违法所得或者没收非法财物拍卖的款项，不得同考核、考评直接或者变相挂钩。"
    "Administrative Penalty Law, art. 74: fines and confiscation must not be tied to an assessment, directly or in "
    "disguise"
)
NUMBER_ARTICLE = (
    "《行政处罚法》第七十四条、国发〔2021〕26号、国办发〔2024〕54号：不得下达处罚、检查的数量指标，也不得变相下达。"
    "Administrative Penalty Law, art. 74, State Council [2021] 26, General Office [2024] 54: no target number of "
    "penalties or inspections, nor one in disguise"
)

#: How far the upper edges of a band of a volume may lie: wider, and only the lower edge would ever cost points.
WIDEST_BAND = 10.0
WIDEST_FALL = 5.0

_MONEY = re.compile(r"罚款|罚没|没收|(?<![a-z])fines?(?![a-z])|fine_|confiscat|penalty_amount|revenue", re.IGNORECASE)
_NUMBER = re.compile(
    r"任务数|任务量|数量指标|处罚数|检查数|办案数|件数|quota|(?<![a-z])targets?(?![a-z])"
    r"|(minimum|required|number_of|count_of)_(penalt|case|inspection|act)",
    re.IGNORECASE,
)
_AMOUNT_IN_SQL = re.compile(
    r"(fine_amount|confiscated_amount)\s+as\s+(numerator|denominator)"
    r"|(sum|avg|max)\(\s*(\w+\.)?(fine_amount|confiscated_amount)",
    re.IGNORECASE,
)
_AMOUNT_UNITS = ("yuan", "money", "amount")
_VOLUME_UNITS = ("per_head", "count")


def forbidden_words(content: Any, location: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    """(location, word, article) for every key, id and name of a parsed file that ties money or numbers to weight."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _judge((*location, key), str(key))
            yield from forbidden_words(value, (*location, key))
    elif isinstance(content, list):
        for position, value in enumerate(content):
            yield from forbidden_words(value, (*location, position))
    elif isinstance(content, str):
        yield from _judge(location, content)


def _judge(location: tuple[Any, ...], text: str) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    if _MONEY.search(text):
        yield location, text, MONEY_ARTICLE
    elif _NUMBER.search(text):
        yield location, text, NUMBER_ARTICLE


def forbidden_indicator(declaration: dict[str, Any]) -> str | None:
    """The article that keeps an indicator from having weight at all: it sums fines or confiscation."""
    is_amount = declaration["unit"] in _AMOUNT_UNITS or _AMOUNT_IN_SQL.search(declaration.get("sql", ""))
    return MONEY_ARTICLE if is_amount else None


def forbidden_band(declaration: dict[str, Any], band: Band) -> str | None:
    """Why a band on this indicator would be a target number; None if it is not.

    A volume (per head, or a count) may be held to a two-sided band only, whose upper edges are near
    enough to cost points: `high` at most 10 × `low`, `ceiling` at most 5 × `high`.
    """
    if declaration["unit"] not in _VOLUME_UNITS:
        return None
    if band.sides == "rising":
        return f"a band without an upper side on a number of acts is a number to be reached. {NUMBER_ARTICLE}"
    if band.low is None or band.high is None or band.ceiling is None:
        return None
    if band.high > WIDEST_BAND * band.low or band.ceiling > WIDEST_FALL * band.high:
        return (
            f"the upper side of the band is out of reach (high may be at most {WIDEST_BAND:g} × low, ceiling "
            f"{WIDEST_FALL:g} × high), so it is a number to be reached in disguise. {NUMBER_ARTICLE}"
        )
    return None
