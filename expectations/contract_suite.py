"""The expectations that follow from a contract: nothing about a record is stated here a second time.

A check is an SQL condition on a record (one scan counts all those of an entity), a join that leaves only the
failing records, or an SQL select of failing rows. Whose the failing records are is looked up where there are any.
"""

from dataclasses import dataclass

from expectations.expected_file import StatedTotal
from expectations.suite_model import Judgement, Suites, WrittenExpectation
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, ContractField, Label


@dataclass(frozen=True)
class Check:
    """One expectation, ready to run.

    It has one of: `fails`, a condition on the record `r`; `narrowed`, joins after `r` that leave only the failing
    records; `query`, which selects the failing rows; `needs_rows`. `scope` says of which records `r` it judges.
    """

    id: str
    entity: str
    field: str | None
    judgement: Judgement
    scope: str = "true"
    fails: str | None = None
    narrowed: str | None = None
    query: str | None = None
    evaluated_sql: str | None = None
    indicators: tuple[str, ...] = ()
    needs_rows: bool = False


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _filled(judgement: Judgement, **words: Label) -> Judgement:
    def fill(label: Label) -> Label:
        return Label(
            zh=label.zh.format(**{name: word.zh for name, word in words.items()}),
            en=label.en.format(**{name: word.en for name, word in words.items()}),
        )

    return Judgement(
        severity=judgement.severity,
        dimension=judgement.dimension,
        owner=fill(judgement.owner),
        label=fill(judgement.label),
        reason=fill(judgement.reason),
        remedy=fill(judgement.remedy),
    )


def record_id(contract: Contract, alias: str = "r") -> str:
    """SQL for a record's id: its key, the parts of a compound key joined by `|`."""
    parts = [f"cast({alias}.{quoted(name)} as varchar)" for name in contract.key]
    return parts[0] if len(parts) == 1 else f"concat_ws('|', {', '.join(parts)})"


def _same(text: str) -> Label:
    return Label(zh=text, en=text)


def _limit(contract_field: ContractField) -> Label:
    low, high = contract_field.minimum, contract_field.maximum
    if low is not None and high is not None:
        return _same(f"{low:g}…{high:g}")
    return _same(f"≥ {low:g}") if low is not None else _same(f"≤ {high:g}")


def _column_checks(
    contract: Contract, contract_field: ContractField, contracts: Contracts, suites: Suites
) -> list[Check]:
    checks, texts = [], suites.checks
    name, column = contract_field.name, f"r.{quoted(contract_field.name)}"
    words = {"entity": contract.label, "field": contract_field.label}

    def add(kind: str, judgement: Judgement, fails: str, scope: str | None = None) -> None:
        checks.append(
            Check(
                id=f"{contract.entity}.{name}.{kind}",
                entity=contract.entity,
                field=name,
                judgement=judgement,
                scope=f"{column} is not null" if scope is None else scope,
                fails=fails,
            )
        )

    def add_passing(kind: str, judgement: Judgement, passes: str) -> None:
        holds = passes.format(column=column)
        add(kind, judgement, f"{column} is not null and not coalesce(({holds}), false)")

    if contract_field.required:
        add("required", _filled(texts.required, **words), f"{column} is null", "true")
    if contract_field.type == "text" and (name in contract.key or contract_field.references):
        add_passing("key_form", _filled(texts.key_form, **words), "regexp_full_match({column}, '\\S+')")
    codes = contracts.codes_of(contract_field)
    if codes is not None and contract_field.type == "code":
        members = ", ".join(literal(code) for code in codes.codes)
        add("code", _filled(texts.code, **words), f"{column} not in ({members})")
    elif codes is not None:
        members = ", ".join(literal(code) for code in codes.codes)
        add_passing(
            "code_list", _filled(texts.code_list, **words), f"list_has_all([{members}], string_split({{column}}, ';'))"
        )
    if contract_field.minimum is not None or contract_field.maximum is not None:
        low, high = contract_field.minimum, contract_field.maximum
        bounds = [f"{column} {sign} {value!r}" for sign, value in (("<", low), (">", high)) if value is not None]
        add("range", _filled(texts.range, **words, limit=_limit(contract_field)), " or ".join(bounds))
    for kind, check in texts.formats.items():
        if name in check.fields:
            add_passing(kind, _filled(check, **words), check.passes)
    start = name.removesuffix("_to") + "_from"
    if name.endswith("_to") and start in contract.by_name:
        judgement = _filled(texts.period, **words, target=contract.field(start).label)
        add_passing("period", judgement, f"r.{quoted(start)} is null or {{column}} >= r.{quoted(start)}")
    if name == "updated_at" and "submitted_at" in contract.by_name:
        judgement = _filled(texts.version_order, **words, target=contract.field("submitted_at").label)
        add_passing("version_order", judgement, 'r."submitted_at" is null or {column} >= r."submitted_at"')
    return checks


