with

run as (
    select * from {{ source('control', 'run') }}
),

evidence as (
    select * from {{ ref('evidence') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
    where is_newest
),

cases as (
    select * from {{ ref('fct_cases') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

coercions as (
    select * from {{ ref('fct_coercions') }}
),

leads as (
    select * from {{ ref('fct_leads') }}
),

disputes as (
    select * from {{ ref('fct_disputes') }}
),

supervisions as (
    select * from {{ ref('fct_supervisions') }}
),

-- The matter of every record a unit may stand for; a dispute and a supervision have that of what they are about.
direct_matters as (
    select
        'cases' as record_entity,
        case_id as record_id,
        matter_id
    from cases
    union all
    select
        'inspections' as record_entity,
        inspection_id as record_id,
        matter_id
    from inspections
    union all
    select
        'coercions' as record_entity,
        coercion_id as record_id,
        matter_id
    from coercions
    union all
    select
        'leads' as record_entity,
        lead_id as record_id,
        matter_id
    from leads
),

record_matters as (
    select * from direct_matters
    union all
    select
        'disputes' as record_entity,
        disputes.dispute_id as record_id,
        cases.matter_id
    from disputes
    inner join cases
        on disputes.case_id = cases.case_id
    union all
    select
        'supervisions' as record_entity,
        supervisions.supervision_id as record_id,
        direct_matters.matter_id
    from supervisions
    inner join direct_matters
        on
            supervisions.activity_id = direct_matters.record_id
            and direct_matters.record_entity = {{ activity_entity('supervisions.activity_kind') }}
),

record_domains as (
    select
        record_matters.record_entity,
        record_matters.record_id,
        matters.domain
    from record_matters
    inner join matters
        on record_matters.matter_id = matters.matter_id
    where matters.domain is not null
),

-- The months compared: the run's, the one before, the same a year before.
compared_months as (
    select
        month,
        'this' as place
    from run
    union all
    select
        {{ month_plus('month', -1) }} as month,
        'previous_month' as place
    from run
    union all
    select
        {{ month_plus('month', -12) }} as month,
        'year_before' as place
    from run
),

-- Evidence has one row per unit and month; the domain of a unit is that of its matter, or of its record.
units as (
    select
        evidence.indicator_id,
        evidence.variant,
        evidence.subject_id,
        compared_months.place,
        evidence.numerator,
        evidence.denominator,
        coalesce(matters.domain, record_domains.domain) as domain
    from evidence
    inner join compared_months
        on evidence.month = compared_months.month
    left join matters
        on
            evidence.unit_kind = 'matter'
            and evidence.unit_id = matters.matter_id
    left join record_domains
        on
            evidence.unit_kind <> 'matter'
            and evidence.record_entity = record_domains.record_entity
            and evidence.record_id = record_domains.record_id
    where evidence.numerator <> 0 or evidence.denominator <> 0
),

domains as (
    select
        indicator_id,
        variant,
        subject_id,
        place,
        coalesce(domain, 'none') as domain,
        cast(sum(numerator) as {{ type_double() }}) as numerator,
        cast(sum(denominator) as {{ type_double() }}) as denominator
    from units
    group by
        indicator_id,
        variant,
        subject_id,
        place,
        coalesce(domain, 'none')
)

select * from domains
