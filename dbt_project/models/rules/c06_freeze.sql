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

release_words as (
    {{ parameter_rows('release_document') }}
),

decisions as (
    select
        documents.record_id,
        {{ day_of('min(documents.issued_at)') }} as decision_day
    from documents
    inner join decision_words
        on documents.kind like '%' || decision_words.code || '%'
    cross join release_words
    where documents.kind not like '%' || release_words.code || '%'
    group by documents.record_id
),

-- An extension counts if it was made before the first limit had run out.
limited as (
    select
        coercions.record_id,
        coercions.measure,
        coercions.imposed_at,
        coercions.imposed_day,
        coercions.released_at,
        coercions.released_day,
        coercions.known_day,
        decisions.decision_day,
        case
            when {{ days_between('imposed_day', 'extended_day') }} between 0 and {{ rule_constant('days') }}
                then {{ rule_constant('days') }} + {{ rule_constant('extension_days') }}
            else {{ rule_constant('days') }}
        end as days_allowed,
        {{ days_between('imposed_day', 'coalesce(released_day, known_day)') }} as days_taken
    from coercions
    left join decisions
        on coercions.record_id = decisions.record_id
),

measured as (
    select
        limited.*,
        last_day.day as last_day
    from limited
    {{ working_day_joins('limited.imposed_day', 'limited.decision_day', rule_constant('working_days')) }}
),

judged as (
    select
        record_id,
        case
            when measure <> 'freeze' then 'OTHER_MEASURE'
            when released_day < imposed_day then 'DATES_REVERSED'
            when released_at is not null and days_taken > days_allowed then 'LATE'
            when released_at is null and days_taken > days_allowed then 'STILL_FROZEN'
            when decision_day > last_day then 'DECISION_LATE'
            when last_day is null then 'NO_CALENDAR'
            when decision_day is null and known_day <= last_day then 'NOT_DUE'
            when decision_day is null then 'NO_DOCUMENT'
            when released_at is null then 'NOT_DUE'
            when days_taken <= days_allowed and decision_day <= last_day then 'PASS'
        end as outcome,
        imposed_at as from_at,
        released_at as to_at,
        days_taken as observed,
        days_allowed as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
