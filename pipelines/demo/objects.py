"""Those who are inspected and punished: companies, sole traders, persons; all invented."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.demo import vocabulary as words
from pipelines.demo.arguments import DemoArguments
from pipelines.demo.identifiers import credit_codes, pick, running

ORGANISATION, SOLE_TRADER, PERSON = 0, 1, 2
KINDS = ("organisation", "sole_trader", "person")


@dataclass
class Objects:
    """A pool: code, name, kind (index into KINDS) and street-town of each; `of_kind` lists the members of a kind.

    A person's code is a pseudonym, never an identity number.
    """

    code: pl.Series
    name: pl.Series
    kind: np.ndarray
    street: np.ndarray
    of_kind: tuple[np.ndarray, ...]

    def draw(self, generator: np.random.Generator, count: int, shares: tuple[float, float, float]) -> np.ndarray:
        """`count` members, kinds by `shares`, a few visited far more often than most."""
        kind = np.searchsorted(np.cumsum(shares), generator.random(count), side="right").clip(0, 2)
        place = generator.random(count) ** 1.7
        result = np.empty(count, dtype=np.int64)
        for k, members in enumerate(self.of_kind):
            mine = kind == k
            result[mine] = members[(place[mine] * len(members)).astype(np.int64)]
        return result


def make_objects(arguments: DemoArguments, streets: int) -> Objects:
    """At scale 1 some 14,000 companies, 8,000 sole traders, 5,000 persons."""
    generator = arguments.generator("objects")
    sizes = [max(200, round(n * min(arguments.scale, 4.0))) for n in (14_000, 8_000, 5_000)]
    total = sum(sizes)
    kind = np.repeat(np.arange(3), sizes)
    code = pl.concat(
        [
            pl.Series(credit_codes(generator, "91", sizes[0], words.DISTRICT_CODE)),
            pl.Series(credit_codes(generator, "92", sizes[1], words.DISTRICT_CODE)),
            running("ZRR", np.arange(1, sizes[2] + 1), 7),
        ]
    )

    def some(values: tuple[str, ...], count: int) -> pl.Series:
        return pick(values, generator.integers(0, len(values), count))

    companies = (
        "津"
        + some(words.TRADE_NAMES, sizes[0])
        + some(words.TRADE_SECOND, sizes[0])
        + some(words.TRADES, sizes[0])
        + "有限公司"
    )
    shops = some(words.TRADE_NAMES, sizes[1]) + some(words.TRADE_SECOND, sizes[1]) + some(words.SHOPS, sizes[1])
    persons = some(words.SURNAMES, sizes[2]) + some(words.GIVEN, sizes[2]) + some(words.GIVEN, sizes[2])
    return Objects(
        code,
        pl.concat([companies, shops, persons]),
        kind,
        generator.integers(0, streets, total),
        tuple(np.flatnonzero(kind == k) for k in range(3)),
    )
