with

cases as (
    select * from {{ ref('rule_cases') }}
),

documents as (
    select * from {{ ref('rule_documents') }}
    where activity_kind = 'case'
),

named_documents as (
    {{ documents_named('decision_document', 'cases', 'documents', 'cases.decided_day') }}
),

decision_documents as (
    select
        record_id,
        count(*) as documents,
        min(issued_at) as issued_at,
        sum(case when complete then 1 else 0 end) as complete_documents,
        sum(case when not complete then 1 else 0 end) as incomplete_documents
    from named_documents
    group by record_id
),

judged as (
    select
        cases.record_id,
        case
            when not cases.is_decided then 'NO_DECISION'
            when decision_documents.documents is null then 'NO_DOCUMENT'
            when decision_documents.incomplete_documents > 0 then 'INCOMPLETE'
            when decision_documents.complete_documents < decision_documents.documents then 'NOT_CHECKED'
            when decision_documents.complete_documents = decision_documents.documents then 'PASS'
        end as outcome,
        cases.decided_at as from_at,
        decision_documents.issued_at as to_at,
        decision_documents.complete_documents as observed,
        decision_documents.documents as allowed
    from cases
    left join decision_documents
        on cases.record_id = decision_documents.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
