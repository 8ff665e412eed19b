"""The end of `hengfa run`: the headline numbers, what the audit found, the paths of what was made."""

import sys

from pipelines.cli.output import Language, print_rows, rounded, whole
from pipelines.run import RunSummary
from pipelines.settings import Workspace

_HEADINGS = {
    "zh": ("指标", "口径", "分子", "分母", "数值", "95% 区间", "不作判断"),
    "en": ("Indicator", "Variant", "Numerator", "Denominator", "Value", "95 % interval", "Undecidable"),
}

_TEXT = {
    "zh": {
        "title": "{month} 全区（截至 {as_of}）",
        "audit": "审计：{error} 项错误、{warning} 项警告（共 {all} 项检查）",
        "rows": "收件：读 {rows_read} 行，入库 {rows_loaded}，隔离 {rows_quarantined}，过滤 {rows_filtered}",
        "late": "另有 {late} 条记录在截止时点之后才提交，本版不计。需要计入请加 --as-of。",
        "refused": "拒收文件：{names}",
        "edition": "考核版次",
        "site": "网站首页",
    },
    "en": {
        "title": "{month}, all bodies (as of {as_of})",
        "audit": "Audit: {error} errors, {warning} warnings ({all} checks)",
        "rows": "Input: {rows_read} rows read, {rows_loaded} loaded, {rows_quarantined} quarantined, "
        "{rows_filtered} filtered",
        "late": "{late} records were submitted after the as-of time and do not count. Use --as-of to count them.",
        "refused": "Refused files: {names}",
        "edition": "Edition",
        "site": "Site",
    },
}


def print_summary(workspace: Workspace, summary: RunSummary, language: Language) -> None:
    """Print the summary of a run in one language."""
    import duckdb

    from pipelines.editions.catalogue import shortest_period

    text = _TEXT[language]
    edition = summary.edition
    manifest = edition.manifest()
    declared = {declaration["id"]: declaration for declaration in edition.declarations()}
    with duckdb.connect() as connection:
        found = connection.execute(
            """
            select indicator_id, period_kind, variant, numerator, denominator, value, lower, upper, undecidable
            from read_parquet(?)
            where level = 'total' and period = ?
            """,
            [str(edition.directory / "results.parquet"), str(edition.month)],
        ).fetchall()
        quality = connection.execute(
            """
            select severity, count(*) filter (where not success), count(*)
            from read_parquet(?) where subject_id is null group by severity
            """,
            [str(edition.directory / "quality.parquet")],
        ).fetchall()
    by_name = {(indicator, kind, row[0]): row for indicator, kind, *row in found}
    rows = []
    for declaration in declared.values():
        # Where the default variant has no units (an export of inspections alone), one that has some is shown.
        variants = [declaration["default_variant"], *declaration["variants"]]
        numbers = [by_name[declaration["id"], shortest_period(declaration), variant] for variant in variants]
        variant, numerator, denominator, value, lower, upper, undecidable = next(
            (row for row in numbers if row[2] > 0), numbers[0]
        )
        unit = declaration["unit"]
        interval = f"{rounded(lower, unit=unit)} – {rounded(upper, unit=unit)}" if lower is not None else "—"
        rows.append(
            (
                declaration["name"][language],
                declaration["variants"][variant][language],
                whole(numerator),
                whole(denominator),
                rounded(value, unit=unit),
                interval,
                undecidable,
            )
        )
    print_rows(_HEADINGS[language], rows, "table", text["title"].format(month=edition.month, as_of=manifest["as_of"]))
    failed = {severity: failing for severity, failing, _ in quality}
    lines = [
        text["rows"].format(
            **{
                key: f"{sum(item[key] for item in manifest['inputs']):,}"
                for key in ("rows_read", "rows_loaded", "rows_quarantined", "rows_filtered")
            }
        ),
        text["audit"].format(
            error=failed.get("error", 0), warning=failed.get("warning", 0), all=sum(total for *_, total in quality)
        ),
    ]
    if summary.refused_files:
        lines.append(text["refused"].format(names=", ".join(summary.refused_files)))
    lines.append(f"{text['edition']}: {edition.directory}")
    if summary.site is not None:
        lines.append(f"{text['site']}: {summary.site}")
    sys.stdout.write("\n".join(lines) + "\n")
