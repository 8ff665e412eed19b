with

devices as (
    select * from {{ ref('stg_devices') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

in_service as (
    select
        devices.device_id,
        devices.agency_id,
        agencies.subject_id,
        devices.kind,
        devices.issued_on,
        coalesce(devices.retired_on, {{ open_end() }}) as retired_on
    from devices
    left join agencies
        on devices.agency_id = agencies.agency_id
)

select * from in_service
