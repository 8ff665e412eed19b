with

-- Participations in inspections are the bulk and no rule needs them: each kind is asked for by itself, so that they are
-- left out before versions are ranked.
participations as (
    select
        activity_kind,
        activity_id,
        officer_id
    from {{ ref('stg_participations') }}
    where activity_kind = 'case'
    union all
    select
        activity_kind,
        activity_id,
        officer_id
    from {{ ref('stg_participations') }}
    where activity_kind = 'coercion'
),

cases as (
    select * from {{ ref('rule_cases') }}
),

coercions as (
    select * from {{ ref('rule_coercions') }}
),

postings as (
    select * from {{ ref('dim_posting') }}
),

acts as (
    select
        'case' as activity_kind,
        record_id,
        case_day
    from cases
    union all
    select
        'coercion' as activity_kind,
        record_id,
        case_day
    from coercions
),

-- One row per officer of an act: whether the ledger knows the officer, and a certificate valid on the day.
officers as (
    select
        acts.activity_kind,
        acts.record_id,
        participations.officer_id,
        max(case when postings.officer_id is null then 0 else 1 end) as is_known,
        max(case
            when acts.case_day between postings.certificate_from and postings.certificate_to then 1
            else 0
        end) as is_certified
    from acts
    inner join participations
        on
            acts.activity_kind = participations.activity_kind
            and acts.record_id = participations.activity_id
    left join postings
        on participations.officer_id = postings.officer_id
    group by acts.activity_kind, acts.record_id, participations.officer_id
),

counted as (
    select
        activity_kind,
        record_id,
        count(*) as recorded,
        sum(is_certified) as certified,
        sum(1 - is_known) as unknown_officers
    from officers
    group by activity_kind, record_id
)

select * from counted
