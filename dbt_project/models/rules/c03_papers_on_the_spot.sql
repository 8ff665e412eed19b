with

coercions as (
    select * from {{ ref('rule_coercions') }}
),

documents as (
    select * from {{ ref('rule_documents') }}
    where activity_kind = 'coercion'
),

-- A document on the release is neither the decision nor the list.
decision_documents as (
    {{ documents_named(
        'decision_document', 'coercions', 'documents', 'coercions.imposed_day', without='release_document'
    ) }}
),

list_documents as (
    {{ documents_named(
        'list_document', 'coercions', 'documents', 'coercions.imposed_day', without='release_document'
    ) }}
),

first_decisions as (
    select
        record_id,
        min(issued_at) as decision_at
    from decision_documents
    group by record_id
),

first_lists as (
    select
        record_id,
        min(issued_at) as list_at
    from list_documents
    group by record_id
),

papers as (
    select
        coercions.record_id,
        first_decisions.decision_at,
        first_lists.list_at
    from coercions
    left join first_decisions
        on coercions.record_id = first_decisions.record_id
    left join first_lists
        on coercions.record_id = first_lists.record_id
),

measured as (
    select
        coercions.record_id,
        coercions.measure,
        coercions.imposed_at,
        coercions.imposed_day,
        papers.decision_at,
        papers.list_at,
        case
            when papers.list_at > papers.decision_at then papers.list_at
            else coalesce(papers.decision_at, papers.list_at)
        end as later_paper_at
    from coercions
    left join papers
        on coercions.record_id = papers.record_id
),

judged as (
    select
        record_id,
        case
            when measure not in ('seal', 'seize') then 'OTHER_MEASURE'
            when {{ day_of('later_paper_at') }} > imposed_day then 'NOT_ON_THE_SPOT'
            when decision_at is null or list_at is null then 'NO_DOCUMENT'
            when {{ day_of('later_paper_at') }} <= imposed_day then 'PASS'
        end as outcome,
        imposed_at as from_at,
        later_paper_at as to_at,
        {{ days_between('imposed_day', day_of('later_paper_at')) }} as observed,
        0 as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
