with

coercions as (
    select * from {{ ref('rule_coercions') }}
),

documents as (
    select * from {{ ref('rule_documents') }}
    where activity_kind = 'coercion'
),

decision_documents as (
    {{ documents_named(
        'decision_document', 'coercions', 'documents', 'coercions.imposed_day', without='release_document'
    ) }}
),

decisions as (
    select
        record_id,
        {{ day_of('min(issued_at)') }} as decision_day
    from decision_documents
    group by record_id
),

dated as (
    select
        coercions.*,
        {{ parameter_at('days', 'coercions', 'coercions.imposed_day') }} as days,
        {{ parameter_at('extension_days', 'coercions', 'coercions.imposed_day') }} as extension_days,
        {{ parameter_at('working_days', 'coercions', 'coercions.imposed_day') }} as working_days
    from coercions
),

-- An extension counts if it was made before the first limit had run out.
limited as (
    select
        dated.record_id,
        dated.measure,
        dated.imposed_at,
        dated.imposed_day,
        dated.released_at,
        dated.released_day,
        dated.known_day,
        dated.working_days,
        decisions.decision_day,
        case
            when {{ days_between('imposed_day', 'extended_day') }} between 0 and days
                then days + extension_days
            else days
        end as days_allowed,
        {{ days_between('imposed_day', 'coalesce(released_day, known_day)') }} as days_taken
    from dated
    left join decisions
        on dated.record_id = decisions.record_id
),

measured as (
    select
        limited.*,
        last_day.day as last_day
    from limited
    {{ working_day_joins('limited.imposed_day', 'limited.decision_day', 'limited.working_days') }}
),

judged as (
    select
        record_id,
        case
            when measure <> 'freeze' then 'OTHER_MEASURE'
            when days_allowed is null or working_days is null then 'NOT_IN_FORCE'
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
