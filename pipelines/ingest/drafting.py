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
from pipelines.ingest.money_units import YUAN, unit_of_header, units_around
from pipelines.ingest.samples import Sample
from pipelines.ingest.text_table import TextTable
from pipelines.ingest.usual_headers import OFFICERS, PLAIN_NUMBER, ROW_NUMBER, USUAL_HEADERS

#: A column is proposed for a field from this similarity on (0 to 1), and marked as a guess below `_SURE`.
_LIKELY = 0.55
_SURE = 0.85
#: More distinct values than this are no code.
_MOST_CODES = 60
#: `115/10/03`, `民國115年10月3日`, `1151003`; a year of four digits is none of them.
_ROC_DATE = re.compile(
    r"^(?:(?:中華民國|中华民国|民國|民国)?\s*\d{2,3}\s*[/.\-年]\s*\d{1,2}\s*[/.\-月]\s*\d{1,2}\s*日?|1\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))$"
)
#: A column is dated by another calendar if so many of its values are.
_MOSTLY = 0.8
_DATE = re.compile(r"^\d{4}[/.\-年]\d{1,2}[/.\-月]\d{1,2}日?(?:[ T].*)?$")
_CREDIT_CODE = re.compile(r"^(?=.*\d)[0-9A-HJ-NP-RT-UW-Y]{18}$")
#: Required fields are preferred where two fields fit a column about as well.
_REQUIRED_FIRST = 0.06


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
    (re.compile("编码|代码|号码|編號"), "编号"),
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
    if re.sub(r"[（(\[【].*?[）)\]】]", "", folded) in USUAL_HEADERS.get(field.name, ()):
        return 0.97
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


class _Values:
    """The columns of a table, and how well each can be read as a field: reckoned once per kind of field."""

    def __init__(self, table: TextTable, contracts: Contracts) -> None:
        self.table = table
        self.contracts = contracts
        self._fits: dict[tuple[int, str], float | None] = {}

    def column(self, position: int) -> pl.Series:
        return self.table.frame[str(position)]

    def fit(self, position: int, field: ContractField) -> float | None:
        """The share of a column that can be read as the field; None without values, or if any text would do."""
        # Reading depends on nothing that names the field or says where it stands.
        kind = field.model_dump_json(exclude={"name", "label", "required", "references", "pii"})
        if (position, kind) not in self._fits:
            self._fits[position, kind] = _fits(self.column(position), field, self.contracts)
        return self._fits[position, kind]


def _fits(values: pl.Series, field: ContractField, contracts: Contracts) -> float | None:
    held = values.drop_nulls()
    if not held.len():
        return None
    if field.type == "text" or (field.type == "list" and field.codes is None):
        return None
    if field.type in ("date", "datetime") and _share(held, _ROC_DATE) >= _MOSTLY:
        return 1.0
    frame = held.alias("0").to_frame()
    typed, _ = cast_field(frame["0"], field, contracts, first_look(frame, {"0": field}, contracts)["0"])
    share = 1 - typed.null_count() / held.len()
    if field.type == "code" and share < 1 and held.n_unique() <= _MOST_CODES:
        # Other words for the codes count half: they can be translated.
        share = max(share, 0.5)
    return share


def _share(held: pl.Series, pattern: re.Pattern[str]) -> float:
    """The share of the values that the pattern matches."""
    texts = held.to_list()
    return sum(bool(pattern.match(text)) for text in texts) / len(texts) if texts else 0.0


def _score(columns: _Values, position: int, field: ContractField, contract: Contract) -> float:
    header, values = columns.table.headers[position], columns.column(position)
    bare = folded_header(header)
    if ROW_NUMBER.fullmatch(bare):
        return 0.0
    own_key = field.name == contract.key[0] and len(contract.key) == 1
    if PLAIN_NUMBER.fullmatch(bare):
        # A bare number is that of the table's own records, and of nothing else.
        by_header = 0.8 if own_key and values.n_unique() >= _MOSTLY * values.len() else 0.0
    else:
        by_header = _similar(header, field)
    fit = columns.fit(position, field)
    if fit is None:
        return by_header * (_evidence_of_id(values, field, own_key=own_key) if field.name.endswith("_id") else 1.0)
    if fit < 0.2:
        return by_header * 0.4
    return by_header if by_header >= 0.95 else 0.75 * by_header + 0.25 * fit


