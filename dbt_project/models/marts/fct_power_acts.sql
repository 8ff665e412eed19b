{{ config(materialized='view') }}

with

cases as (
    select * from {{ ref('fct_cases') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

coercions as (
    select * from {{ ref('fct_coercions') }}
),

-- What uses a power of each kind: a decided case, a counted inspection, an imposed measure.
acts as (
    select
        'penalty' as kind,
        subject_id,
        matter_id,
        decided_month as month,
        'cases' as record_entity,
        case_id as record_id,
        decided_at as happened_at
    from cases
    where is_decided
    union all
    select
        'inspection' as kind,
        subject_id,
        matter_id,
        month,
        'inspections' as record_entity,
        inspection_id as record_id,
        started_at as happened_at
    from inspections
    where is_counted
    union all
    select
        'coercion' as kind,
        subject_id,
        matter_id,
        month,
        'coercions' as record_entity,
        coercion_id as record_id,
        imposed_at as happened_at
    from coercions
),

on_matters as (
    select * from acts
    where matter_id is not null
)

select * from on_matters
