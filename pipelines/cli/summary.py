"""The end of `hengfa run`: the headline numbers, what the audit found, the paths of what was made."""

import sys

from pipelines.cli.output import Language, print_rows, rounded, whole
from pipelines.run import RunSummary
from pipelines.settings import Workspace

_HEADINGS = {
    "zh": ("指标", "口径", "分子", "分母", "数值", "区间", "不作判断"),
    "en": ("Indicator", "Variant", "Numerator", "Denominator", "Value", "Interval", "Undecidable"),
}

_TEXT = {
    "zh": {
        "title": "{month} 全区（截至 {as_of}）",
        "audit": "审计：{error} 项错误、{warning} 项警告（共 {all} 项检查）",
        "rows": "本次收件：读 {read} 行，入库 {loaded}，隔离 {quarantined}，过滤 {filtered}；历次共入库 {all} 行",
        "late": "注意：本月另有 {late} 条记录在截止时点 {as_of} 之后才录入或收到，本版不计。"
        "要计入，请加 --as-of 重新运行。",
        "interval": "区间：95% 置信区间；星号为不作判断的单位全部未命中和全部命中时的两端。",
        "refused": "拒收文件：{names}",
        "edition": "考核版次",
        "site": "网站首页",
    },
    "en": {
        "title": "{month}, all bodies (as of {as_of})",
        "audit": "Audit: {error} errors, {warning} warnings ({all} checks)",
        "rows": "Input of this run: {read} rows read, {loaded} loaded, {quarantined} quarantined, {filtered} filtered; "
        "{all} loaded in all",
        "late": "Note: {late} more records of the month were entered or came after the as-of time {as_of} and do not "
        "count. To count them, run again with --as-of.",
        "interval": "Interval: of 95 % confidence; with a star, the two ends if all undecidable units were misses or "
        "hits.",
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
            select indicator_id, period_kind, variant, numerator, denominator, value, lower, upper, undecidable, status
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
        late_records = connection.execute(
            "select records from read_parquet(?)", [str(edition.directory / "after_as_of.parquet")]
        ).fetchall()
    by_name = {(indicator, kind, row[0]): row for indicator, kind, *row in found}
    rows = []
    for declaration in declared.values():
        # Where the default variant has no units (an export of inspections alone), one that has some is shown.
        variants = [declaration["default_variant"], *declaration["variants"]]
        numbers = [by_name[declaration["id"], shortest_period(declaration), variant] for variant in variants]
        variant, numerator, denominator, value, lower, upper, undecidable, status = next(
            (row for row in numbers if row[2] > 0), numbers[0]
        )
        unit = declaration["unit"]
        star = "*" if status == "bounds" else ""
        interval = f"{rounded(lower, unit=unit)} – {rounded(upper, unit=unit)}{star}" if lower is not None else "—"
        rows.append(
            (
                declaration["name"][language],
                # Where there is one reading alone, there is nothing to tell apart.
                declaration["variants"][variant][language] if len(declaration["variants"]) > 1 else "",
                whole(numerator),
                whole(denominator),
                rounded(value, unit=unit),
                interval,
                undecidable,
            )
        )
    print_rows(_HEADINGS[language], rows, "table", text["title"].format(month=edition.month, as_of=manifest["as_of"]))
    late = sum(row[0] for row in late_records)
    failed = {severity: failing for severity, failing, _ in quality}
    lines = [
        text["rows"].format(
            **{name.removeprefix("rows "): f"{count:,}" for name, count in summary.rows.items()},
            all=f"{sum(item['rows_loaded'] for item in manifest['inputs']):,}",
        ),
        text["audit"].format(
            error=failed.get("error", 0), warning=failed.get("warning", 0), all=sum(total for *_, total in quality)
        ),
    ]
    if any(row[5].endswith("*") for row in rows):
        lines.insert(0, text["interval"])
    if late:
        lines.insert(0, text["late"].format(late=f"{late:,}", as_of=manifest["as_of"].replace("T", " ")))
    if summary.refused_files:
        lines.append(text["refused"].format(names=", ".join(summary.refused_files)))
    lines.append(f"{text['edition']}: {edition.directory}")
    if summary.site is not None:
        lines.append(f"{text['site']}: {summary.site}")
    sys.stdout.write("\n".join(lines) + "\n")