def _reference_check(contract: Contract, contract_field: ContractField, contracts: Contracts, suites: Suites) -> Check:
    entity, target_field = str(contract_field.references).split(".")
    column = f"r.{quoted(contract_field.name)}"
    known = f"(select distinct {quoted(target_field)} as known from {entity} where {quoted(target_field)} is not null)"
    if contract_field.type == "list":
        # A list of a few hundred texts is repeated on many records: look each distinct text up once.
        wrong = (
            f"(select distinct written from (select written, unnest(string_split(written, ';')) as member from "
            f"(select distinct {quoted(contract_field.name)} as written from {{batch}} as w)) "
            f"where member not in (select known from {known}))"
        )
    else:
        wrong = (
            f"(select written from (select distinct {quoted(contract_field.name)} as written from {{batch}} as w) "
            f"where written is not null and written not in (select known from {known}))"
        )
    return Check(
        id=f"{contract.entity}.{contract_field.name}.reference",
        entity=contract.entity,
        field=contract_field.name,
        judgement=_filled(
            suites.checks.reference,
            entity=contract.label,
            field=contract_field.label,
            target=contracts.entities[entity].label,
        ),
        narrowed=f"inner join {wrong} as wrong on wrong.written = {column}",
        scope=f"{column} is not null",
    )


def _length_check(contract: Contract, suites: Suites) -> list[Check]:
    limits = {field.name: field.max_length for field in contract.fields if field.max_length is not None}
    if not limits:
        return []
    within = " and ".join(f"coalesce(length(r.{quoted(name)}) <= {limit}, true)" for name, limit in limits.items())
    key = f"r.{quoted(contract.key[0])}"
    return [
        Check(
            id=f"{contract.entity}.lengths",
            entity=contract.entity,
            field=None,
            judgement=_filled(suites.checks.lengths, entity=contract.label),
            scope=f"{key} is not null",
            fails=f"{key} is not null and not ({within})",
        )
    ]


def _entity_checks(contract: Contract, suites: Suites) -> list[Check]:
    words = {"entity": contract.label}
    needed = contract.entity in suites.checks.rows_needed
    keys = ", ".join(quoted(name) for name in contract.key)
    same_key = " and ".join(f"twice.{quoted(name)} = r.{quoted(name)}" for name in contract.key)
    # A key that comes twice has a hash that does, too: only such keys are grouped by themselves.
    twice = (
        f"(select {keys} from {{batch}} as w semi join "
        f"(select hash({keys}) as key_hash from {{batch}} as w group by key_hash having count(*) > 1) as several "
        f"on several.key_hash = hash({keys}) group by {keys} having count(*) > 1)"
    )
    key_label = Label(
        zh="＋".join(contract.field(name).label.zh for name in contract.key),
        en=" + ".join(contract.field(name).label.en for name in contract.key),
    )
    return [
        Check(
            id=f"{contract.entity}.has_rows",
            entity=contract.entity,
            field=None,
            judgement=_filled(suites.checks.has_rows if needed else suites.checks.no_rows, **words),
            needs_rows=True,
        ),
        Check(
            id=f"{contract.entity}.unique_key",
            entity=contract.entity,
            field=contract.key[0] if len(contract.key) == 1 else None,
            judgement=_filled(suites.checks.unique_key, **words, field=key_label),
            narrowed=f"inner join {twice} as twice on {same_key}",
        ),
    ]


