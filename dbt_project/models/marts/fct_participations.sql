with

participations as (
    select * from {{ ref('stg_participations') }}
),

acts as (
    select * from {{ ref('fct_acts') }}
),

months as (
    select * from {{ ref('dim_month') }}
),

acts_of_months as (
    select
        acts.activity_kind,
        acts.activity_id,
        acts.act_date,
        acts.act_at,
        acts.is_taking_part,
        months.month
    from acts
    inner join months
        on {{ month_of('acts.act_date') }} = months.month
),

dated as (
    select
        participations.activity_kind,
        participations.activity_id,
        participations.officer_id,
        participations.role,
        acts_of_months.act_date,
        acts_of_months.act_at,
        acts_of_months.is_taking_part,
        acts_of_months.month
    from participations
    inner join acts_of_months
        on
            participations.activity_kind = acts_of_months.activity_kind
            and participations.activity_id = acts_of_months.activity_id
)

select * from dated
