"""The pages of indicators and the table of rules in `docs` say what declarations and spec tests say now."""

from pathlib import Path

import pytest

from pipelines.warehouse.dbt_project import declarations
from tests.pages.examples import SpecFile
from tests.pages.indicators import FOLDER, pages
from tests.pages.rules import METHOD, with_rules


def test_every_page_of_an_indicator_is_up_to_date() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert sorted(written) == sorted(pages()), "run make generate"
    stale = [name for name, text in pages().items() if written[name] != text]
    assert stale == [], "run make generate"
    assert len(written) == len(declarations("indicator")) + 1


def test_the_table_of_rules_is_up_to_date() -> None:
    text = METHOD.read_text(encoding="utf-8")
    assert with_rules(text) == text, "run make generate"
    with pytest.raises(ValueError, match="marks"):
        with_rules("a page without marks")


def test_a_test_is_shown_with_its_words_its_tables_and_its_arithmetic(tmp_path: Path) -> None:
    spec = tmp_path / "test_share.py"
    spec.write_text(
        '''"""What the file is about."""

BODY = {"subjects": """
    subject_id | kind
    S1         | department
"""}


def test_two_of_three_count():
    """Words of the test."""
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id
            C1      | S1
        """,
    )
    # Two of three.
    assert share(world) == 2 / 3
''',
        encoding="utf-8",
    )
    assert (
        "\n\n".join(SpecFile(spec).sections())
        == """What the file is about.

共用的表 Shared by the tests, `BODY`:

`subjects`

```text
subject_id | kind
S1         | department
```

### Two of three count

Words of the test.

```python
world = World(
    "2026-10",
    **BODY,
    cases=…,
)
```

`cases`

```text
case_id | subject_id
C1      | S1
```

```python
# Two of three.
assert share(world) == 2 / 3
```"""
    )
