with

inspections as (
    select * from {{ ref('fct_inspections') }}
),

months as (
    select * from {{ ref('dim_month') }}
),

first_month as (
    select min(month) as month from months
),

-- One visit per object, subject and day; the earliest inspection of the day stands for it.
ranked_inspections as (
    select
        inspections.object_id,
        inspections.subject_id,
        inspections.act_date,
        inspections.inspection_id,
        inspections.started_at,
        inspections.month,
        row_number() over (
            partition by inspections.object_id, inspections.subject_id, inspections.act_date
            order by inspections.started_at asc, inspections.inspection_id asc
        ) as visit_rank
    from inspections
    cross join first_month
    where
        inspections.is_counted
        and inspections.act_date >= {{ day_plus('first_month.month', '-' ~ parameter('days')) }}
),

visits as (
    select * from ranked_inspections
    where visit_rank = 1
),

-- Visits of an object in order of time fall into runs of one subject. The nearest visit of another subject before a
-- visit is then the end of the run before, the nearest after it the start of the next: no pairs have to be formed.
marked as (
    select
        visits.*,
        case
            when lag(subject_id) over (partition by object_id order by act_date asc, subject_id asc) = subject_id then 0
            else 1
        end as begins_run
    from visits
),

in_runs as (
    select
        marked.*,
        sum(begins_run) over (
            partition by object_id
            order by act_date asc, subject_id asc
            rows between unbounded preceding and current row
        ) as run_number
    from marked
),

runs as (
    select
        object_id,
        run_number,
        min(act_date) as first_day,
        max(act_date) as last_day
    from in_runs
    group by object_id, run_number
),

neighbours as (
    select
        object_id,
        run_number,
        lag(last_day) over (partition by object_id order by run_number) as day_before,
        lead(first_day) over (partition by object_id order by run_number) as day_after
    from runs
),

compared as (
    select
        in_runs.object_id,
        in_runs.subject_id,
        in_runs.month,
        in_runs.inspection_id,
        in_runs.started_at,
        case
            when neighbours.day_before >= {{ day_plus('in_runs.act_date', '-' ~ parameter('days')) }} then 1
            when neighbours.day_after <= {{ day_plus('in_runs.act_date', parameter('days')) }} then 1
            else 0
        end as is_revisit
    from in_runs
    inner join neighbours
        on
            in_runs.object_id = neighbours.object_id
            and in_runs.run_number = neighbours.run_number
),

-- The first visit of the month that is a revisit stands for the object, else its first visit.
ranked_visits as (
    select
        compared.*,
        row_number() over (
            partition by subject_id, object_id, month
            order by is_revisit desc, started_at asc, inspection_id asc
        ) as evidence_rank
    from compared
),

evidence_rows as (
    select
        'default' as variant,
        subject_id,
        {{ no_text() }} as agency_id,
        month,
        'object' as unit_kind,
        object_id as unit_id,
        'inspections' as record_entity,
        inspection_id as record_id,
        started_at as happened_at,
        case when is_revisit = 1 then 'hit' else 'miss' end as state,
        is_revisit as numerator,
        1 as denominator,
        {{ no_text() }} as reason
    from ranked_visits
    where evidence_rank = 1
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
