with

-- The matters of the list by month are the units of the performance rate.
listed as (
    select * from {{ ref('performance_rate') }}
    where variant = 'all'
),

matters as (
    select * from {{ ref('dim_matter') }}
    where is_newest
),

power_acts as (
    select * from {{ ref('fct_power_acts') }}
),

acts_by_month as (
    select
        kind,
        subject_id,
        matter_id,
        month,
        count(*) as acts
    from power_acts
    group by
        kind,
        subject_id,
        matter_id,
        month
),

judged as (
    select
        listed.subject_id,
        listed.month,
        listed.unit_id,
        listed.record_entity,
        listed.record_id,
        listed.happened_at,
        coalesce(acts_by_month.acts, 0) as acts,
        case
            when matters.matter_id is null then 'undecidable'
            when acts_by_month.acts > 0 then 'hit'
            else 'excluded'
        end as state
    from listed
    left join matters
        on listed.unit_id = matters.matter_id
    left join acts_by_month
        on
            listed.subject_id = acts_by_month.subject_id
            and listed.unit_id = acts_by_month.matter_id
            and listed.month = acts_by_month.month
            and matters.kind = acts_by_month.kind
),

evidence_rows as (
    select
        'default' as variant,
        subject_id,
        {{ no_text() }} as agency_id,
        month,
        'matter' as unit_kind,
        unit_id,
        record_entity,
        record_id,
        happened_at,
        state,
        acts as numerator,
        case when state = 'hit' then 1 else 0 end as denominator,
        case state
            when 'undecidable' then 'UNKNOWN_MATTER'
            when 'excluded' then 'NO_ACT'
        end as reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
