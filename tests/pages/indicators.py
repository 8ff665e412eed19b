"""`docs/indicators/<id>.md`: what an indicator is, from its declaration, and what that means, from its spec tests."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.warehouse.dbt_project import declarations
from reports.i18n import catalogue
from tests.pages.examples import SpecFile

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "indicators"
SPEC = ROOT / "tests" / "spec"
NOTE = "由声明和规格测试生成（`make generate`），请勿手工修改。\nGenerated from the declaration and the spec tests; do not edit."
PARTS = (
    ("question", "问题 Question"),
    ("numerator", "分子 Numerator"),
    ("denominator", "分母 Denominator"),
    ("exclusions", "不计入 Left out"),
    ("caveat", "注意 Caveat"),
)


def both(words: dict[str, str]) -> str:
    """A text in both languages, Chinese first."""
    return f"{words['zh']}<br>{words['en']}"


def in_words(kind: str, code: str) -> str:
    """The name of a code of a declaration in both languages, as reports show it."""
    return " ".join(catalogue(language)[f"{kind}.{code}"] for language in ("zh", "en"))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar in a cell is written so that it does not end it."""
    lines = [list(head), *(list(row) for row in rows)]
    shown = [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "<br>") for cell in line) + " |" for line in lines
    ]
    return "\n".join([shown[0], "| " + " | ".join("---" for _ in lines[0]) + " |", *shown[1:]])


def page(declared: dict[str, Any]) -> str:
    """The page of one indicator."""
    parts = [
        f"# {declared['name']['zh']} {declared['name']['en']}",
        NOTE,
        f"`{declared['id']}` · [SQL](../../dbt_project/models/indicators/{declared['model']}.sql) · "
        f"[声明 declaration](../../dbt_project/models/indicators/{declared['model']}.yml)",
        table(["", ""], [
            *((label, both(declared[key])) for key, label in PARTS),
            ("法律依据 Legal basis", "<br>".join(both(basis) for basis in declared["legal_basis"])),
            ("单位 Unit", in_words("unit", declared["unit"])),
            ("方向 Direction", in_words("direction", declared["direction"])),
            ("区间 Interval", in_words("interval", declared["interval"])),
            *([("期间 Periods", ", ".join(f"`{period}`" for period in declared["periods"]))] if "periods" in declared else []),
            ("版本 Version", f"{declared['version']}，自 from {declared['valid_from']}"),
            ("主管 Owner", both(declared["owner"])),
        ]),
        "## 口径 Variants",
        table(["", "名称 Name", "说明 Description"], [
            (f"`{name}`" + (" ★" if name == declared["default_variant"] else ""), both(variant), both(variant["description"]))
            for name, variant in declared["variants"].items()
        ]),
        "★ 默认 default",
    ]  # fmt: skip
    if declared.get("parameters"):
        rows = [(f"`{name}`", str(value)) for name, value in declared["parameters"].items()]
        parts += ["## 参数 Parameters", table(["", "默认 Default"], rows)]
    if declared["reasons"]:
        rows = [(f"`{code}`", both(words)) for code, words in declared["reasons"].items()]
        parts += ["## 原因 Reasons", table(["", ""], rows)]
    source = f"../../tests/spec/test_{declared['id']}.py"
    parts += ["## 例子 Examples", f"[测试 tests]({source})", *SpecFile(SPEC / f"test_{declared['id']}.py").sections()]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """File name → text, of every indicator and of the list of them."""
    declared = declarations("indicator")
    rows = [
        (f"[{one['name']['zh']}]({one['id']}.md)", f"[{one['name']['en']}]({one['id']}.md)", both(one["question"]))
        for one in declared
    ]
    index = f"# 指标 Indicators\n\n{NOTE}\n\n" + table(["", "", "问题 Question"], rows) + "\n"
    return {"README.md": index, **{f"{one['id']}.md": page(one) for one in declared}}


def write_pages() -> None:
    """Write every page and remove those of indicators that are no more."""
    FOLDER.mkdir(exist_ok=True)
    written = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
