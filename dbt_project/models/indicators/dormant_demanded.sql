with

powers as (
    select * from {{ ref('dim_power') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
    where is_newest
),

power_acts as (
    select * from {{ ref('fct_power_acts') }}
),

leads as (
    select * from {{ ref('fct_leads') }}
),

period_months as (
    select * from {{ ref('dim_period') }}
    where period_kind = 'r12'
),

twelve_months as (
    select
        min(month) as first_day,
        max(last_day) as last_day,
        max(month) as month
    from period_months
),

-- The times of a power on the list, touching ones joined: a new row for the duty list does not interrupt it.
spans_in_order as (
    select
        subject_id,
        matter_id,
        valid_from,
        valid_to,
        max(valid_to) over (
            partition by subject_id, matter_id
            order by valid_from asc, valid_to asc
            rows between unbounded preceding and 1 preceding
        ) as valid_before
    from powers
),

numbered_spans as (
    select
        spans_in_order.*,
        sum(case when valid_before >= {{ day_plus('valid_from', -1) }} then 0 else 1 end) over (
            partition by subject_id, matter_id
            order by valid_from asc, valid_to asc
            rows between unbounded preceding and current row
        ) as span_number
    from spans_in_order
),

joined_spans as (
    select
        subject_id,
        matter_id,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from numbered_spans
    group by subject_id, matter_id, span_number
),

powers_all_year as (
    select
        joined_spans.subject_id,
        joined_spans.matter_id,
        twelve_months.month
    from joined_spans
    inner join twelve_months
        on
            joined_spans.valid_from <= twelve_months.first_day
            and joined_spans.valid_to >= twelve_months.last_day
),

used_powers as (
    select distinct
        power_acts.kind,
        power_acts.subject_id,
        power_acts.matter_id
    from power_acts
    inner join period_months
        on power_acts.month = period_months.month
),

ranked_leads as (
    select
        leads.subject_id,
        leads.matter_id,
        leads.lead_id,
        leads.received_at,
        count(*) over (partition by leads.subject_id, leads.matter_id) as leads,
        row_number() over (
            partition by leads.subject_id, leads.matter_id
            order by leads.received_at desc, leads.lead_id desc
        ) as lead_rank
    from leads
    inner join period_months
        on leads.month = period_months.month
    where leads.matter_id is not null
),

-- The newest lead stands for the demand.
demand as (
    select * from ranked_leads
    where lead_rank = 1
),

judged as (
    select
        powers_all_year.subject_id,
        powers_all_year.month,
        powers_all_year.matter_id as unit_id,
        demand.lead_id as record_id,
        demand.received_at as happened_at,
        case
            when matters.matter_id is null then 'undecidable'
            when used_powers.matter_id is null and demand.leads >= {{ parameter('leads') }} then 'hit'
            else 'miss'
        end as state
    from powers_all_year
    left join matters
        on powers_all_year.matter_id = matters.matter_id
    left join used_powers
        on
            powers_all_year.subject_id = used_powers.subject_id
            and powers_all_year.matter_id = used_powers.matter_id
            and matters.kind = used_powers.kind
    left join demand
        on
            powers_all_year.subject_id = demand.subject_id
            and powers_all_year.matter_id = demand.matter_id
),

evidence_rows as (
    select
        'default' as variant,
        subject_id,
        {{ no_text() }} as agency_id,
        month,
        'matter' as unit_kind,
        unit_id,
        case when record_id is not null then 'leads' end as record_entity,
        record_id,
        happened_at,
        state,
        {{ counted_once() }},
        case when state = 'undecidable' then 'UNKNOWN_MATTER' end as reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
