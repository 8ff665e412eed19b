"""The records behind the numbers, as script files that a page from disk can load on demand.

A page opened from disk may not fetch a file, but it may load a script. So every body has two: its
evidence with its results (`data/<slug>.js`), and the details of the records that evidence names
(`data/<slug>.records.js`). Both hand one JSON value to a function of `assets/records.js`, packed (see `packed`),
written once and shared by all languages.

A column is one text, a value a line, an empty line for none: written by the engine that holds the rows,
and repeated values cost next to nothing once deflated. A row of evidence that several indicators and variants
share is written once, with the set of tables it belongs to. Times are seconds from the epoch: of evidence, of
the first time of a record and of its line in the source, the difference from the row above is written; of a
record's other times the difference from its time before.

Fields that hold personal data are never written, whatever the edition holds.
"""

import json
import zlib
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.errors import EditionError
from reports import numbers
from reports.edition import PERIOD_KINDS, Edition, Result, period_months

#: Where a record came from: columns of the edition's records beside the contract's fields.
SOURCE_COLUMNS = ("source_file", "source_row")

#: The encoding of data files, and the first of the characters that stand for bits in them.
ENCODING, FIRST = "utf-16", 0x3400

#: Bits a character holds.
_BITS = 15

#: How hard files are deflated; more costs much time and saves little.
_LEVEL = 4

#: Tables per column of flags: the sum of so many powers of two is exact in 64 bits.
_FLAGS = 60

#: The columns of evidence beside its tables, in the order rows are sorted and written.
_COLUMNS = (
    "month", "kind", "unit", "entity", "record", "agency", "at", "state", "numerator", "denominator", "reason",
)  # fmt: skip

#: How a column of whole numbers is written: differences from the row above, or from the record's time before.
STEPS, DIFFERENCES = "steps", "differences"


