{{ config(materialized='view') }}

with

inspections as (
    select * from {{ ref('fct_inspections') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

coercions as (
    select * from {{ ref('fct_coercions') }}
),

leads as (
    select * from {{ ref('fct_leads') }}
),

{# A visit that found nobody in is not taking part; a patrol is. #}
inspection_acts as (
    select
        'inspection' as activity_kind,
        inspection_id as activity_id,
        subject_id,
        act_date,
        started_at as act_at,
        is_entered as is_taking_part
    from inspections
),

case_acts as (
    select
        'case' as activity_kind,
        case_id as activity_id,
        subject_id,
        act_date,
        case_at as act_at,
        true as is_taking_part
    from cases
    where act_date is not null
),

coercion_acts as (
    select
        'coercion' as activity_kind,
        coercion_id as activity_id,
        subject_id,
        act_date,
        imposed_at as act_at,
        true as is_taking_part
    from coercions
),

lead_acts as (
    select
        'lead' as activity_kind,
        lead_id as activity_id,
        subject_id,
        act_date,
        first_visit_at as act_at,
        true as is_taking_part
    from leads
    where act_date is not null
),

acts as (
    select * from inspection_acts
    union all
    select * from case_acts
    union all
    select * from coercion_acts
    union all
    select * from lead_acts
)

select * from acts
