with

cases as (
    select * from {{ ref('rule_cases') }}
),

all_cases as (
    select * from {{ ref('stg_cases') }}
),

numbers as (
    select
        subject_id,
        document_no,
        count(*) as decisions
    from all_cases
    where document_no is not null
    group by subject_id, document_no
),

judged as (
    select
        cases.record_id,
        case
            when not cases.is_penalty then 'NO_PENALTY'
            when cases.procedure <> 'simple' then 'ORDINARY_PROCEDURE'
            when cases.document_no is null then 'NO_NUMBER'
            when numbers.decisions > 1 then 'NUMBER_REUSED'
            when numbers.decisions = 1 then 'PASS'
        end as outcome,
        cases.decided_at as from_at,
        cast(null as {{ dbt.type_timestamp() }}) as to_at,
        numbers.decisions as observed,
        1 as allowed
    from cases
    left join numbers
        on
            cases.subject_id = numbers.subject_id
            and cases.document_no = numbers.document_no
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
