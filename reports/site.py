"""The HTML site of an edition: static pages that open from disk, with no network and no server."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pipelines.contract.loader import load_contracts
from pipelines.errors import UsageError
from pipelines.log import event
from reports.contexts.audit import (
    body_audit_page,
    completeness_summary,
    expectation_page,
    expectation_slugs,
    failing_expectations,
)
from reports.contexts.book import Book
from reports.contexts.changes import changes_page
from reports.contexts.findings import findings_page
from reports.contexts.indicator import indicator_page, indicators_page
from reports.contexts.law import law_page, laws_page, matters_page
from reports.contexts.overview import bodies, overview
from reports.contexts.page import NAVIGATION, Language
from reports.contexts.quality import quality_page
from reports.contexts.reading import glossary, method, script_labels
from reports.contexts.revision import revision_page
from reports.contexts.rules import rule_link, rule_page, rules_page
from reports.contexts.signals import signal_link, signal_page, signals_page
from reports.contexts.subject import subject
from reports.data_files import ENCODING, compact
from reports.data_process import begin_data, end_data, write_data
from reports.edition import Edition, revision_of
from reports.environment import environment
from reports.folder import Folder
from reports.i18n import LANGUAGE_TAGS, LANGUAGES, Texts
from reports.markup import labelled, without_blank_lines
from reports.period_files import periods_script

#: The two steps that `progress` is told about.
Progress = Callable[[str, int, int], None]

#: From so many bodies on, data is written by a process of its own: starting one costs about a second.
BODIES_WORTH_A_PROCESS = 40

#: The pages of a language that every edition has: those of the navigation, laws and matters.
FIXED_PAGES = len(NAVIGATION) + 2

ASSETS = Path(__file__).with_name("assets")


@dataclass(frozen=True)
class SiteSummary:
    """What was written: the list of editions, each language's first page, pages, and their bytes with data."""

    index: Path
    first_pages: dict[str, Path]
    pages: int
    bytes: int


def _write_pages(view: Language, env: Environment, folder: Folder, told: Callable[[], None]) -> None:
    language = view.t.language

    def page(name: str, template: str, context: dict[str, Any]) -> None:
        text = env.get_template(f"{template}.html.j2").render(context)
        folder.write(f"{language}/{name}.html", without_blank_lines(labelled(text)))
        told()

    folder.write(f"assets/labels.{language}.js", f"hengfa.labels({compact(script_labels(view))});\n")
    page("index", "overview", overview(view))
    page("bodies", "bodies", bodies(view))
    page("indicators", "indicators", indicators_page(view))
    slug_of = expectation_slugs(view)
    page("quality", "quality", {**quality_page(view, slug_of), "arrivals": completeness_summary(view)})
    for row in failing_expectations(view):
        slug = slug_of[row["expectation_id"]]
        page(f"quality/{slug}", "expectation", expectation_page(view, row, slug))
    page("changes", "changes", changes_page(view))
    if view.book.edition.revision > 1:
        page("revision", "revision", revision_page(view))
    page("findings", "findings", findings_page(view))
    page("rules", "rules", rules_page(view))
    for rule in view.book.edition.rules:
        page(rule_link(view, rule)["href"].removesuffix(".html"), "rule", rule_page(view, rule))
    page("signals", "signals", signals_page(view))
    for signal in view.book.edition.signals:
        page(signal_link(view, signal)["href"].removesuffix(".html"), "signal", signal_page(view, signal))
    page("law", "law", law_page(view))
    page("law/laws", "laws", laws_page(view))
    page("law/matters", "matters", matters_page(view))
    page("method", "method", method(view))
    page("glossary", "glossary", glossary(view))
    for indicator in view.book.indicators:
        name = f"indicators/{view.book.indicator_slug[indicator['id']]}"
        page(name, "indicator", indicator_page(view, indicator))
    for body in view.book.bodies:
        page(f"subjects/{body.slug}", "subject", subject(view, body))
        page(f"audit/{body.slug}", "body_audit", body_audit_page(view, body, slug_of))


def _replace(folder: Path, made: Path) -> None:
    """Put `made` in the place of `folder`; a reader sees the old one or the new one."""
    old = made.with_name(f"{made.name}.old")
    if old.exists():
        shutil.rmtree(old)
    if folder.exists():
        folder.rename(old)
    made.rename(folder)
    if old.exists():
        shutil.rmtree(old)


def _described(site: Path) -> list[dict[str, Any]]:
    """What stands in `site`: the `edition.json` of every edition."""
    # A folder whose name begins with a dot is what a killed run left behind.
    described = [path for path in sorted(site.glob("*/edition.json")) if not path.parent.name.startswith(".")]
    return [json.loads(path.read_text(encoding="utf-8")) for path in described]


