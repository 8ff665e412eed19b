with

cases as (
    select * from {{ ref('fct_cases') }}
),

-- Without a band in the version of the matter a fine has nothing to be held against; without a version one cannot tell.
judged as (
    select
        'default' as variant,
        cases.subject_id,
        cases.agency_id,
        cases.decided_month as month,
        cases.case_id as unit_id,
        cases.decided_at as happened_at,
        case
            when not cases.has_matter_version then 'undecidable'
            when cases.fine_amount > cases.band_max then 'miss'
            when
                cases.fine_amount < cases.band_min
                and not (
                    coalesce(cases.discretion, '') = 'mitigated'
                    and coalesce(trim(cases.discretion_ground), '') <> ''
                ) then 'miss'
            else 'hit'
        end as state,
        case when not cases.has_matter_version then 'UNKNOWN_MATTER' end as reason
    from cases
    where
        cases.is_decided
        and cases.fine_amount > 0
        and (
            not cases.has_matter_version
            or cases.band_min is not null
            or cases.band_max is not null
        )
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