def _evidence_of_id(values: pl.Series, field: ContractField, *, own_key: bool) -> float:
    """How far the values speak against an id: 1 if they do not."""
    held = values.drop_nulls()
    if not held.len():
        return 1.0
    if _share(held, _DATE) > 0.5 or _share(held, _ROC_DATE) > _MOSTLY:
        return 0.3
    if _share(held, _CREDIT_CODE) > 0.5:
        # Codes of persons and organisations: of whom something is inspected or decided.
        return 1.0 if field.name in ("object_id", "party_id") else 0.6
    # A number of records that mostly repeat is not that of the table's own.
    return 0.6 if own_key and held.len() >= 4 and held.n_unique() < 0.5 * held.len() else 1.0


def _assign(columns: _Values, contract: Contract) -> list[Guess]:
    """The best column of each field, every column at most once."""
    scored = [
        Guess(field, position, _score(columns, position, field, contract))
        for position, header in enumerate(columns.table.headers)
        if header
        for field in contract.fields
    ]
    taken_fields: set[str] = set()
    taken_columns: set[int] = set()
    chosen = []

    def preference(one: Guess) -> tuple[float, int, str]:
        return -one.score - (_REQUIRED_FIRST if one.field.required else 0.0), one.position, one.field.name

    for guess in sorted(scored, key=preference):
        if guess.score < _LIKELY or guess.field.name in taken_fields or guess.position in taken_columns:
            continue
        taken_fields.add(guess.field.name)
        taken_columns.add(guess.position)
        chosen.append(guess)
    return chosen


def _best_entity(columns: _Values) -> tuple[str, float]:
    """The entity whose fields the headers name best, and how well; those that it requires count double."""
    entities = columns.contracts.entities
    best, best_score = next(iter(entities)), float("-inf")
    for entity in entities:
        score = _fitness(columns, entity)
        if score > best_score:
            best, best_score = entity, score
    return best, best_score


def _fitness(columns: _Values, entity: str) -> float:
    contract = columns.contracts.entities[entity]
    guesses = _assign(columns, contract)
    required = {field.name for field in contract.required_fields if field.default is None}
    found = sum(one.score * (2 if one.field.name in required else 1) for one in guesses if one.score > 0.65)
    return found - 0.5 * len(required - {one.field.name for one in guesses})


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
    if guess.field.type in ("date", "datetime") and _share(held, _ROC_DATE) >= _MOSTLY:
        more.append("        calendar: roc")
    if guess.field.type == "money":
        own = unit_of_header(header)
        units = (own,) if own is not None else units_around(table)
        if units and units != (YUAN,):
            choice = units[0] if len(units) == 1 and units[0] == "万元" else "元  # 待核 check: " + "、".join(units)
            more.append(f"        unit: {choice}")
    more += _values_lines(guess, values, contracts)
    remark = "" if guess.score >= _SURE else f"  # 请核对 check: {guess.field.label.zh} {guess.field.label.en}?"
    if not more:
        return [f"      {guess.field.name}: {_quoted(header)}{remark}"]
    return [f"      {guess.field.name}:{remark}", f"        from: {_quoted(header)}", *more]


def _pattern_of(name: str) -> str:
    """The file's name with its digits as `*`, so that next month's file is taken too."""
    return re.sub(r"\*[\d\-_.年月日]*\*", "*", re.sub(r"\d+", "*", Path(name).stem)) + Path(name).suffix


#: Activities whose table may name its officers: the participations are drafted as well.
_WITH_OFFICERS = {"inspections": "inspection", "cases": "case"}
_OFFICER_NUMBERS = re.compile(r"^[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*(?:[;；、,，\s/／]+[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*)*$")


