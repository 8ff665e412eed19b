"""Which editions a workspace has, and the relations one can read in an edition."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import EditionError, UsageError
from pipelines.warehouse.months import Month

MANIFEST_NAME = "manifest.json"
_EDITION_ID = re.compile(r"(\d{4}-\d{2})(?:\.r([2-9]|[1-9]\d+))?")


@dataclass(frozen=True)
class Edition:
    """A published month: `edition_id` is `2026-10`, the next revision is `2026-10.r2`."""

    directory: Path
    edition_id: str
    month: Month
    revision: int

    def manifest(self) -> dict[str, Any]:
        """The content of `manifest.json`; EditionError if it is missing or unreadable."""
        path = self.directory / MANIFEST_NAME
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise EditionError(f"edition {self.edition_id}: {MANIFEST_NAME} cannot be read ({error}).") from error
        return content

    def declarations(self) -> list[dict[str, Any]]:
        """The indicator declarations that this edition was computed by."""
        content: list[dict[str, Any]] = json.loads((self.directory / "indicators.json").read_text(encoding="utf-8"))
        return content


def shortest_period(declaration: dict[str, Any]) -> str:
    """The kind of the shortest period that an indicator is reported for: `month` unless it names its `periods`."""
    return str(declaration.get("periods", ["month"])[0])


def edition_at(directory: Path) -> Edition:
    """The edition in `directory`; UsageError if the folder's name is not an edition's."""
    match = _EDITION_ID.fullmatch(directory.name)
    if match is None:
        raise UsageError(f"`{directory.name}` is not an edition. Editions are named 2026-10, 2026-10.r2, …")
    return Edition(directory, directory.name, Month.parse(match[1]), int(match[2] or 1))


def list_editions(editions: Path) -> list[Edition]:
    """Every complete edition, oldest month first, revisions in order."""
    if not editions.is_dir():
        return []
    found = [
        edition_at(path)
        for path in editions.iterdir()
        if path.is_dir() and _EDITION_ID.fullmatch(path.name) and (path / MANIFEST_NAME).exists()
    ]
    return sorted(found, key=lambda edition: (edition.month, edition.revision))


def find_edition(editions: Path, name: str | None) -> Edition:
    """The edition called `name`, or the newest; UsageError lists what there is."""
    known = list_editions(editions)
    if not known:
        raise UsageError(f"there is no edition in {editions}. Make one with `hengfa run 2026-10`.")
    if name is None:
        return known[-1]
    for edition in known:
        if edition.edition_id == name:
            return edition
    raise UsageError(f"there is no edition `{name}`. There are: {', '.join(e.edition_id for e in known)}.")


def newest_revision(editions: Path, month: Month) -> Edition | None:
    """The newest edition of a month, None if it has not been published."""
    of_month = [edition for edition in list_editions(editions) if edition.month == month]
    return of_month[-1] if of_month else None
