with

months as (
    select * from {{ ref('dim_month') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

-- Who is named on a visit claims to have been there, whether or not anybody let them in: a visit without entry is no
-- participation in enforcement, yet it is in one place at one time.
participations as (
    select
        activity_id,
        officer_id
    from {{ ref('fct_participations') }}
    where activity_kind = 'inspection'
),

postings as (
    select * from {{ ref('dim_posting') }}
),

-- A visit that ends long after it began, or before, is a mistake in the record and shows nobody in two places; nor does
-- one without a time of day.
visits as (
    select
        participations.officer_id,
        inspections.month,
        inspections.act_date,
        inspections.inspection_id,
        inspections.area_code,
        inspections.started_at,
        inspections.ended_at
    from participations
    inner join inspections
        on participations.activity_id = inspections.inspection_id
    inner join months
        on inspections.month = months.month
    where
        inspections.area_code is not null
        and not {{ is_without_clock('inspections.started_at') }}
        and not {{ is_without_clock('inspections.ended_at') }}
        and inspections.ended_at > inspections.started_at
        and inspections.ended_at
        <= {{ dbt.dateadd('hour', signal_parameter('longest_hours'), 'inspections.started_at') }}
),

in_order as (
    select
        visits.*,
        max(ended_at) over (
            partition by officer_id
            order by started_at, inspection_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_ended_at,
        lead(started_at) over (
            partition by officer_id
            order by started_at, inspection_id
        ) as next_started_at
    from visits
),

-- Most visits overlap with none: they are left out before anything else is asked of them.
overlapping as (
    select * from in_order
    where
        started_at < earlier_ended_at
        or next_started_at < ended_at
),

-- Visits that overlap form a run: a run ends where the next visit begins after all before it have ended.
runs as (
    select
        overlapping.*,
        sum(case when started_at < earlier_ended_at then 0 else 1 end) over (
            partition by officer_id
            order by started_at, inspection_id
            rows between unbounded preceding and current row
        ) as run_number
    from overlapping
),

in_company as (
    select
        runs.*,
        min(area_code) over (partition by officer_id, run_number) as first_area,
        max(area_code) over (partition by officer_id, run_number) as last_area
    from runs
),

candidates as (
    select * from in_company
    where first_area <> last_area
),

pairs as (
    select
        one.officer_id,
        other.month,
        other.act_date,
        one.inspection_id,
        other.inspection_id as other_inspection_id
    from candidates as one
    inner join candidates as other
        on
            one.officer_id = other.officer_id
            and one.run_number = other.run_number
            and (
                one.started_at < other.started_at
                or (one.started_at = other.started_at and one.inspection_id < other.inspection_id)
            )
            and one.area_code <> other.area_code
    where
        {{ dbt.dateadd('minute', signal_parameter('least_minutes'), 'other.started_at') }} <= one.ended_at
        and {{ dbt.dateadd('minute', signal_parameter('least_minutes'), 'other.started_at') }} <= other.ended_at
),

of_officers as (
    select
        pairs.officer_id,
        pairs.month,
        pairs.inspection_id,
        pairs.other_inspection_id,
        min(postings.subject_id) as subject_id
    from pairs
    left join postings
        on
            pairs.officer_id = postings.officer_id
            and pairs.act_date between postings.on_post_from and postings.on_post_to
    group by pairs.officer_id, pairs.month, pairs.inspection_id, pairs.other_inspection_id
),

visit_counts as (
    select
        officer_id,
        month,
        count(*) as units
    from visits
    group by officer_id, month
),

pair_counts as (
    select
        officer_id,
        month,
        min(subject_id) as subject_id,
        count(*) as pairs
    from of_officers
    group by officer_id, month
),

tested as (
    select
        pair_counts.subject_id,
        pair_counts.officer_id as scope_id,
        months.month,
        pair_counts.pairs as statistic,
        cast(null as {{ type_double() }}) as p_value,
        visit_counts.units,
        pair_counts.pairs >= {{ signal_threshold() }} as has_fired
    from pair_counts
    inner join visit_counts
        on
            pair_counts.officer_id = visit_counts.officer_id
            and pair_counts.month = visit_counts.month
    inner join months
        on pair_counts.month = months.month
),

behind as (
    select
        officer_id as scope_id,
        month,
        'inspections' as record_entity,
        inspection_id as record_id
    from of_officers
    union
    select
        officer_id as scope_id,
        month,
        'inspections' as record_entity,
        other_inspection_id as record_id
    from of_officers
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
