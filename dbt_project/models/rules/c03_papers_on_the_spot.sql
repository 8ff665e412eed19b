with

coercions as (
    select * from {{ ref('rule_coercions') }}
),

documents as (
    select * from {{ ref('rule_documents') }}
    where activity_kind = 'coercion'
),

decision_words as (
    {{ parameter_rows('decision_document') }}
),

list_words as (
    {{ parameter_rows('list_document') }}
),

release_words as (
    {{ parameter_rows('release_document') }}
),

-- The earliest decision and the earliest list of each measure; a document on the release is neither.
papers as (
    select
        coercions.record_id,
        min(case
            when documents.kind like '%' || decision_words.code || '%' then documents.issued_at
        end) as decision_at,
        min(case when documents.kind like '%' || list_words.code || '%' then documents.issued_at end) as list_at
    from coercions
    inner join documents
        on coercions.record_id = documents.record_id
    cross join decision_words
    cross join list_words
    cross join release_words
    where documents.kind not like '%' || release_words.code || '%'
    group by coercions.record_id
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
