"""The HTML site of an edition: static pages that open from disk, with no network and no server."""

import json
import multiprocessing
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipelines.contract.loader import load_contracts
from pipelines.errors import UsageError
from pipelines.log import event
from reports.charts.trend import draw, trend_specification
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
from reports.contexts.rules import rule_link, rule_page, rules_page
from reports.contexts.signals import signal_link, signal_page, signals_page
from reports.contexts.subject import subject
from reports.data_files import DataFiles, compact
from reports.edition import Edition
from reports.i18n import LANGUAGE_TAGS, LANGUAGES, Texts

#: The two steps that `progress` is told about.
Progress = Callable[[str, int, int], None]

#: From so many bodies on, each language is written by a process of its own: starting one costs about a second.
BODIES_WORTH_PROCESSES = 40

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


def environment() -> Environment:
    """The templates: a name that a context lacks is an error, all text is escaped."""
    return Environment(
        loader=PackageLoader("reports", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class _Folder:
    """Writes files below one folder and counts them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pages = 0
        self.bytes = 0

    def write(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode("utf-8")
        path.write_bytes(content)
        self.bytes += len(content)
        self.pages += name.endswith(".html")


def _charts(book: Book) -> dict[str, Markup]:
    """The trend drawings of headline totals by indicator id; ids inside a drawing are made its own."""
    made = {}
    for indicator in book.headlines:
        results = book.monthly("total", "total", indicator, indicator["default_variant"])
        svg = draw(trend_specification(book.edition.months, results, indicator["unit"]))
        slug = book.indicator_slug[indicator["id"]]
        svg = svg.replace('id="', f'id="{slug}-').replace("url(#", f"url(#{slug}-")
        made[indicator["id"]] = Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704
    return made


def _write_pages(
    view: Language, env: Environment, folder: _Folder, charts: dict[str, Markup], told: Callable[[], None]
) -> None:
    language = view.t.language

    def page(name: str, template: str, context: dict[str, Any]) -> None:
        folder.write(f"{language}/{name}.html", env.get_template(f"{template}.html.j2").render(context))
        told()

    folder.write(f"assets/labels.{language}.js", f"hengfa.labels({compact(script_labels(view))});\n")
    page("index", "overview", overview(view, charts))
    page("bodies", "bodies", bodies(view))
    page("indicators", "indicators", indicators_page(view))
    slug_of = expectation_slugs(view)
    page("quality", "quality", {**quality_page(view, slug_of), "arrivals": completeness_summary(view)})
    for row in failing_expectations(view):
        slug = slug_of[row["expectation_id"]]
        page(f"quality/{slug}", "expectation", expectation_page(view, row, slug))
    page("changes", "changes", changes_page(view))
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
        page(name, "indicator", indicator_page(view, indicator, charts.get(indicator["id"], "")))
    for body in view.book.bodies:
        page(f"subjects/{body.slug}", "subject", subject(view, body))
        page(f"audit/{body.slug}", "body_audit", body_audit_page(view, body, slug_of))


def _write_data(book: Book, folder: _Folder, progress: Progress | None) -> None:
    data = DataFiles(book.edition, book.contracts)
    for count, body in enumerate(book.bodies, start=1):
        agencies = [row["agency_id"] for row in book.agencies.get(body.subject_id, [])]
        folder.write(f"data/{body.slug}.js", data.evidence_script(body.slug, body.subject_id, agencies))
        folder.write(f"data/{body.slug}.records.js", data.records_script(body.slug, body.subject_id))
        if progress:
            progress("data", count, len(book.bodies))


def _write_language(
    edition: Path, language: str, languages: tuple[str, ...], made: Path, charts: dict[str, Markup]
) -> tuple[int, int]:
    """The pages of one language, in a process of its own; gives how many there are and their bytes."""
    folder = _Folder(made)
    view = Language(Book(Edition.open(edition), load_contracts()), Texts(language), languages)
    _write_pages(view, environment(), folder, charts, lambda: None)
    return folder.pages, folder.bytes


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


def _revision(edition_id: str) -> int:
    return int(edition_id.partition(".r")[2] or 1)


def _write_list(site: Path, env: Environment, languages: tuple[str, ...]) -> Path:
    """`site/index.html`: every edition that stands in `site`, newest first, and a redirect to the newest."""
    # A folder whose name begins with a dot is what a killed run left behind.
    described = [path for path in sorted(site.glob("*/edition.json")) if not path.parent.name.startswith(".")]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in described]
    found.sort(key=lambda e: (e["month"], _revision(e["edition_id"])), reverse=True)
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
    page = env.get_template("editions.html.j2").render(context, css=Markup(css))  # noqa: S704
    index = site / "index.html"
    unfinished = site / ".index.html.unfinished"
    unfinished.write_bytes(page.encode("utf-8"))
    unfinished.replace(index)
    return index


def render_site(
    edition: Path, site: Path, *, languages: tuple[str, ...] = LANGUAGES, progress: Progress | None = None
) -> SiteSummary:
    """Render the site of `edition` into `site/<edition_id>` and list it in `site/index.html`.

    Nothing but the edition's folder is read, and the contract for labels of fields and codes. The
    same edition gives the same bytes. The folder is made beside its place and then renamed.

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
    folder = _Folder(made)
    views = [Language(book, Texts(language), languages) for language in languages]
    pages = FIXED_PAGES + len(book.indicators) + 2 * len(book.bodies) + len(failing_expectations(views[0]))
    pages += len(book.edition.rules) + len(book.edition.signals)
    total, done = len(languages) * pages, 0

    def told(count: int = 1) -> None:
        nonlocal done
        done += count
        if progress:
            progress("pages", done, total)

    with ExitStack() as processes:
        if len(languages) > 1 and len(book.bodies) >= BODIES_WORTH_PROCESSES:
            charts = _charts(book)
            pool = processes.enter_context(multiprocessing.get_context("spawn").Pool(len(languages)))
            written = [
                pool.apply_async(_write_language, (edition, language, languages, made, charts))
                for language in languages
            ]
            _write_data(book, folder, progress)
            for result in written:
                count, size = result.get()
                folder.pages += count
                folder.bytes += size
                told(count)
        else:
            # Drawing charts waits for vl-convert, which does not hold the interpreter: data is written meanwhile.
            with ThreadPoolExecutor(max_workers=1) as threads:
                drawing = threads.submit(_charts, book)
                _write_data(book, folder, progress)
                charts = drawing.result()
            for view in views:
                _write_pages(view, env, folder, charts, told)
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
    index = _write_list(site, env, languages)
    event("site", edition=book.edition.edition_id, pages=folder.pages, bytes=folder.bytes)
    first = {language: site / book.edition.edition_id / language / "index.html" for language in languages}
    return SiteSummary(index, first, folder.pages, folder.bytes)
