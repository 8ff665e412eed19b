"""The mapping that `docs/mappings.md` shows is one that is accepted."""

import re
from pathlib import Path

from pipelines.contract.loader import load_contracts
from pipelines.ingest.mapping_file import read_mapping

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "mappings.md"


def test_the_mapping_shown_is_valid_but_for_the_two_fields_it_leaves_out(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    text = found[1] + "      matter_id: {constant: M1}\n      procedure: {constant: ordinary}\n"
    (tmp_path / "m.yml").write_text(text, encoding="utf-8")
    source = read_mapping(tmp_path / "m.yml", load_contracts()).content.sources[0]
    assert {"subject_id", "fine_amount", "violated_articles", "decision"} <= set(source.columns)
