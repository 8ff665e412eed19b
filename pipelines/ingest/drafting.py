"""Drafts a mapping from a file: which column may be which field, by header and by value. A person completes it.

The draft is YAML text with comments: what was recognised, how surely, which values fit no code, and what is missing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, ContractField
from pipelines.errors import UsageError
from pipelines.ingest.casting import cast_field
from pipelines.ingest.codes import spellings
from pipelines.ingest.first_look import first_look
from pipelines.ingest.headers import folded_header
from pipelines.ingest.samples import Sample
from pipelines.ingest.text_table import TextTable

#: A column is proposed for a field from this similarity on (0 to 1), and marked as a guess below `_SURE`.
_LIKELY = 0.55
_SURE = 0.85
#: More distinct values than this are no code.
_MOST_CODES = 60
_ROC_DATE = re.compile(r"^(?:中華民國|民國)?\s*\d{2,3}[/.\-年]\d{1,2}[/.\-月]\d{1,2}日?$")
_TEN_THOUSANDS = re.compile(r"万元|萬元")


@dataclass(frozen=True)
class Guess:
    """A column proposed for a field; `score` from 0 to 1."""

    field: ContractField
    position: int
    score: float


@dataclass(frozen=True)
class Draft:
    """A mapping's text, the entity it is for, and what was proposed."""

    text: str
    entity: str
    guesses: tuple[Guess, ...]
    missing: tuple[str, ...]


#: Words that platforms use for the same thing in a header.
_SAME = (
    (re.compile("单位|机关|部门|單位|機關"), "主体"),
    (re.compile("渠道|途径"), "来源"),
    (re.compile("日期|日$"), "时间"),
    (re.compile("编码|代码|号码|編號|序号"), "编号"),
)


#: What a field's name ends in, whatever it is about.
_ENDINGS = re.compile("(?:编号|时间|名称|金额|类别|结果|_id|_at|_on|_no)$")


def _in_common_words(text: str) -> str:
    for pattern, word in _SAME:
        text = pattern.sub(word, text)
    return re.sub(r"(..)\1", r"\1", text)


def _similar(header: str, field: ContractField) -> float:
    folded = folded_header(header)
    plain = [folded_header(name) for name in (field.name, field.label.zh, field.label.en)]
    if folded in plain:
        return 1.0
    folded, names = _in_common_words(folded), [_in_common_words(name) for name in plain]
    # A unit or a remark in brackets is no part of the name: 罚款金额（万元）.
    bare = re.sub(r"[（(\[【].*?[）)\]】]", "", folded)
    if bare in names:
        return 0.95
    best = max(SequenceMatcher(None, bare, name).ratio() for name in names if name)
    if any(len(name) > 1 and (name in bare or bare in name) for name in names if bare):
        best = max(best, 0.7)
    cores = [core for name in names if len(core := _ENDINGS.sub("", name)) > 1]
    if any(core in bare for core in cores):
        best = max(best, 0.6)
    return min(best, 0.9)


def _fits(values: pl.Series, field: ContractField, contracts: Contracts) -> float | None:
    """The share of a column's values that can be read as the field; None without values, or if any text would do."""
    held = values.drop_nulls()
    if not held.len():
        return None
    if field.type == "text" or (field.type == "list" and field.codes is None):
        return None
    if field.type in ("date", "datetime"):
        roc = held.map_elements(lambda text: bool(_ROC_DATE.match(text)), return_dtype=pl.Boolean)
        if roc.mean() == 1.0:
            return 1.0
    frame = held.alias("0").to_frame()
    typed, _ = cast_field(frame["0"], field, contracts, first_look(frame, {"0": field}, contracts)["0"])
    share = 1 - typed.null_count() / held.len()
    if field.type == "code" and share < 1 and held.n_unique() <= _MOST_CODES:
        # Other words for the codes count half: they can be translated.
        share = max(share, 0.5)
    return share


def _score(header: str, values: pl.Series, field: ContractField, contracts: Contracts) -> float:
    by_header = _similar(header, field)
    fit = _fits(values, field, contracts)
    if fit is None:
        return by_header
    if fit < 0.2:
        return by_header * 0.4
    return by_header if by_header >= 0.95 else 0.75 * by_header + 0.25 * fit


def _assign(table: TextTable, contract: Contract, contracts: Contracts) -> list[Guess]:
    """The best column of each field, every column at most once."""
    scored = [
        Guess(field, position, _score(header, table.frame[str(position)], field, contracts))
        for position, header in enumerate(table.headers)
        if header
        for field in contract.fields
    ]
    taken_fields: set[str] = set()
    taken_columns: set[int] = set()
    chosen = []
    for guess in sorted(scored, key=lambda one: (-one.score, one.position, one.field.name)):
        if guess.score < _LIKELY or guess.field.name in taken_fields or guess.position in taken_columns:
            continue
        taken_fields.add(guess.field.name)
        taken_columns.add(guess.position)
        chosen.append(guess)
    return chosen


def _entity_of(table: TextTable, contracts: Contracts) -> str:
    """The entity whose fields the headers name best; those that it requires count double."""
    best, best_score = next(iter(contracts.entities)), -1.0
    for entity, contract in contracts.entities.items():
        guesses = _assign(table, contract, contracts)
        required = {field.name for field in contract.required_fields if field.default is None}
        found = sum(one.score * (2 if one.field.name in required else 1) for one in guesses if one.score > 0.65)
        missing = len(required - {one.field.name for one in guesses})
        score = found - 0.5 * missing
        if score > best_score:
            best, best_score = entity, score
    return best


