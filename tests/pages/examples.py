"""A spec file as text to read: each test a section with its words, its tables and what comes out of them."""

import ast
import textwrap
from pathlib import Path

#: Fewer lines than two are no table.
TABLE_LINES = 2


class SpecFile:
    """One file of spec tests; `sections()` gives it as Markdown."""

    def __init__(self, path: Path) -> None:
        """Read and parse the file."""
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.tree = ast.parse(self.text)

    def sections(self) -> list[str]:
        """The file's first words, what its tests share, and each test under a heading of its own."""
        parts = [ast.get_docstring(self.tree) or ""]
        shared = [node for node in self.tree.body if isinstance(node, ast.Assign) and self._tables(node)]
        for node in shared:
            names = ", ".join(ast.unparse(target) for target in node.targets)
            parts.append(f"共用的表 Shared by the tests, `{names}`:\n\n{self._shown(node)}")
        tests = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        parts += [self._test(test) for test in tests if test.name.startswith("test_")]
        return [part for part in parts if part]

    def _test(self, test: ast.FunctionDef) -> str:
        parts = [f"### {test.name.removeprefix('test_').replace('_', ' ').capitalize()}"]
        if (words := ast.get_docstring(test)) is not None:
            parts.append(words)
        body = test.body[1:] if words is not None else test.body
        parts += [f"```python\n@{self._source(node)}\n```" for node in test.decorator_list]
        before = test.body[0].end_lineno if words is not None else test.body[0].lineno - 1
        assert before is not None
        code: list[str] = []
        for node in body:
            assert node.end_lineno is not None
            comments = self.lines[before : node.lineno - 1]
            if self._tables(node):
                parts += _block(code)
                parts += [" ".join(line.strip("# ") for line in comments if line.strip())]
                parts.append(self._shown(node))
            else:
                code.append(textwrap.dedent("\n".join([*comments, *self.lines[node.lineno - 1 : node.end_lineno]])))
            before = node.end_lineno
        return "\n\n".join(part for part in [*parts, *_block(code)] if part)

    def _tables(self, node: ast.AST) -> list[tuple[str, str]]:
        """(name, table) of the tables written in a statement: keywords of calls and entries of dictionaries."""
        found = []
        for inner in ast.walk(node):
            pairs: list[tuple[str | None, ast.AST]] = []
            if isinstance(inner, ast.Call):
                pairs = [(keyword.arg, keyword.value) for keyword in inner.keywords]
            elif isinstance(inner, ast.Dict):
                pairs = [
                    (str(key.value), value)
                    for key, value in zip(inner.keys, inner.values, strict=True)
                    if isinstance(key, ast.Constant)
                ]
            for name, value in pairs:
                if name and isinstance(value, ast.Constant) and isinstance(value.value, str) and "\n" in value.value:
                    table = _aligned(value.value)
                    if table.count("\n") + 1 >= TABLE_LINES and "|" in table:
                        found.append((name, table))
        return found

    def _shown(self, node: ast.stmt) -> str:
        """The statement without its tables, and under it each table by its name."""
        tables = self._tables(node)
        source = self._source(node, without_tables=True)
        shown = (
            "" if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) else f"```python\n{source}\n```\n\n"
        )
        return shown + "\n\n".join(f"`{name}`\n\n```text\n{table}\n```" for name, table in tables)

    def _source(self, node: ast.expr | ast.stmt, *, without_tables: bool = False) -> str:
        text = ast.get_source_segment(self.text, node, padded=True) or ""
        for inner in ast.walk(node) if without_tables else ():
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and "\n" in inner.value:
                written = ast.get_source_segment(self.text, inner)
                text = text.replace(written, "…") if written and "|" in written else text
        return textwrap.dedent(text)


def _aligned(table: str) -> str:
    rows = [line.strip() for line in table.strip().splitlines()]
    return "\n".join(row for row in rows if row)


def _block(code: list[str]) -> list[str]:
    """The lines of code gathered so far as one block, if there are any; they are then forgotten."""
    text = "\n".join(code).strip("\n")
    code.clear()
    return [f"```python\n{text}\n```"] if text else []
