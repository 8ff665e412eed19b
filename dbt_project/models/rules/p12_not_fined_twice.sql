with

cases as (
    select * from {{ ref('rule_cases') }}
),

all_cases as (
    select * from {{ ref('stg_cases') }}
),

-- Fines that still stand; the earlier decision of a pair may be older than the reported months.
fines as (
    select
        case_id,
        subject_id,
        party_id,
        matter_id,
        violation_on,
        violated_articles,
        decided_at
    from all_cases
    where
        decision = 'penalty'
        and decided_at is not null
        and revoked_at is null
        and party_id is not null
        and violation_on is not null
        and (coalesce(fine_amount, 0) > 0 or {{ has_code('penalty_types', "'fine'") }})
),

-- Of two decisions of one day of which one has no time of day nobody can say which came later. Of one body's two, one
-- fails all the same, and always the same one; between two bodies it stays open whose it is.
other_fines as (
    select
        cases.record_id,
        fines.decided_at,
        cases.decided_at > fines.decided_at
        or (cases.decided_at = fines.decided_at and cases.record_id > fines.case_id) as is_earlier,
        cases.subject_id <> fines.subject_id
        and {{ order_is_unknown('cases.decided_at', 'fines.decided_at') }} as is_order_unknown
    from cases
    inner join fines
        on
            cases.party_id = fines.party_id
            and cases.violation_on = fines.violation_on
            and cases.record_id <> fines.case_id
            and (cases.matter_id = fines.matter_id or cases.violated_articles = fines.violated_articles)
),

earlier_fines as (
    select
        record_id,
        min(case when is_earlier and not is_order_unknown then decided_at end) as first_decided_at,
        sum(case when is_earlier and not is_order_unknown then 1 else 0 end) as fined_before,
        sum(case when is_order_unknown then 1 else 0 end) as fined_that_day
    from other_fines
    group by record_id
),

judged as (
    select
        cases.record_id,
        case
            when not cases.is_penalty then 'NO_PENALTY'
            when coalesce(cases.fine_amount, 0) = 0 and cases.penalty_types is null then 'NO_PENALTY_TYPES'
            when
                coalesce(cases.fine_amount, 0) = 0 and not ({{ has_code('cases.penalty_types', "'fine'") }})
                then 'NO_FINE'
            when cases.party_id is null then 'NO_PARTY'
            when cases.violation_on is null then 'NO_VIOLATION_DATE'
            when earlier_fines.fined_before > 0 then 'FINED_BEFORE'
            when earlier_fines.fined_that_day > 0 then 'NO_CLOCK_TIME'
            when coalesce(earlier_fines.fined_before, 0) = 0 then 'PASS'
        end as outcome,
        earlier_fines.first_decided_at as from_at,
        cases.decided_at as to_at,
        1 + coalesce(earlier_fines.fined_before, 0) as observed,
        1 as allowed
    from cases
    left join earlier_fines
        on cases.record_id = earlier_fines.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
