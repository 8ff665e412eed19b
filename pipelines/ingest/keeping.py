"""What stays on disk of a load: the files as they came, and the list of rows to mend."""

import shutil
from pathlib import Path

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


def write_worklist(
    quarantine: Path | None, batch_id: int, name: str, rejected: list[pl.DataFrame], faults: list[pl.DataFrame]
) -> str | None:
    """Write the rows that broke the contract, with their reasons, to `quarantine/<batch>/<name>.csv`.

    One line per row: where it came from (batch, file, row), the reasons in both languages, its values as they came
    with personal data masked. A text that a spreadsheet would run as a formula starts with an apostrophe.
    Returns the path below `quarantine`, None if there is nothing to mend.
    """
    if quarantine is None or not faults:
        return None
    reasons = (
        pl.concat(faults)
        .group_by("row_number", maintain_order=True)
        .agg(
            pl.col("reason_zh").str.join(" ").alias("_原因"),
            pl.col("reason_en").str.join(" ").alias("_reasons"),
        )
        .rename({"row_number": "_row_number"})
    )
    filled = [frame for frame in rejected if frame.width]
    if filled:
        reasons = reasons.join(pl.concat(filled, how="diagonal"), on="_row_number", how="left", maintain_order="left")
    origin = dict(zip(ROW_ORIGIN, (str(batch_id), name), strict=False))
    named = reasons.select([pl.lit(value).alias(header) for header, value in origin.items()] + [pl.all()])
    safe = named.sort(ROW_ORIGIN[-1]).with_columns(
        _as_plain_text(name) for name, dtype in named.schema.items() if dtype == pl.String
    )
    target = worklist_path(quarantine, batch_id, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    safe.write_csv(target, include_bom=True)
    return target.relative_to(quarantine).as_posix()


def _as_plain_text(name: str) -> pl.Expr:
    value = pl.col(name)
    runs = value.str.contains(r"^(?:[=@\t\r]|[+-][^\d.])")
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), value)).otherwise(value).alias(name)
