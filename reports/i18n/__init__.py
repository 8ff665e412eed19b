"""The texts of reports in both languages, one catalogue each, with the same keys.

Belongs here: every word that a report says by itself. Does not belong here: labels of fields, codes
and indicators, which the contract and the declarations give.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date

from pipelines.contract.model import Language

#: The languages a report is made in, Chinese first.
LANGUAGES: tuple[Language, ...] = ("zh", "en")

#: The `lang` attribute of a page.
LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}


def _flattened(prefix: str, content: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat.update(_flattened(f"{name}.", value))
        else:
            flat[name] = str(value)
    return flat


@cache
def catalogue(language: str) -> dict[str, str]:
    """The texts of `language` by dotted key, such as `status.small`."""
    path = Path(__file__).with_name(f"{language}.yml")
    # Both loaders are the safe one; the C one is there where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return _flattened("", content)


@cache
def _month(language: str, month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    zh = language == "zh"
    return format_date(first, "y年M月" if zh else "MMMM y", locale="zh" if zh else "en")


class Texts:
    """The texts of one language: `t("status.small")`, `t("overview.as_of", at=…)`; an unknown key is a KeyError."""

    def __init__(self, language: str) -> None:
        """Read the catalogue of `language`."""
        self._catalogue = catalogue(language)
        self.language: Language = "zh" if language == "zh" else "en"

    def __call__(self, key: str, **values: object) -> str:
        """The text under `key` with its `{names}` filled in."""
        text = self._catalogue[key]
        return text.format(**values) if values else text

    def month(self, month: str) -> str:
        """`2026年10月` or `October 2026` of `2026-10`; empty for none."""
        return _month(self.language, month) if month else ""

    def known(self, key: str, otherwise: str) -> str:
        """The text under `key`, else `otherwise`: for codes that data brings and no catalogue can list."""
        return self._catalogue.get(key, otherwise)

    def below(self, prefix: str) -> dict[str, str]:
        """All texts whose key begins with `prefix`, under the rest of their key."""
        return {key[len(prefix) :]: text for key, text in self._catalogue.items() if key.startswith(prefix)}

    def of(self, label: Mapping[str, Any]) -> str:
        """This language's text of a `{zh, en}` label."""
        return str(label[self.language])
