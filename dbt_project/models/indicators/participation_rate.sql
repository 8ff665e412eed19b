with

postings as (
    select * from {{ ref('dim_posting') }}
),

months as (
    select * from {{ ref('dim_month') }}
),

participations as (
    select * from {{ ref('fct_participations') }}
    where is_taking_part
),

variants as (
    {{ declared_variants() }}
),

-- On post: the posting, the certificate and the month share at least one day; an end before its beginning shares none.
posting_months as (
    select
        postings.officer_id,
        postings.on_post_from,
        postings.on_post_to,
        postings.agency_id,
        postings.subject_id,
        postings.post,
        postings.is_frontline,
        months.month
    from postings
    inner join months
        on
            postings.on_post_from <= months.last_day
            and postings.on_post_to >= months.month
            and postings.certificate_from <= months.last_day
            and postings.certificate_to >= months.month
            and postings.certificate_from <= postings.on_post_to
            and postings.certificate_to >= postings.on_post_from
    where
        postings.subject_id is not null
        and postings.on_post_from <= postings.on_post_to
        and postings.certificate_from <= postings.certificate_to
),

-- An act is credited to the posting that held on its day, whichever body's act it was.
acts_in_postings as (
    select
        posting_months.officer_id,
        posting_months.on_post_from,
        posting_months.month,
        participations.activity_kind,
        participations.activity_id,
        participations.act_at
    from posting_months
    inner join participations
        on
            posting_months.officer_id = participations.officer_id
            and posting_months.month = participations.month
            and participations.act_date between posting_months.on_post_from and posting_months.on_post_to
),

first_moments as (
    select
        officer_id,
        on_post_from,
        month,
        min(act_at) as act_at
    from acts_in_postings
    group by officer_id, on_post_from, month
),

-- Only acts of one moment have to be put in an order.
ranked_acts as (
    select
        acts_in_postings.*,
        row_number() over (
            partition by acts_in_postings.officer_id, acts_in_postings.on_post_from, acts_in_postings.month
            order by acts_in_postings.activity_kind, acts_in_postings.activity_id
        ) as act_rank
    from acts_in_postings
    inner join first_moments
        on
            acts_in_postings.officer_id = first_moments.officer_id
            and acts_in_postings.on_post_from = first_moments.on_post_from
            and acts_in_postings.month = first_moments.month
            and acts_in_postings.act_at = first_moments.act_at
),

first_acts as (
    select * from ranked_acts
    where act_rank = 1
),

qualifying_postings as (
    select
        variants.variant,
        posting_months.*,
        first_acts.activity_kind,
        first_acts.activity_id,
        first_acts.act_at,
        case when first_acts.activity_id is not null then 1 else 0 end as took_part
    from posting_months
    inner join variants
        on
            variants.variant = 'all'
            or (variants.variant = 'frontline' and posting_months.is_frontline)
            or (variants.variant = 'a_post' and posting_months.post = 'A')
    left join first_acts
        on
            posting_months.officer_id = first_acts.officer_id
            and posting_months.on_post_from = first_acts.on_post_from
            and posting_months.month = first_acts.month
),

-- One officer is one unit of a subject, however many postings there; the agency is the latest posting's.
ranked_postings as (
    select
        qualifying_postings.*,
        row_number() over (
            partition by variant, subject_id, officer_id, month
            order by took_part desc, act_at asc nulls last, activity_id asc nulls last
        ) as evidence_rank,
        first_value(agency_id) over (
            partition by variant, subject_id, officer_id, month
            order by on_post_from desc, agency_id asc
        ) as latest_agency_id
    from qualifying_postings
),

judged as (
    select
        variant,
        subject_id,
        latest_agency_id as agency_id,
        month,
        officer_id as unit_id,
        {{ activity_entity('activity_kind') }} as record_entity,
        activity_id as record_id,
        act_at as happened_at,
        case when took_part = 1 then 'hit' else 'miss' end as state
    from ranked_postings
    where evidence_rank = 1
),

evidence_rows as (
    select
        variant,
        subject_id,
        agency_id,
        month,
        'officer' as unit_kind,
        unit_id,
        record_entity,
        record_id,
        happened_at,
        state,
        {{ counted_once() }},
        cast(null as {{ api.Column.translate_type('string') }}) as reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
