"""Lays the exported versions out in files and keeps count of what was written where."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.contract.model import Contract
from pipelines.demo.defects import BREAKING, DefectKind, Planted
from pipelines.demo.files import write_columns, write_lines, write_spreadsheet, write_text
from pipelines.demo.styles import FileStyle, rendered, style_of
from pipelines.demo.world import World

CORRECTION_SUFFIX = "_更正"


@dataclass
class Written:
    """One file: `rows` counts its rows without the header, `broken` those that must be quarantined."""

    name: str
    entity: str
    rows: int
    broken: int
    format: str
    encoding: str
    separator: str


@dataclass
class Export:
    """Writes entity after entity to `out`; remembers files, and where planted records stand.

    `places[entity][key]` lists (file, row) of each planted key; row 2 is the first below the header.
    """

    out: Path
    world: World
    wanted: dict[DefectKind, int]
    planted: Planted
    files: list[Written] = field(default_factory=list)
    alive: dict[str, int] = field(default_factory=dict)
    places: dict[str, dict[tuple[str, ...], list[tuple[str, int]]]] = field(default_factory=dict)

    def ledger(self, entity: str, frame: pl.DataFrame) -> None:
        """A ledger in one file."""
        contract = self.world.contracts.entities[entity]
        style = style_of(entity, "", ledger=True, rows=len(frame))
        self.alive[entity] = len(frame)
        self._write(f"{entity}.{style.format}", contract, frame, style, {})

    def activity(self, entity: str, versions: pl.DataFrame, alive: int) -> None:
        """An activity in one file a month, and one for the corrections of a month."""
        contract = self.world.contracts.entities[entity]
        generator = self.world.arguments.generator(f"export {entity}")
        self.alive[entity] = alive
        parts = versions.partition_by("_month", "_fix", as_dict=True, maintain_order=True)
        keys = sorted(parts)
        styles = {}
        for month, fix in keys:
            label = self.world.arguments.months[month] + (CORRECTION_SUFFIX if fix else "")
            styles[month, fix] = (label, style_of(entity, label, ledger=False, rows=len(parts[month, fix])))
        regular = [k for k in keys if not k[1]]
        if regular and not any(styles[k][1].is_text for k in regular):
            # Broken cells need a text file: where no month has one, the first month gets it.
            label, style = styles[regular[0]]
            styles[regular[0]] = (label, replace(style, format="csv"))
        broken = self._spread(entity, generator, {k: len(parts[k]) for k in regular}, styles)
        for key in keys:
            label, style = styles[key]
            chosen = broken.get(key, {})
            self._write(f"{entity}__{label}.{style.format}", contract, parts[key], style, chosen)

    def _spread(
        self, entity: str, generator: np.random.Generator, rows: dict[tuple[int, bool], int], styles: dict
    ) -> dict[tuple[int, bool], dict[DefectKind, int]]:
        """How many broken rows of each kind go into which text file."""
        kinds = [k for k in BREAKING if k.entity == entity and self.wanted[k]]
        texts = [k for k in rows if styles[k][1].is_text]
        result: dict[tuple[int, bool], dict[DefectKind, int]] = {}
        weight = np.array([rows[k] for k in texts], dtype=np.float64)
        for kind in kinds:
            for place in generator.choice(len(texts), self.wanted[kind], p=weight / weight.sum()).tolist():
                inside = result.setdefault(texts[place], {})
                inside[kind] = inside.get(kind, 0) + 1
        return result

    def _write(
        self, name: str, contract: Contract, frame: pl.DataFrame, style: FileStyle, broken: dict[DefectKind, int]
    ) -> None:
        path = self.out / name
        columns = [f.name for f in contract.fields if f.name in frame.columns]
        # Half of the files leave the operation out where every row is an insert: `i` is the default.
        if "operation" in columns and (frame["operation"] == "i").all() and style.codes != "both":
            columns.remove("operation")
        keys = frame.select(contract.key)
        own_rows = np.arange(len(frame))
        total = len(frame)
        if style.format == "parquet":
            write_columns(path, frame.select(columns), contract)
        elif style.format == "jsonl":
            write_lines(path, frame.select(columns), contract)
        else:
            shown = rendered(frame.select(columns), contract, self.world.contracts, style)
            if style.format == "xlsx":
                write_spreadsheet(path, frame, shown, contract, style)
            else:
                shown, own_rows = self._with_broken(name, shown, broken)
                total = len(shown)
                write_text(path, shown, contract, style)
        self.files.append(
            Written(
                name,
                contract.entity,
                total,
                total - len(frame),
                style.format,
                *((style.encoding, style.separator) if style.is_text else ("", "")),
            )
        )
        self._find(name, contract, keys, own_rows)

    def _with_broken(
        self, name: str, shown: pl.DataFrame, broken: dict[DefectKind, int]
    ) -> tuple[pl.DataFrame, np.ndarray]:
        """Broken copies, each right below the row it copies; and where the own rows then stand."""
        if not broken:
            return shown, np.arange(len(shown))
        generator = self.world.arguments.generator(f"broken {name}")
        kinds = [kind for kind, many in broken.items() for _ in range(many)]
        # A file of few rows may have several broken copies of one row.
        base = generator.integers(0, len(shown), len(kinds))
        copies = []
        for kind, row in zip(kinds, base.tolist(), strict=True):
            value = pl.lit(kind.value or None, dtype=pl.String)
            copies.append(shown[row].with_columns(value.alias(kind.field)))
        stacked = pl.concat([shown, *copies])
        order = np.argsort(np.concatenate([np.arange(len(shown)) * 1.0, base + 0.5]), kind="stable")
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        for kind, place in zip(kinds, position[len(shown) :].tolist(), strict=True):
            self.planted.places.setdefault(kind, []).append((name, place + 2))
        return stacked[order], position[: len(shown)]

    def _find(self, name: str, contract: Contract, keys: pl.DataFrame, own_rows: np.ndarray) -> None:
        wanted = [k for kind, ks in self.planted.keys.items() if kind.entity == contract.entity for k in ks]
        if not wanted:
            return
        sought = pl.DataFrame(wanted, schema=keys.columns, orient="row")
        found = keys.with_columns(pl.Series("_place", own_rows)).join(sought, on=keys.columns, how="semi")
        register = self.places.setdefault(contract.entity, {})
        for *key, place in found.iter_rows():
            register.setdefault(tuple(key), []).append((name, int(place) + 2))
