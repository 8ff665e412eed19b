with

months as (
    select * from {{ ref('dim_month') }}
),

decisions as (
    select * from {{ ref('fct_decisions') }}
    where
        decision = 'penalty'
        and party_id is not null
        and fine_amount > 0
),

limits as (
    select
        'person' as party_class,
        {{ rule_limit('p04_simple_procedure_limit', 'fine_limit', 'person') }} as most_by_simple
    union all
    select
        'other' as party_class,
        {{ rule_limit('p04_simple_procedure_limit', 'fine_limit', 'organisation') }} as most_by_simple
),

below_limit as (
    select
        decisions.subject_id,
        decisions.matter_id,
        decisions.party_id,
        decisions.case_id,
        decisions.decided_at,
        decisions.decided_month,
        decisions.fine_amount,
        limits.most_by_simple,
        lag(decisions.decided_at) over (
            partition by decisions.subject_id, decisions.matter_id, decisions.party_id
            order by decisions.decided_at, decisions.case_id
        ) as earlier_at
    from decisions
    inner join limits
        on
            decisions.party_class = limits.party_class
            and decisions.fine_amount <= limits.most_by_simple
),

-- A run of decisions goes on as long as the next one comes within the days allowed.
marked as (
    select
        below_limit.*,
        case
            when
                {{ day_of('decided_at') }}
                <= cast({{ dbt.dateadd('day', signal_parameter('days'), day_of('earlier_at')) }} as date) then 0
            else 1
        end as begins_run
    from below_limit
),

runs as (
    select
        marked.*,
        sum(begins_run) over (
            partition by subject_id, matter_id, party_id
            order by decided_at, case_id
            rows between unbounded preceding and current row
        ) as run_number
    from marked
),

with_group as (
    select
        runs.*,
        first_value(case_id) over (
            partition by subject_id, matter_id, party_id, run_number
            order by decided_at, case_id
        ) as scope_id
    from runs
),

groups as (
    select
        subject_id,
        scope_id,
        max(decided_month) as month,
        count(*) as units,
        sum(fine_amount) as fines,
        max(most_by_simple) as most_by_simple
    from with_group
    group by subject_id, scope_id
),

tested as (
    select
        groups.subject_id,
        groups.scope_id,
        groups.month,
        groups.units as statistic,
        cast(null as {{ type_double() }}) as p_value,
        groups.units,
        groups.fines > groups.most_by_simple as has_fired
    from groups
    inner join months
        on groups.month = months.month
    where groups.units >= {{ signal_threshold() }}
),

behind as (
    select
        tested.scope_id,
        tested.month,
        'cases' as record_entity,
        with_group.case_id as record_id
    from tested
    inner join with_group
        on tested.scope_id = with_group.scope_id
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
