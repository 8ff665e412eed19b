"""What the rows of a statutory rule may say: the parameters and exemptions declared beside its model.

A row holds for all records but for what it names. A key that nothing reads would make a row meant for few hold for
everybody, so an unknown key or value is refused when the project is parsed.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pipelines.contract.loader import Contracts, load_contracts
from pipelines.errors import DeclarationError

#: What limits a row, and the code list its values come from; None where a value is free, a region is digits.
SCOPES: dict[str, str | None] = {
    "subject_id": None,
    "region": None,
    "domain": None,
    "workflow": "workflow",
    "party_kind": "object_kind",
}
#: What a row says of the records it holds for, and since when.
CONTENT = ("code", "level", "value", "valid_from", "valid_to", "source")


def check_rule_rows(rules: Iterable[Mapping[str, Any]], contracts: Contracts | None = None) -> None:
    """Check every row of `parameters` and `exempt` of the declared rules.

    Raises DeclarationError that names the rule, the list, the key or value, and the choices.
    """
    lists = (contracts or load_contracts()).code_lists
    for rule in rules:
        places = {f"parameters.{name}": one["rows"] for name, one in rule.get("parameters", {}).items()}
        for place, rows in {**places, "exempt": rule.get("exempt", [])}.items():
            for row in rows:
                if (fault := _fault(row, lists)) is not None:
                    raise DeclarationError(f"rule {rule['id']}, {place}: {fault}")


def _fault(row: Mapping[str, Any], lists: Mapping[str, Any]) -> str | None:
    for key, value in row.items():
        if key not in SCOPES and key not in CONTENT:
            return f"no row has a {key!r}; choices: {', '.join((*SCOPES, *CONTENT))}"
        if key in SCOPES and not isinstance(value, str):
            return f"{key} {value!r} is not text; write it in quotes"
        if key in SCOPES and not value.strip():
            return f"{key} is empty; leave it out if the row holds for all"
        if key == "region" and not re.fullmatch(r"\d{2,12}", value):
            return f"region {value!r} is not the first digits (2 to 12) of an area code"
        codes = SCOPES.get(key)
        if codes is not None and value not in lists[codes].codes:
            return f"{key} {value!r} is no code of {codes}; choices: {', '.join(lists[codes].codes)}"
        if key in ("valid_from", "valid_to") and not _is_day(value):
            return f'{key} {value!r} is not a day; write it as "2026-10-01"'
    if "valid_from" not in row:
        return "a row has no valid_from, the first day on which it holds"
    return None


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False
