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

dated as (
    select
        participations.activity_kind,
        participations.activity_id,
        participations.officer_id,
        participations.role,
        acts.act_date,
        acts.act_at,
        months.month
    from participations
    inner join acts
        on
            participations.activity_kind = acts.activity_kind
            and participations.activity_id = acts.activity_id
    inner join months
        on acts.act_date between months.month and months.last_day
)

select * from dated
