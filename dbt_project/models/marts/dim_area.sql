with

run as (
    select * from {{ source('control', 'run') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

leads as (
    select * from {{ ref('fct_leads') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

codes as (
    select area_code from subjects
    union
    select area_code from leads
    union
    select area_code from inspections
    union
    select area_code from cases
),

-- Of street-towns in force in the month; two that state the same territory leave it without an owner.
territories as (
    select
        subjects.area_code,
        min(subjects.subject_id) as subject_id
    from subjects
    cross join run
    where
        subjects.kind = 'street_town'
        and subjects.valid_from <= {{ last_day_of('run.month') }}
        and (subjects.valid_to is null or subjects.valid_to >= run.month)
    group by subjects.area_code
    having count(*) = 1
),

areas as (
    select
        codes.area_code,
        substring(codes.area_code, 1, 6) as county_code,
        territories.subject_id
    from codes
    left join territories
        on codes.area_code = territories.area_code
    where codes.area_code is not null
)

select * from areas