def _write_list(site: Path, languages: tuple[str, ...]) -> Path:
    """`site/index.html`: every edition that stands in `site`, newest first, and a redirect to the newest."""
    found = _described(site)
    found.sort(key=lambda e: (e["month"], revision_of(e["edition_id"])), reverse=True)
    texts = [Texts(language) for language in languages]
    editions = [
        {
            "edition_id": edition["edition_id"],
            "links": [
                {
                    "tag": LANGUAGE_TAGS[language],
                    "href": f"{edition['edition_id']}/{language}/index.html",
                    **edition["titles"][language],
                }
                for language in edition["languages"]
            ],
        }
        for edition in found
    ]
    context = {"editions": editions, "texts": texts, "tags": LANGUAGE_TAGS, "newest": editions[0]["links"][0]["href"]}
    css = (ASSETS / "site.css").read_text(encoding="utf-8")
    page = environment(shortened=False).get_template("editions.html.j2").render(context, css=Markup(css))  # noqa: S704
    index = site / "index.html"
    unfinished = site / ".index.html.unfinished"
    unfinished.write_bytes(page.encode("utf-8"))
    unfinished.replace(index)
    return index


def render_site(
    edition: Path, site: Path, *, languages: tuple[str, ...] = LANGUAGES, progress: Progress | None = None
) -> SiteSummary:
    """Render the site of `edition` into `site/<edition_id>` and list it in `site/index.html`.

    Nothing but the edition's folder is read, the contract for labels of fields and codes, and which editions
    stand in `site`, which pages link to. The same edition beside the same others gives the same bytes. The folder
    is made beside its place and then renamed.

    Args:
        edition: The folder of a published edition.
        site: The folder of all sites; made if missing.
        languages: `zh`, `en` or both; the first is where the list of editions leads.
        progress: Called with a step's name, how much of it is done, and how much there is.

    Raises:
        UsageError: A language that no catalogue has.
        EditionError: `edition` lacks a file of an edition.
    """
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown or not languages:
        raise UsageError(
            f"languages: {', '.join(unknown) or 'none given'}. Reports are made in {', '.join(LANGUAGES)}."
        )
    book = Book(Edition.open(edition), load_contracts())
    env = environment()
    site.mkdir(parents=True, exist_ok=True)
    made = site / f".{book.edition.edition_id}.unfinished"
    if made.exists():
        shutil.rmtree(made)
    folder = Folder(made)
    beside = {described["edition_id"]: described["languages"] for described in _described(site)}
    views = [Language(book, Texts(language), languages, beside) for language in languages]
    pages = FIXED_PAGES + len(book.indicators) + 2 * len(book.bodies) + len(failing_expectations(views[0]))
    pages += len(book.edition.rules) + len(book.edition.signals) + (book.edition.revision > 1)
    steps = {"data": [0, len(book.bodies)], "pages": [0, len(languages) * pages]}

    def told(step: str, count: int = 1) -> None:
        steps[step][0] += count
        if progress:
            progress(step, *steps[step])

    def write_pages() -> None:
        folder.write("data/periods.js", periods_script(book), ENCODING)
        for view in views:
            _write_pages(view, env, folder, lambda: told("pages"))

    try:
        if len(book.bodies) < BODIES_WORTH_A_PROCESS:
            write_data(book, folder, lambda: told("data"))
            write_pages()
        else:
            # Pages need no evidence and data no pages: each takes one core.
            written = begin_data(edition, made)
            write_pages()
            folder.bytes += written.get()
            told("data", len(book.bodies))
    finally:
        end_data()
    for asset in sorted(ASSETS.iterdir()):
        folder.write(f"assets/{asset.name}", asset.read_text(encoding="utf-8"))
    titles = {
        view.t.language: {
            "territory": book.edition.manifest["territory"][view.t.language],
            "month": view.month(book.edition.month),
            "as_of": view.t("editions.as_of", at=view.as_of()),
            "open": view.t("editions.open"),
        }
        for view in views
    }
    described = {
        "edition_id": book.edition.edition_id,
        "month": book.edition.month,
        "languages": list(languages),
        "titles": titles,
    }
    folder.write("edition.json", json.dumps(described, ensure_ascii=False, indent=1) + "\n")
    _replace(site / book.edition.edition_id, made)
    index = _write_list(site, languages)
    event("site", edition=book.edition.edition_id, pages=folder.pages, bytes=folder.bytes)
    first = {language: site / book.edition.edition_id / language / "index.html" for language in languages}
    return SiteSummary(index, first, folder.pages, folder.bytes)
