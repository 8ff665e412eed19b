with

leads as (
    select * from {{ ref('rule_leads') }}
),

measured as (
    select
        leads.record_id,
        leads.disposition,
        leads.case_id,
        leads.received_at,
        leads.acted_at,
        {{ parameter_at('days', 'leads', day_of('leads.received_at')) }} as days,
        {{ days_between(day_of('leads.received_at'), 'coalesce(' ~ day_of('leads.acted_at') ~ ', leads.known_day)') }}
            as days_taken
    from leads
),

judged as (
    select
        record_id,
        case
            when disposition in ('duplicate', 'rejected', 'transferred') then 'NOT_TAKEN_ON'
            when days is null then 'NO_LIMIT'
            when acted_at < received_at and days_taken < 0 then 'DATES_REVERSED'
            when acted_at is not null and days_taken <= days then 'PASS'
            when acted_at is not null and days_taken > days then 'LATE'
            when disposition in ('case_filed', 'handled', 'no_violation') or case_id is not null then 'NO_ACTION_DATE'
            when days_taken > days then 'NO_ACTION'
            when days_taken <= days then 'NOT_DUE'
        end as outcome,
        received_at as from_at,
        acted_at as to_at,
        days_taken as observed,
        days as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'leads') }}
)

select * from rule_rows
