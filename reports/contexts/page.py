"""What every page of a language has: titles, dates, navigation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from babel.dates import format_date

from reports.contexts.book import Book
from reports.edition import PERIOD_KINDS
from reports.i18n import LANGUAGE_TAGS, LANGUAGES, Texts
from reports.markup import Printer

#: The pages of the navigation, in order.
NAVIGATION = (
    "index", "bodies", "indicators", "changes", "findings", "rules", "signals", "law", "quality", "method", "glossary",
)  # fmt: skip


def record_link(entity: str, record: str) -> str:
    """The fragment of a body's page that opens the details of a record, whatever characters its id holds."""
    return f"#record/{quote(entity, safe='')}/{quote(record, safe='')}"


def _version(version: str | dict[str, str]) -> str:
    return version if isinstance(version, str) else version["hengfa"]


@dataclass(frozen=True)
class Language:
    """One language's view of a book."""

    book: Book
    t: Texts
    languages: tuple[str, ...] = LANGUAGES
    #: The editions whose sites stand beside this one, each with its languages.
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def printer(self) -> Printer:
        """Prints results in this language."""
        return Printer(self.t)

    def month(self, month: str) -> str:
        """`2026年10月` or `October 2026`."""
        return self.t.month(month)

    def day(self, day: date) -> str:
        """`2026年11月5日` or `5 November 2026`."""
        zh = self.t.language == "zh"
        return format_date(day, "y年M月d日" if zh else "d MMMM y", locale="zh" if zh else "en")

    def as_of(self) -> str:
        """The moment up to which records count."""
        moment = datetime.fromisoformat(self.book.edition.manifest["as_of"])
        return f"{self.day(moment.date())} {moment:%H:%M}"

    def edition_link(self, edition_id: str, depth: int = 0) -> dict[str, str]:
        """An edition and its overview seen from `depth` folders down; an empty link if no site of it stands there."""
        there = self.t.language in self.beside.get(edition_id, ())
        href = f"{'../' * (depth + 2)}{edition_id}/{self.t.language}/index.html"
        return {"id": edition_id, "href": href if there else ""}

    def indicator_link(self, indicator: dict[str, Any]) -> dict[str, str]:
        """Name and page of an indicator."""
        return {
            "name": self.t.of(indicator["name"]),
            "href": f"indicators/{self.book.indicator_slug[indicator['id']]}.html",
        }

    def variant_label(self, indicator: Mapping[str, Any] | None, variant: str | None) -> str:
        """The name of a variant; empty where the indicator has no other, so that there is nothing to tell apart."""
        if indicator is None or variant not in indicator["variants"] or len(indicator["variants"]) == 1:
            return ""
        return self.t.of(indicator["variants"][variant])

    def variants(self, indicator: dict[str, Any]) -> list[dict[str, Any]]:
        """The variants, the default first."""
        names = [indicator["default_variant"]]
        names += [name for name in indicator["variants"] if name != indicator["default_variant"]]
        return [
            {
                "name": name,
                "label": self.variant_label(indicator, name) or self.t("records.value"),
                "description": self.t.of(indicator["variants"][name]["description"]),
            }
            for name in names
        ]

    def periods(self) -> list[dict[str, str]]:
        """The periods that end with the edition's month, with their names."""
        return [{"kind": kind, "label": self.t(f"period.{kind}")} for kind in PERIOD_KINDS]

    def common(self, page: str, title: str, *, depth: int = 0, section: str | None = None) -> dict[str, Any]:
        """The context every template needs; `page` is the path below the language, without `.html`."""
        manifest = self.book.edition.manifest
        home = "../" * depth
        return {
            "t": self.t,
            "print": self.printer,
            "lang": LANGUAGE_TAGS[self.t.language],
            "language": self.t.language,
            "home": home,
            "root": f"{home}../",
            "title": title,
            "territory": manifest["territory"][self.t.language],
            "month": self.book.edition.month,
            "month_title": self.month(self.book.edition.month),
            "as_of": self.as_of(),
            "earlier": self.edition_link(self.book.edition.previous, depth),
            "edition_id": self.book.edition.edition_id,
            "code_version": _version(manifest["code_version"]),
            "content_sha256": manifest["content_sha256"][:12],
            "navigation": [
                {"href": f"{home}{name}.html", "label": self.t(f"nav.{name}"), "here": name == (section or page)}
                for name in NAVIGATION
            ],
            "languages": [
                {
                    "language": other,
                    "tag": LANGUAGE_TAGS[other],
                    "label": self.t(f"language.{other}"),
                    "href": f"{home}../{other}/{page}.html",
                    "here": other == self.t.language,
                }
                for other in self.languages
            ],
            "periods": self.periods(),
        }
