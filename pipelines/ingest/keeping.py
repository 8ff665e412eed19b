"""What stays on disk of a load: the files as they came, and the list of rows to mend."""

import shutil
from pathlib import Path
from typing import BinaryIO

import polars as pl

from pipelines.ingest.contents import Content
from pipelines.ingest.discover import Candidate
from pipelines.ingest.headers import ROW_ORIGIN


def _folder(root: Path, batch_id: int) -> Path:
    return root / f"{batch_id:06d}"


def keep_landed(landing: Path | None, batch_id: int, candidate: Candidate, content: Content) -> None:
    """Copy a loaded file, untouched, to `landing/<batch>/<its name>`; of a zip archive the archive."""
    if landing is None:
        return
    name = candidate.name if candidate.member is None else candidate.archive
    if candidate.format == "parquet" and not name.lower().endswith(".parquet"):
        # A table read from a database: its name holds the watermark, whose colons some file systems refuse.
        name = f"{name.replace(':', '')}.parquet"
    target = _folder(landing, batch_id) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if candidate.member is not None:
        if not target.exists():
            shutil.copyfile(candidate.path, target)
    elif content.data is not None:
        target.write_bytes(content.data)
    else:
        shutil.copyfile(candidate.path, target)


def worklist_path(quarantine: Path, batch_id: int, name: str) -> Path:
    """Where the rows to mend of the file called `name` in reports are listed."""
    plain = name.replace("#", "__").replace(":", "")
    return _folder(quarantine, batch_id) / (plain if plain.lower().endswith(".csv") else f"{plain}.csv")


class WorklistFile:
    """The list of the rows of one file that broke the contract, with their reasons: `quarantine/<batch>/<name>.csv`.

    One line per row: where it came from (batch, file, row), the reasons in both languages, its values as they came
    with personal data masked. A text that a spreadsheet would run as a formula starts with an apostrophe.
    It is written batch by batch under a name of its own, and has its name when it is whole.
    """

    def __init__(self, quarantine: Path | None, batch_id: int, name: str) -> None:
        """Nothing is written before there is a row to mend, and nothing at all without `quarantine`."""
        self._root = quarantine
        self._origin = dict(zip(ROW_ORIGIN, (str(batch_id), name), strict=False))
        self._target = worklist_path(quarantine, batch_id, name) if quarantine is not None else None
        self._file: BinaryIO | None = None

    def append(self, rejected: pl.DataFrame, faults: pl.DataFrame) -> None:
        """Add the rows of one batch; every batch of a file has the same columns."""
        if self._target is None or not faults.height:
            return
        reasons = (
            faults.group_by("row_number", maintain_order=True)
            .agg(
                pl.col("reason_zh").str.join(" ").alias("_原因"),
                pl.col("reason_en").str.join(" ").alias("_reasons"),
            )
            .rename({"row_number": "_row_number"})
        )
        reasons = reasons.join(rejected, on="_row_number", how="left", maintain_order="left")
        named = reasons.select([pl.lit(value).alias(header) for header, value in self._origin.items()] + [pl.all()])
        safe = named.sort(ROW_ORIGIN[-1]).with_columns(
            _as_plain_text(name) for name, dtype in named.schema.items() if dtype == pl.String
        )
        is_first = self._file is None
        if self._file is None:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._partial.open("wb")
        safe.write_csv(self._file, include_bom=is_first, include_header=is_first)

    @property
    def _partial(self) -> Path:
        target = self._target or Path()
        return target.with_name(f".{target.name}.part")

    def finish(self) -> str | None:
        """Give the list its name; its path below `quarantine`, None if there is nothing to mend."""
        if self._file is None or self._target is None or self._root is None:
            return None
        self._file.close()
        self._partial.replace(self._target)
        return self._target.relative_to(self._root).as_posix()

    def discard(self) -> None:
        """Take back a list that was not finished."""
        if self._file is not None:
            self._file.close()
            self._partial.unlink(missing_ok=True)


def _as_plain_text(name: str) -> pl.Expr:
    value = pl.col(name)
    runs = value.str.contains(r"^(?:[=@\t\r]|[+-][^\d.])")
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), value)).otherwise(value).alias(name)
