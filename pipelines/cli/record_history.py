"""How `hengfa explain --record` shows the history of a record."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pipelines.warehouse.history import Change

_HEADINGS = {
    "zh": ("版本", "更新时间", "收件时间", "批次", "操作", "文件", "行", "改动", "是否计入"),
    "en": ("version", "known_at", "loaded_at", "batch", "operation", "file", "row", "changes", "state"),
}


def show_history(
    record: str, as_of: str | None, language: Literal["zh", "en"], output_format: Literal["table", "csv", "json"]
) -> None:
    """Print every version of `record`, written `entity/key`; UsageError if it names no record."""
    from pipelines.cli.output import print_rows
    from pipelines.contract.loader import load_contracts
    from pipelines.errors import UsageError
    from pipelines.settings import Workspace
    from pipelines.warehouse.connection import open_for_reading
    from pipelines.warehouse.history import record_history
    from pipelines.warehouse.months import parse_as_of

    contracts = load_contracts()
    entity, _, record_id = record.partition("/")
    if entity not in contracts.entities or not record_id:
        raise UsageError(
            f"--record {record}: write ENTITY/KEY, such as cases/AJ0001, the parts of a key joined by `|`. "
            f"The entities are: {', '.join(contracts.entities)}."
        )
    workspace = Workspace.at()
    if not workspace.warehouse.exists():
        raise UsageError(f"{workspace.home}: there is no warehouse yet. Load something first.")
    # The clock is read here and nowhere deeper.
    moment = datetime.now() if as_of is None else parse_as_of(as_of)
    with open_for_reading(workspace) as connection:
        versions = record_history(connection, contracts.entities[entity], record_id, as_of=moment)
    if not versions:
        key = " | ".join(contracts.entities[entity].key)
        raise UsageError(
            f"--record {record}: no version of it was ever loaded. Check its key ({key}); "
            "if its row was refused, `hengfa quarantine` lists it."
        )
    rows = [
        (
            version.number,
            version.known_at,
            version.loaded_at,
            version.batch_id,
            version.operation,
            version.file,
            version.row_number,
            ("；" if language == "zh" else "; ").join(_told(change, language) for change in version.changes),
            version.state.text(language),
        )
        for version in versions
    ]
    label = contracts.entities[entity].label.text(language)
    title = f"{label} {entity}/{record_id}"
    print_rows(_HEADINGS[language if output_format == "table" else "en"], rows, output_format, title)
    if output_format == "table":
        sys.stdout.write(
            "收件的原文件在 landing/<批次>/ 下。\n"
            if language == "zh"
            else "The files as they came are in landing/<batch>/.\n"
        )


def _told(change: "Change", language: Literal["zh", "en"]) -> str:
    name = change.field.label.zh if language == "zh" else change.field.name
    nothing = "（空）" if language == "zh" else "(empty)"
    return f"{name} {change.before or nothing} → {change.after or nothing}"
