"""Writes the data files of all bodies, in a process of its own where there are many.

Such a process imports this file and not `site`: it needs no templates.
"""

from collections.abc import Callable
from pathlib import Path

from pipelines.contract.loader import load_contracts
from pipelines.own_process import Asked, OwnProcess
from reports.contexts.book import Book
from reports.data_files import ENCODING, DataFiles
from reports.edition import Edition
from reports.folder import Folder


def write_data(book: Book, folder: Folder, told: Callable[[], None]) -> None:
    """Write two files of every body into `folder`; `told` is called after each body."""
    data = DataFiles(book.edition, book.contracts)
    for body in book.bodies:
        agencies = [row["agency_id"] for row in book.agencies.get(body.subject_id, [])]
        folder.write(f"data/{body.slug}.js", data.evidence_script(body.slug, body.subject_id, agencies), ENCODING)
        folder.write(f"data/{body.slug}.records.js", data.records_script(body.slug, body.subject_id), ENCODING)
        told()


def _warm() -> None:
    load_contracts()


_process = OwnProcess(_warm)


def start_early() -> None:
    """Have the process there when data is to be written; one that is not needed ends with this process."""
    _process.start()


def begin_data(edition: Path, made: Path) -> Asked:
    """Begin to write the data files of the edition in `edition` into `made`, elsewhere; `get()` gives their bytes."""
    return _process.ask(_write, edition, made)


def end_data() -> None:
    """End that process, also in the middle of its work."""
    _process.stop()


def _write(edition: Path, made: Path) -> int:
    folder = Folder(made)
    write_data(Book(Edition.open(edition), load_contracts()), folder, lambda: None)
    return folder.bytes
