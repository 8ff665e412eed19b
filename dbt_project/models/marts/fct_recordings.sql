{{ config(materialized='view') }}

with

recordings as (
    select * from {{ ref('stg_recordings') }}
),

dated as (
    select
        recording_id,
        device_id,
        activity_kind,
        activity_id,
        stage,
        medium,
        started_at,
        ended_at,
        {{ month_of('started_at') }} as month
    from recordings
)

select * from dated
