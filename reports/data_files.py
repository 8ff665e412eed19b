"""The records behind the numbers, as script files that a page from disk can load on demand.

A page opened from disk may not fetch a file, but it may load a script. So every body has two: its
evidence with its results (`data/<slug>.js`), and the details of the records that evidence names
(`data/<slug>.records.js`). Both call a function of `assets/records.js` with one JSON value, shared by
all languages. Columns are written, not rows, each in the shortest of the forms the script reads:

* `{"v": [...]}` the values themselves
* `{"r": [value, length, …]}` runs of equal values
* `{"d": [...], "i": column}` distinct values, and a column of their positions
* `{"t": column, "s": seconds}` times, counted in steps of `s` seconds from the epoch

Fields that hold personal data are never written, whatever the edition holds.
"""

import json
from itertools import groupby
from typing import Any

import polars as pl

from pipelines.contract.loader import Contracts
from reports import numbers
from reports.edition import PERIOD_KINDS, Edition, Result, period_months

#: Where a record came from: columns of the edition's records beside the contract's fields.
SOURCE_COLUMNS = ("source_file", "source_row")


def compact(value: object) -> str:
    """JSON without blanks that may stand inside a script element as well."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _shortest(plain: list[Any]) -> dict[str, Any]:
    """Values as they are, or as runs where that is shorter."""
    runs: list[Any] = []
    for value, equal in groupby(plain):
        runs += value, len(list(equal))
        if len(runs) >= len(plain):
            return {"v": plain}
    return {"r": runs}


def coded(values: pl.Series) -> dict[str, Any]:
    """Texts by their position among the distinct values in the order they come; None stays None."""
    plain = values.to_list()
    position: dict[str | None, int | None] = {}
    for value in dict.fromkeys(plain):
        position[value] = None if value is None else len(position) - (None in position)
    if len(position) * 2 > len(plain) > 8:
        return {"v": plain}
    distinct = [value for value in position if value is not None]
    return {"d": distinct, "i": _shortest([position[value] for value in plain])}


def times(values: pl.Series) -> dict[str, Any]:
    """Times in the coarsest whole step: days, minutes or seconds from the epoch."""
    plain = values.cast(pl.Datetime("ms")).dt.epoch("s").to_list()
    for step in (86_400, 60, 1):
        if all(s is None or s % step == 0 for s in plain):
            return {"t": _shortest(plain if step == 1 else [s if s is None else s // step for s in plain]), "s": step}
    raise AssertionError("a step of one second divides every time")


def number_column(values: pl.Series) -> dict[str, Any]:
    """Numbers, whole ones without a point."""
    return _shortest([v if v is None or v != int(v) else int(v) for v in values.to_list()])


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


def _results(edition: Edition, subject_id: str, agencies: list[str]) -> dict[str, Any]:
    """Results of a body and its agencies: entity ("" is the body) → indicator/variant/kind/period → shown."""
    units = {indicator["id"]: indicator["unit"] for indicator in edition.indicators}
    found: dict[str, Any] = {}
    for level, entity, key in [("subject", subject_id, ""), *(("agency", agency, agency) for agency in agencies)]:
        rows = edition.results.get((level, entity), {})
        found[key] = {
            "/".join(name): _shown(result, units[name[0]]) for name, result in rows.items() if name[0] in units
        }
    return found


class DataFiles:
    """Writes the data of bodies; frames are split by body once."""

    def __init__(self, edition: Edition, contracts: Contracts) -> None:
        """Sort and split the evidence of `edition`."""
        self._edition = edition
        self._contracts = contracts
        evidence = edition.evidence
        order = {i["id"]: position for position, i in enumerate(edition.indicators)}
        months = {f"{month}-01": position for position, month in enumerate(edition.months)}
        day = pl.col("month").dt.to_string("%Y-%m-%d")
        self._evidence = (
            evidence.filter(day.is_in(list(months)), pl.col("indicator_id").is_in(list(order)))
            .with_columns(
                _order=pl.col("indicator_id").replace_strict(order, return_dtype=pl.Int32),
                month=day.replace_strict(months, return_dtype=pl.Int8),
            )
            # The edition's own order holds inside an indicator and variant.
            .sort("_order", "variant", maintain_order=True)
            .partition_by("subject_id", as_dict=True, maintain_order=True)
        )
        self._empty = evidence.clear().with_columns(_order=pl.lit(0), month=pl.lit(0, pl.Int8))
        self._records = self._by_body(evidence.select("subject_id", "record_entity", "record_id").drop_nulls().unique())
        self._matters = dict(edition.matters.select("matter_id", "name").iter_rows())

    def _by_body(self, named: pl.DataFrame) -> dict[str, dict[str, pl.DataFrame]]:
        """Body → entity → the records its evidence names, under `record_id`, the first field of their key."""
        found: dict[str, dict[str, pl.DataFrame]] = {}
        for entity, frame in self._edition.records.items():
            contract = self._contracts.entities.get(entity)
            if contract is None or contract.key[0] not in frame.columns:
                continue
            ids = named.filter(pl.col("record_entity") == entity).select(_body="subject_id", record_id="record_id")
            keyed = frame.with_columns(record_id=pl.col(contract.key[0]).cast(pl.String))
            # Evidence names a record by the first field of its key; of several (postings) the newest stands.
            keyed = keyed.sort([k for k in contract.key if k in frame.columns]).unique(
                "record_id", keep="last", maintain_order=True
            )
            rows = ids.join(keyed, on="record_id", how="inner").sort("record_id", maintain_order=True)
            for (body,), records in rows.partition_by("_body", as_dict=True, maintain_order=True).items():
                found.setdefault(str(body), {})[entity] = records
        return found

    def evidence_of(self, subject_id: str) -> pl.DataFrame:
        """The evidence of one body; `month` is the position in the edition's months."""
        return self._evidence.get((subject_id,), self._empty)

    def evidence_script(self, slug: str, subject_id: str, agencies: list[str]) -> str:
        """`data/<slug>.js`: months, periods, results, and the evidence."""
        rows = self.evidence_of(subject_id)
        # Rows of an indicator and variant stand together, so a table is a stretch of the columns.
        tables: dict[str, list[int]] = {}
        start = 0
        for indicator, variant, count in (
            rows.group_by("indicator_id", "variant", maintain_order=True).len().iter_rows()
        ):
            tables[f"{indicator}/{variant}"] = [start, count]
            start += count
        # A record that is its own unit is written once, as null.
        record = pl.when(pl.col("record_id") != pl.col("unit_id")).then("record_id")
        columns = {
            "month": _shortest(rows["month"].to_list()),
            "agency": coded(rows["agency_id"]),
            "kind": coded(rows["unit_kind"]),
            "unit": coded(rows["unit_id"]),
            "entity": coded(rows["record_entity"]),
            "record": coded(rows.select(record).to_series()),
            "at": times(rows["happened_at"]),
            "state": coded(rows["state"]),
            "numerator": number_column(rows["numerator"]),
            "denominator": number_column(rows["denominator"]),
            "reason": coded(rows["reason"]),
        }
        matters = rows.filter(pl.col("unit_kind") == "matter")["unit_id"].unique().sort().to_list()
        periods = {kind: len(period_months(self._edition.month, kind)) for kind in PERIOD_KINDS}
        value = {
            "subject": subject_id,
            "months": self._edition.months,
            "periods": periods,
            "matters": {matter: self._matters[matter] for matter in matters if matter in self._matters},
            "results": _results(self._edition, subject_id, agencies),
            "tables": tables,
            "columns": columns,
        }
        return f"hengfa.evidence({json.dumps(slug)},{compact(value)});\n"

    def records_script(self, slug: str, subject_id: str) -> str:
        """`data/<slug>.records.js`: by entity, the ids and the fields that hold something, in contract order."""
        entities: dict[str, Any] = {}
        matters: dict[str, str] = {}
        for entity, records in self._records.get(subject_id, {}).items():
            fields = self._fields(entity, records)
            if "matter_id" in records.columns:
                for matter in records["matter_id"].drop_nulls().unique().to_list():
                    if matter in self._matters:
                        matters[matter] = self._matters[matter]
            entities[entity] = {"ids": records["record_id"].to_list(), "fields": fields}
        value = {"matters": dict(sorted(matters.items())), "entities": entities}
        return f"hengfa.records({json.dumps(slug)},{compact(value)});\n"

    def _fields(self, entity: str, records: pl.DataFrame) -> dict[str, Any]:
        contract = self._contracts.entities[entity]
        columns: dict[str, Any] = {}
        for name in SOURCE_COLUMNS:
            if name in records.columns:
                values = records[name]
                columns[name] = number_column(values) if values.dtype.is_numeric() else coded(values)
        for field in contract.fields:
            if field.pii or field.name not in records.columns:
                continue
            values = records[field.name]
            if values.null_count() == len(values):
                continue
            if values.dtype.is_temporal():
                columns[field.name] = times(values)
            elif values.dtype == pl.Boolean:
                columns[field.name] = _shortest(values.to_list())
            elif values.dtype.is_numeric() and not values.dtype.is_decimal():
                columns[field.name] = number_column(values)
            else:
                columns[field.name] = coded(values.cast(pl.String))
        return columns
