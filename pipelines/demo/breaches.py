"""Which records break which statutory rule because the demo made them so; everything else it makes is lawful."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl


@dataclass
class Breaches:
    """Records noted while the world is drawn: rule → entity → ids."""

    records: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def note(self, rule: str, entity: str, ids: pl.Series, broken: np.ndarray) -> None:
        """Remember that the records marked in `broken` break `rule`."""
        self.records.setdefault(rule, {}).setdefault(entity, set()).update(ids.filter(pl.Series(broken)).to_list())

    def listed(self) -> Iterable[tuple[str, str, list[str]]]:
        """(rule, entity, ids) in a fixed order."""
        for rule, by_entity in sorted(self.records.items()):
            for entity, ids in sorted(by_entity.items()):
                yield rule, entity, sorted(ids)
