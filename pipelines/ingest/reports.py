"""What a load did, file by file: the numbers that reconcile and the reason of every refusal."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.contract.model import Label

#: `waiting`: the file was being written while the load ran, and is left for the next.
Status = Literal["loaded", "already_loaded", "refused", "waiting"]


@dataclass(frozen=True)
class FileReport:
    """One file read as one entity.

    `rows_read = rows_loaded + rows_quarantined + rows_filtered`, in rows of the file; a file that was
    refused or was there before read nothing. `filtered` counts by reason the rows left out: by a mapping, totals, notes
    below the table. `reason` is set when the file was refused; `extra_columns` are headers that the contract does not
    know, kept in `_extra`. `encoding_is_certain` is false where the text could be of another encoding as well.
    `unread_sheets` are sheets of its workbook that hold something and were not read; the first part has them.
    """

    name: str
    entity: str | None
    status: Status
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_filtered: int = 0
    reason: Label | None = None
    extra_columns: tuple[str, ...] = ()
    encoding: str | None = None
    format: str | None = None
    filtered: dict[str, int] = field(default_factory=dict)
    quarantine_file: str | None = None
    encoding_is_certain: bool = True
    unread_sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadReport:
    """All files of one load, in the order they were loaded; `batch_id` is None if nothing was new."""

    files: tuple[FileReport, ...]
    batch_id: int | None = None

    def _total(self, name: str) -> int:
        return sum(getattr(file, name) for file in self.files)

    @property
    def rows_read(self) -> int:
        """Rows of all files, without headers and blank lines."""
        return self._total("rows_read")

    @property
    def rows_loaded(self) -> int:
        """Rows appended to `raw`."""
        return self._total("rows_loaded")

    @property
    def rows_quarantined(self) -> int:
        """Rows that broke the contract."""
        return self._total("rows_quarantined")

    @property
    def rows_filtered(self) -> int:
        """Rows that a mapping left out, with its reason."""
        return self._total("rows_filtered")

    @property
    def refused(self) -> tuple[FileReport, ...]:
        """The files of which nothing was loaded."""
        return tuple(file for file in self.files if file.status == "refused")
