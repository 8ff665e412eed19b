with

participations as (
    select * from {{ ref('stg_participations') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

postings as (
    select * from {{ ref('dim_posting') }}
),

named as (
    select distinct
        cases.case_id,
        cases.act_date,
        participations.officer_id
    from participations
    inner join cases
        on participations.activity_id = cases.case_id
    where
        participations.activity_kind = 'case'
        and cases.act_date is not null
),

-- An officer whom the ledger does not know has no certificate; one of several postings with a valid one is enough.
certified as (
    select
        named.case_id,
        named.officer_id,
        max(case
            when named.act_date between postings.certificate_from and postings.certificate_to then 1
            else 0
        end) = 1 as has_valid_certificate
    from named
    left join postings
        on named.officer_id = postings.officer_id
    group by named.case_id, named.officer_id
)

select * from certified
