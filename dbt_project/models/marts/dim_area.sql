with

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

-- Two bodies that state the same territory leave it without an owner; the audit lists them.
territories as (
    select
        area_code,
        min(subject_id) as subject_id
    from subjects
    where kind = 'street_town'
    group by area_code
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
