"""The sources of a mapping that are tables of databases, each read once into a file."""

import os
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from pathlib import Path

from pipelines.errors import SettingError
from pipelines.ingest.databases import DatabaseSource, Extract, extract
from pipelines.ingest.discover import Candidate
from pipelines.ingest.mapping_file import Mapping
from pipelines.ingest.parts import Task


def extracted(
    mapping: Mapping,
    folder: Path,
    environment: MappingType[str, str] | None,
    *,
    since: Callable[[DatabaseSource], str | None] | None = None,
    most: int | None = None,
) -> list[Task]:
    """A task for every source of `mapping` that is a table of a database, read into `folder`.

    `since` gives the watermark from which an incremental source is read; without it all is. No more than about `most`
    rows are read of each. Addresses come from `environment`, by default the process's own.

    Raises SettingError for a database without an address or a driver.
    """
    addresses = os.environ if environment is None else environment
    done: dict[DatabaseSource, Extract] = {}
    tasks = []
    for at, source in enumerate(mapping.content.sources):
        if source.source is None:
            continue
        origin = source.source
        if origin not in done:
            address = addresses.get(origin.database)
            if not address:
                raise SettingError(
                    f"{mapping.path}: sources.{at}: the environment variable {origin.database} is not set. "
                    "Set it to the database's address, such as postgresql://user:password@host/name."
                )
            reached = since(origin) if since is not None and origin.incremental is not None else None
            done[origin] = extract(origin, address, folder / f"{len(done)}.parquet", since=reached, most=most)
        read = done[origin]
        candidate = Candidate(read.path, read.name, None, "parquet", zipped=False, refusal=read.refusal)
        tasks.append(Task(candidate, source.entity, source))
    return tasks