def _quoted(text: str) -> str:
    """A YAML scalar: JSON's quotes are YAML's too."""
    return json.dumps(text, ensure_ascii=False)


def _values_lines(guess: Guess, values: pl.Series, contracts: Contracts) -> list[str]:
    """The `values` of a coded column: its own words, each with the code it may mean."""
    codes = contracts.codes_of(guess.field)
    distinct = values.drop_nulls().unique().sort().to_list()
    if codes is None or guess.field.type == "list" or len(distinct) > _MOST_CODES:
        return []
    accepted = spellings(codes)
    folded = {re.sub(r"\s+", "", text).casefold(): text for text in distinct}
    if all(text in accepted for text in folded):
        return []
    lines = ["        values:"]
    for key, text in folded.items():
        exact = accepted.get(key)
        code = exact or _nearest(key, accepted)
        remark = "" if exact else "  # 请核对 check" if code else f"  # 待填 one of: {', '.join(codes.codes)}"
        lines.append(f"          {_quoted(text)}: {code or '待填'}{remark}")
    return lines


def _nearest(word: str, accepted: dict[str, str]) -> str | None:
    """The one code whose spellings are most like `word`; None if none is, or if two are equally so."""
    by_code: dict[str, float] = {}
    for spelling, code in accepted.items():
        by_code[code] = max(by_code.get(code, 0.0), _likeness(word, spelling))
    best, *others = sorted(by_code.items(), key=lambda pair: -pair[1])
    return best[0] if best[1] >= 0.5 and (not others or others[0][1] < best[1]) else None


def _likeness(one: str, other: str) -> float:
    inside = len(other) > 1 and (other in one or one in other)
    return max(SequenceMatcher(None, one, other).ratio(), 0.6 if inside else 0.0)


def _column_lines(guess: Guess, table: TextTable, contracts: Contracts) -> list[str]:
    header = table.headers[guess.position]
    values = table.frame[str(guess.position)]
    held = values.drop_nulls()
    more: list[str] = []
    if (
        guess.field.type in ("date", "datetime")
        and held.len()
        and all(_ROC_DATE.match(text) for text in held.to_list())
    ):
        more.append("        calendar: roc")
    if guess.field.type == "money" and _TEN_THOUSANDS.search(header):
        more.append("        unit: 万元")
    more += _values_lines(guess, values, contracts)
    remark = "" if guess.score >= _SURE else f"  # 请核对 check: {guess.field.label.zh} {guess.field.label.en}?"
    if not more:
        return [f"      {guess.field.name}: {_quoted(header)}{remark}"]
    return [f"      {guess.field.name}:{remark}", f"        from: {_quoted(header)}", *more]


def _pattern_of(name: str) -> str:
    """The file's name with its digits as `*`, so that next month's file is taken too."""
    return re.sub(r"\*[\d\-_.年月日]*\*", "*", re.sub(r"\d+", "*", Path(name).stem)) + Path(name).suffix


def draft_mapping(samples: Sequence[Sample], contracts: Contracts, *, entity: str | None = None) -> Draft:
    """A mapping for the first of `samples` that has rows, or headers; `entity` is found out if it is None.

    Raises UsageError for an unknown entity, or if there is no table.
    """
    if entity is not None and entity not in contracts.entities:
        raise UsageError(f"--entity {entity}: there is no such entity. Choose from: {', '.join(contracts.entities)}.")
    if not samples:
        raise UsageError("the file holds no table. Give a file with a header row.")
    sample = max(samples, key=lambda one: (one.table.frame.height > 0, len(one.table.headers)))
    table = sample.table
    entity = entity or _entity_of(table, contracts)
    contract = contracts.entities[entity]
    guesses = _assign(table, contract, contracts)
    by_field = {guess.field.name: guess for guess in guesses}
    used = {guess.position for guess in guesses}
    missing = [f for f in contract.required_fields if f.name not in by_field and f.default is None]
    lines = [
        f"# {contract.label.zh} {contract.label.en}：由 {sample.name} 起草的映射，请逐行核对，再用 map check 预览。",
        f"# A mapping drafted from {sample.name}. Check every line, then look at it with `hengfa map check`.",
        "sources:",
        f"  - files: [{_quoted(_pattern_of(sample.name))}]",
        f"    entity: {entity}",
    ]
    if sample.sheet is not None:
        lines.append(f"    read: {{sheet: {_quoted(sample.sheet)}}}")
    lines.append("    columns:")
    for field in contract.fields:
        if field.name in by_field:
            lines += _column_lines(by_field[field.name], table, contracts)
        elif field in missing:
            lines.append(
                f"      # {field.name}: 待填，必填 required: {field.label.zh} {field.label.en}. "
                "from / constant / template / key / expression"
            )
    if not guesses:
        lines.append("      {}")
    unused = [header for position, header in enumerate(table.headers) if header and position not in used]
    if unused:
        lines.append("    # 未使用的列，原样另存 Columns not used, kept aside:")
        lines += [f"    #   {_quoted(header)}" for header in unused]
    left = [field for field in contract.fields if field.name not in by_field and field not in missing]
    if left:
        lines.append("    # 还可以对应的字段 Fields that may be mapped as well:")
        lines += [f"    #   {field.name}  {field.label.zh} {field.label.en}" for field in left]
    return Draft("\n".join(lines) + "\n", entity, tuple(guesses), tuple(field.name for field in missing))