def _repeated_check(contract: Contract, suites: Suites) -> Check:
    return Check(
        id=f"{contract.entity}.sent_once",
        entity=contract.entity,
        field=None,
        judgement=_filled(suites.checks.repeated, entity=contract.label),
        narrowed=f"inner join repeated_rows as repeated on repeated.entity = {literal(contract.entity)} "
        f"and repeated.record_id = {record_id(contract)} cross join generate_series(1, repeated.times)",
    )


def contract_checks(contract: Contract, contracts: Contracts, suites: Suites) -> list[Check]:
    """Every check that the contract of one entity implies, in the order of its fields."""
    checks = _entity_checks(contract, suites)
    for contract_field in contract.fields:
        checks += _column_checks(contract, contract_field, contracts, suites)
        if contract_field.references is not None:
            checks.append(_reference_check(contract, contract_field, contracts, suites))
    return [*checks, *_length_check(contract, suites), _repeated_check(contract, suites)]


def stated_checks(total: StatedTotal, contracts: Contracts, suites: Suites) -> list[Check]:
    """A total that somebody has stated, held against its own parts and against the records loaded."""
    entity, texts = total.entity, suites.checks
    contract = contracts.entities[entity]
    label = contract.field(total.field).label if total.field is not None else contract.label
    words = {"entity": contract.label, "field": label, "limit": _same(str(total.stated))}
    one = "select null as subject_id, 1 as evaluated"
    stated = f"(select * from stated_totals where entity = {literal(entity)})"
    checks = [
        Check(
            id=f"{entity}.stated_total",
            entity=entity,
            field=None,
            judgement=_filled(texts.stated_total, **words),
            query="select null as subject_id, null as record_id "
            "from (select count(*) as loaded from {batch} as r) as r "
            f"inner join {stated} as t on t.code is null where r.loaded <> t.stated",
            evaluated_sql=one,
        )
    ]
    if total.field is not None:
        column = quoted(total.field)
        checks += [
            Check(
                id=f"{entity}.stated_parts",
                entity=entity,
                field=total.field,
                judgement=_filled(texts.stated_parts, **words),
                query="select null as subject_id, null as record_id from ("
                "select sum(stated) filter (where code is not null) as parts, "
                f"sum(stated) filter (where code is null) as whole from {stated}) where parts <> whole",
                evaluated_sql=one,
            ),
            Check(
                id=f"{entity}.stated_by_{total.field}",
                entity=entity,
                field=total.field,
                judgement=_filled(texts.stated_by_code, **words),
                query=f"select null as subject_id, t.code as record_id from {stated} as t left join "
                f"(select {column} as code, count(*) as loaded from {{batch}} as r group by {column}) as r "
                "on r.code = t.code where t.code is not null and coalesce(r.loaded, 0) <> t.stated",
                evaluated_sql=f"select null as subject_id, count(*) as evaluated from {stated} where code is not null",
            ),
        ]
    return checks


def written_check(expectation: WrittenExpectation) -> Check:
    """A hand-written expectation as a check."""
    return Check(
        id=expectation.id,
        entity=expectation.entity,
        field=expectation.field,
        judgement=expectation,
        scope=expectation.scope,
        fails=expectation.fails,
        query=expectation.sql if expectation.fails is None else None,
        evaluated_sql=expectation.evaluated_sql,
        indicators=expectation.indicators,
    )