def compact(value: object) -> str:
    """JSON without blanks that may stand inside a script element as well."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def packed(value: object) -> str:
    """The arguments that hand a value to a script's function: deflated JSON, its length, and 15 bits a character.

    A file in UTF-16 holds them with a fifth less room than base64 in UTF-8. The characters from `FIRST` on are
    letters that need no escape, and the mark at the head of the file tells its encoding whatever a server says.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    data = zlib.compress(text.encode("utf-8"), _LEVEL)
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    groups = np.zeros((-(-len(bits) // _BITS), 16), np.uint8)
    whole = np.zeros(len(groups) * _BITS, np.uint8)
    whole[: len(bits)] = bits
    groups[:, 16 - _BITS :] = whole.reshape(-1, _BITS)
    letters = np.packbits(groups.ravel()).view(">u2").astype("<u2") + np.uint16(FIRST)
    return f'{len(data)},"{letters.tobytes().decode("utf-16-le")}"'


def _shown(result: Result, unit: str) -> list[Any]:
    exact = numbers.exact_value(result)
    return [
        result.status,
        "" if exact is None else numbers.value(exact, unit),
        numbers.interval(result.lower, result.upper, unit),
        result.numerator,
        result.denominator,
        result.excluded,
        result.undecidable,
        result.reason,
    ]


def _line(values: pl.Expr) -> pl.Expr:
    """Texts that hold no line break of their own, none as the empty text."""
    return values.cast(pl.String).str.replace_all("\n", " ", literal=True).fill_null("")


def _number(values: pl.Expr) -> pl.Expr:
    """Numbers as text, whole ones without a point."""
    return values.cast(pl.String).str.strip_suffix(".0").fill_null("")


def _seconds(values: pl.Expr) -> pl.Expr:
    return values.cast(pl.Datetime("ms")).dt.epoch("s")


def _lines(frame: pl.LazyFrame, by: str, columns: Sequence[str], steps: Collection[str]) -> pl.DataFrame:
    """One row per value of `by`, each column as the lines of one text.

    Columns of `steps` hold whole numbers and are written as differences from the last one above.
    """

    def lines(name: str) -> pl.Expr:
        if name not in steps:
            return pl.col(name).str.join("\n")
        above = pl.col(name).forward_fill().shift(1).fill_null(0)
        return (pl.col(name) - above).cast(pl.String).fill_null("").str.join("\n").alias(name)

    return frame.group_by(by, maintain_order=True).agg(lines(column) for column in columns).collect()


class DataFiles:
    """Writes the data of bodies; the lines of all bodies are made at once."""

    def __init__(self, edition: Edition, contracts: Contracts) -> None:
        """Share the rows of evidence between tables, and find the records they name."""
        self._edition = edition
        self._contracts = contracts
        self._matters = dict(edition.matters.select("matter_id", "name").iter_rows())
        self._units = {indicator["id"]: indicator["unit"] for indicator in edition.indicators}
        self._results = edition.linked_results()
        self._tables = [(i["id"], variant) for i in edition.indicators for variant in i["variants"]]
        rows = self._shared_rows()
        flags = [name for name in rows.columns if name.startswith("_flags")]
        self._sets = {key: place for place, key in enumerate(rows.select(flags).unique().sort(flags).iter_rows())}
        sets = pl.DataFrame(
            [(*key, str(place)) for key, place in self._sets.items()],
            schema={**dict.fromkeys(flags, pl.UInt64), "set": pl.String},
            orient="row",
        )
        rows = rows.join(sets, on=flags, how="left", maintain_order="left")
        # A record that is its own unit is written once, as none beside the name of its table.
        record = pl.when(pl.col("record") != pl.col("unit")).then("record")
        written = rows.lazy().select(
            "subject_id", "set", _number(pl.col("month")).alias("month"), _seconds(pl.col("at")),
            *(_number(pl.col(name)).alias(name) for name in ("numerator", "denominator")),
            *(_line(pl.col(name)).alias(name) for name in ("kind", "unit", "entity", "agency", "state", "reason")),
            _line(record).alias("record"),
        )  # fmt: skip
        columns = (*_COLUMNS, "set")
        self._evidence = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in
                          _lines(written, "subject_id", columns, ("at",)).iter_rows()}  # fmt: skip
        matters = rows.lazy().filter(pl.col("kind") == "matter").select("subject_id", "unit").unique().sort(pl.all())
        self._matters_of = {
            row[0]: row[1] for row in matters.group_by("subject_id", maintain_order=True).agg("unit").collect().rows()
        }
        named = rows.lazy().select(_body="subject_id", _entity="entity", record_id="record").drop_nulls().unique()
        self._records = self._by_body(named.collect())

    def _shared_rows(self) -> pl.DataFrame:
        """The rows of evidence of the edition's months without their tables, which are flags of their own."""
        months = {date.fromisoformat(f"{month}-01"): place for place, month in enumerate(self._edition.months)}
        evidence = self._edition.evidence.rename(
            {"unit_kind": "kind", "unit_id": "unit", "record_entity": "entity", "record_id": "record",
             "agency_id": "agency", "happened_at": "at"}
        )  # fmt: skip
        self._refuse_undeclared(evidence)
        table = pl.concat_str("indicator_id", pl.lit("/"), "variant")
        names = pl.Enum([f"{indicator}/{variant}" for indicator, variant in self._tables])
        flag = pl.lit(2, pl.UInt64).pow(pl.col("_place") % _FLAGS)
        flags = (
            pl.when(pl.col("_place") // _FLAGS == column).then(flag).otherwise(0).bitwise_or().alias(f"_flags{column}")
            for column in range(max(1, -(-len(self._tables) // _FLAGS)))
        )
        # The streaming engine groups while it reads: that takes half the time, and memory holds the groups only.
        return (
            evidence.select("subject_id", *_COLUMNS, _place=table.cast(names, strict=False).to_physical())
            .with_columns(pl.col("month").replace_strict(months, default=None, return_dtype=pl.Int8))
            .drop_nulls(["month", "_place"])
            .group_by("subject_id", *_COLUMNS)
            .agg(flags)
            .sort("subject_id", *_COLUMNS)
            .collect(engine="streaming")
        )

    def _refuse_undeclared(self, evidence: pl.LazyFrame) -> None:
        """EditionError if evidence names a variant that no version of its indicator declares.

        Months before the version in force may have variants that it has no more: they have no list.
        """
        known = {
            (indicator["id"], variant)
            for indicator in self._edition.indicators
            for version in (indicator, *indicator.get("earlier_versions", []))
            for variant in version["variants"]
        }
        named = evidence.select("indicator_id", "variant").unique().collect(engine="streaming")
        unknown = sorted(set(named.iter_rows()) - known)
        if unknown:
            named_unknown = ", ".join(f"{indicator}/{variant}" for indicator, variant in unknown)
            raise EditionError(
                f"{self._edition.path}: evidence of {named_unknown}, which indicators.json does not declare. "
                "Publish the month again."
            )

    def _by_body(self, named: pl.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
        """Body → entity → field → lines, of the records its evidence names; `id` is the first field of their key."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for entity, frame in self._edition.records.items():
            contract = self._contracts.entities.get(entity)
            if contract is None or contract.key[0] not in frame.columns:
                continue
            ids = named.lazy().filter(pl.col("_entity") == entity).select("_body", "record_id").sort(pl.all())
            keyed = frame.lazy().with_columns(record_id=pl.col(contract.key[0]).cast(pl.String))
            if len(contract.key) > 1:
                # Evidence names a record by the first field of its key; of several (postings) the newest stands.
                keyed = keyed.sort([k for k in contract.key if k in frame.columns]).unique(
                    "record_id", keep="last", maintain_order=True
                )
            fields, kinds = self._fields(entity, frame)
            rows = ids.join(keyed, on="record_id", how="inner", maintain_order="left")
            written = rows.select("_body", _line(pl.col("record_id")).alias("id"), *fields.values())
            columns = ("id", *fields)
            for body, *texts in _lines(
                written, "_body", columns, {name for name, kind in kinds.items() if kind == STEPS}
            ).iter_rows():
                # A field in which no record of the body holds anything is left out.
                found.setdefault(body, {})[entity] = {
                    name: [kinds[name], text] if name in kinds else text
                    for name, text in zip(columns, texts, strict=True)
                    if text.strip("\n")
                }
        return found

    def _fields(self, entity: str, frame: pl.DataFrame) -> tuple[dict[str, pl.Expr], dict[str, str]]:
        """The fields to write, and which of them are written as steps or as differences."""
        own = (field.name for field in self._contracts.entities[entity].fields if not field.pii)
        found: dict[str, pl.Expr] = {}
        kinds: dict[str, str] = {}
        before: pl.Expr | None = None
        for name in (*SOURCE_COLUMNS, *own):
            # The field that names the record is its id.
            if name not in frame.columns or name == self._contracts.entities[entity].key[0]:
                continue
            kind, column = frame.schema[name], pl.col(name)
            if kind.is_temporal():
                at = _seconds(column)
                if before is None:
                    kinds[name] = STEPS
                    found[name], before = at.alias(name), at
                else:
                    kinds[name] = DIFFERENCES
                    found[name] = (at - before.fill_null(0)).cast(pl.String).fill_null("").alias(name)
                    before = pl.coalesce(at, before)
            elif name == "source_row":
                kinds[name] = STEPS
                found[name] = column.cast(pl.Int64)
            else:
                # An exact amount keeps its digits.
                number = kind.is_numeric() and not kind.is_decimal()
                found[name] = (_number(column) if number else _line(column)).alias(name)
        return found, kinds

    def evidence_of(self, subject_id: str) -> dict[str, str]:
        """The evidence of one body, by column; `month` is the position in the edition's months."""
        return self._evidence.get(subject_id, dict.fromkeys((*_COLUMNS, "set"), ""))

    def _tables_of(self, key: Sequence[int]) -> list[int]:
        """The tables whose flags are set."""
        return [p for p in range(len(self._tables)) if key[p // _FLAGS] >> (p % _FLAGS) & 1]

    def _results_of(self, subject_id: str, agencies: Sequence[str]) -> dict[str, dict[str, list[Any]]]:
        """Results that pages lead to: entity ("" is the body) → indicator/variant/kind/period → shown."""
        entities = {"": ("subject", subject_id), **{agency: ("agency", agency) for agency in agencies}}
        return {
            key: {
                "/".join(name): _shown(result, self._units[name[0]])
                for name, result in self._results.get(entity, {}).items()
                if name[0] in self._units
            }
            for key, entity in entities.items()
        }

    def evidence_script(self, slug: str, subject_id: str, agencies: Sequence[str]) -> str:
        """`data/<slug>.js`: months, periods, results, and the evidence."""
        columns = dict(self.evidence_of(subject_id))
        keys = list(self._sets)
        sets = columns.pop("set")
        value = {
            "subject": subject_id,
            "months": self._edition.months,
            "periods": {kind: len(period_months(self._edition.month, kind)) for kind in PERIOD_KINDS},
            "matters": {m: self._matters[m] for m in self._matters_of.get(subject_id, ()) if m in self._matters},
            "results": self._results_of(subject_id, agencies),
            "tables": {f"{indicator}/{variant}": place for place, (indicator, variant) in enumerate(self._tables)},
            "sets": {number: self._tables_of(keys[int(number)]) for number in sorted(set(sets.split("\n")) - {""})},
            "columns": {"set": sets, **columns},
        }
        return f"hengfa.evidence({json.dumps(slug)},{packed(value)});\n"

    def records_script(self, slug: str, subject_id: str) -> str:
        """`data/<slug>.records.js`: by entity the fields that hold something, in contract order."""
        entities = self._records.get(subject_id, {})
        used = {
            m for fields in entities.values() for m in fields.get("matter_id", "").split("\n") if m in self._matters
        }
        value = {"matters": {matter: self._matters[matter] for matter in sorted(used)}, "entities": entities}
        return f"hengfa.records({json.dumps(slug)},{packed(value)});\n"
