with

powers as (
    select * from {{ ref('dim_power') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
    where is_newest
),

months as (
    select * from {{ ref('dim_month') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

power_acts as (
    select * from {{ ref('fct_power_acts') }}
),

variants as (
    {{ declared_variants() }}
),

-- A power is in scope in each month in which it was in force on a day, so never if it ends before it begins.
powers_in_force as (
    select
        powers.subject_id,
        powers.matter_id,
        months.month,
        matters.kind,
        max(case when powers.is_duty_listed then 1 else 0 end) as is_duty_listed
    from powers
    inner join months
        on
            powers.valid_from <= months.last_day
            and powers.valid_to >= months.month
            and powers.valid_from <= powers.valid_to
    left join matters
        on powers.matter_id = matters.matter_id
    group by
        powers.subject_id,
        powers.matter_id,
        months.month,
        matters.kind
),

-- What counts as using a power of each kind; a case that was only filed counts in the broad reading alone.
acts as (
    select
        power_acts.*,
        1 as is_strict
    from power_acts
    union all
    select
        'penalty' as kind,
        subject_id,
        matter_id,
        filed_month as month,
        'cases' as record_entity,
        case_id as record_id,
        filed_at as happened_at,
        0 as is_strict
    from cases
    where
        filed_at is not null
        and matter_id is not null
),

-- The first act of a unit and month stands for the hit; strict acts go before filings.
ranked_acts as (
    select
        acts.*,
        row_number() over (
            partition by kind, subject_id, matter_id, month
            order by is_strict desc, happened_at asc, record_id asc
        ) as act_rank
    from acts
),

first_acts as (
    select * from ranked_acts
    where act_rank = 1
),

units as (
    select
        variants.variant,
        powers_in_force.subject_id,
        powers_in_force.matter_id,
        powers_in_force.month,
        powers_in_force.kind,
        case when variants.variant = 'broad' then 0 else 1 end as needs_strict
    from powers_in_force
    inner join variants
        on
            variants.variant in ('all', 'broad')
            or (variants.variant = 'duty' and powers_in_force.is_duty_listed = 1)
            or powers_in_force.kind = variants.variant
),

judged as (
    select
        units.variant,
        units.subject_id,
        units.month,
        units.matter_id as unit_id,
        first_acts.record_entity,
        first_acts.record_id,
        first_acts.happened_at,
        case
            when units.kind is null then 'undecidable'
            when first_acts.record_id is not null then 'hit'
            else 'miss'
        end as state,
        case when units.kind is null then 'UNKNOWN_MATTER' end as reason
    from units
    left join first_acts
        on
            units.kind = first_acts.kind
            and units.subject_id = first_acts.subject_id
            and units.matter_id = first_acts.matter_id
            and units.month = first_acts.month
            and units.needs_strict <= first_acts.is_strict
),

evidence_rows as (
    select
        variant,
        subject_id,
        cast(null as {{ api.Column.translate_type('string') }}) as agency_id,
        month,
        'matter' as unit_kind,
        unit_id,
        record_entity,
        record_id,
        happened_at,
        state,
        {{ counted_once() }},
        reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
