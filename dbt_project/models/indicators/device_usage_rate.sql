with

devices as (
    select * from {{ ref('dim_device') }}
),

months as (
    select * from {{ ref('dim_month') }}
),

recordings as (
    select * from {{ ref('fct_recordings') }}
),

variants as (
    {{ declared_variants() }}
),

-- The first recording of a device and month stands for the hit.
ranked_recordings as (
    select
        device_id,
        recording_id,
        started_at,
        month,
        row_number() over (
            partition by device_id, month
            order by started_at asc, recording_id asc
        ) as recording_rank
    from recordings
    where device_id is not null
),

first_recordings as (
    select * from ranked_recordings
    where recording_rank = 1
),

judged as (
    select
        variants.variant,
        devices.subject_id,
        devices.agency_id,
        months.month,
        devices.device_id as unit_id,
        first_recordings.recording_id as record_id,
        first_recordings.started_at as happened_at,
        case when first_recordings.recording_id is not null then 'hit' else 'miss' end as state
    from devices
    inner join months
        on
            devices.issued_on <= months.last_day
            and devices.retired_on >= months.month
            and devices.issued_on <= devices.retired_on
    inner join variants
        on
            variants.variant = 'all'
            or devices.kind = variants.variant
    left join first_recordings
        on
            devices.device_id = first_recordings.device_id
            and months.month = first_recordings.month
    where devices.subject_id is not null
),

evidence_rows as (
    select
        variant,
        subject_id,
        agency_id,
        month,
        'device' as unit_kind,
        unit_id,
        case when record_id is not null then 'recordings' end as record_entity,
        record_id,
        happened_at,
        state,
        {{ counted_once() }},
        {{ no_text() }} as reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