def _officer_columns(table: TextTable) -> list[str]:
    """The headers of columns that hold numbers of officers; names are no numbers."""
    return [
        header
        for position, header in enumerate(table.headers)
        if OFFICERS.fullmatch(folded_header(header))
        and _share(table.frame[str(position)].drop_nulls(), _OFFICER_NUMBERS) >= _MOSTLY
    ]


def _officer_lines(entity: str, key: str, officers: list[str], sample: Sample) -> list[str]:
    named = [f"{{{header}}}" for header in officers]
    members = named[0] if len(named) == 1 else "join(" + ', ";", '.join(named) + ")"
    return [
        "",
        "  # 执法人员：一人一条参与记录。The officers: one participation for each.",
        f"  - files: [{_quoted(_pattern_of(sample.name))}]",
        "    entity: participations",
        f"    repeat: 'count({members})'",
        "    extra: drop",
        "    columns:",
        f"      activity_kind: {{constant: {_WITH_OFFICERS[entity]}}}",
        f"      activity_id: {_quoted(key)}",
        f"      officer_id: {{expression: 'member({members}, number({{#}}))'}}",
    ]


def _best_sample(samples: Sequence[Sample], contracts: Contracts, entity: str | None) -> tuple[Sample, str, _Values]:
    """The table that fits `entity`, or any, best; the first of equals."""
    fitting = []
    for sample in samples:
        columns = _Values(sample.table, contracts)
        named, score = _best_entity(columns) if entity is None else (entity, _fitness(columns, entity))
        fitting.append(((sample.table.frame.height > 0, score), (sample, named, columns)))
    return max(fitting, key=lambda one: one[0])[1]


def _sheet_lines(sample: Sample, samples: Sequence[Sample]) -> list[str]:
    """Which sheets the mapping reads: all with the same headers, or the one it was drafted from beside others."""
    if sample.sheet is None:
        return []
    beside = [one for one in samples if one.name == sample.name and one.sheet is not None and one is not sample]
    alike = [one.sheet for one in beside if one.table.headers == sample.table.headers]
    others = "、".join(one.sheet or "" for one in beside if one.table.headers != sample.table.headers)
    lines = []
    if alike:
        same = "、".join([sample.sheet, *(sheet or "" for sheet in alike)])
        lines.append(f"    # 表头相同的工作表都读 Sheets with these headers are all read: {same}")
    if others:
        lines.append(f"    # 其他工作表未读取 Other sheets, which it does not read: {others}")
    if others and not alike:
        lines.append(f"    read: {{sheet: {_quoted(sample.sheet)}}}")
    return lines


def draft_mapping(samples: Sequence[Sample], contracts: Contracts, *, entity: str | None = None) -> Draft:
    """A mapping for the one of `samples` that fits best; `entity` is found out if it is None.

    Raises UsageError for an unknown entity, or if there is no table.
    """
    if entity is not None and entity not in contracts.entities:
        raise UsageError(f"--entity {entity}: there is no such entity. Choose from: {', '.join(contracts.entities)}.")
    if not samples:
        raise UsageError("the file holds no table. Give a file with a header row.")
    sample, entity, columns = _best_sample(samples, contracts, entity)
    table = sample.table
    contract = contracts.entities[entity]
    guesses = _assign(columns, contract)
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
    lines += _sheet_lines(sample, samples)
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
    officers = _officer_columns(table) if entity in _WITH_OFFICERS else []
    unused = [header for position, header in enumerate(table.headers) if header and position not in used]
    if unused:
        lines.append("    # 未使用的列，原样另存 Columns not used, kept aside:")
        lines += [f"    #   {_quoted(header)}" for header in unused]
    left = [field for field in contract.fields if field.name not in by_field and field not in missing]
    if left:
        lines.append("    # 还可以对应的字段 Fields that may be mapped as well:")
        lines += [f"    #   {field.name}  {field.label.zh} {field.label.en}" for field in left]
    if officers and contract.key[0] in by_field:
        lines += _officer_lines(entity, table.headers[by_field[contract.key[0]].position], officers, sample)
    return Draft("\n".join(lines) + "\n", entity, tuple(guesses), tuple(field.name for field in missing))
