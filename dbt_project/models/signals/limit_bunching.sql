with

months as (
    select * from {{ ref('dim_month') }}
),

decisions as (
    select * from {{ ref('fct_decisions') }}
    where
        decision = 'penalty'
        and fine_amount > 0
),

limits as (
    {% for name, rule, parameter, party_class, party_kind in [
        ('simple_person', 'p04_simple_procedure_limit', 'fine_limit', 'person', 'person'),
        ('simple_other', 'p04_simple_procedure_limit', 'fine_limit', 'other', 'organisation'),
        ('hearing_person', 'p08_hearing', 'fine_threshold', 'person', 'person'),
        ('hearing_other', 'p08_hearing', 'fine_threshold', 'other', 'organisation'),
    ] %}
        select
            '{{ name }}' as limit_name,
            '{{ party_class }}' as party_class,
            {{ rule_limit(rule, parameter, party_kind) }} as amount
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A fine of exactly the limit is a round number and says nothing; the two sides beside it are compared.
near_limit as (
    select
        decisions.case_id,
        decisions.subject_id,
        decisions.decided_month,
        limits.limit_name,
        case when decisions.fine_amount < limits.amount then 1 else 0 end as is_below
    from decisions
    inner join limits
        on
            decisions.party_class = limits.party_class
            and decisions.fine_amount <> limits.amount
            and decisions.fine_amount >= limits.amount * (1 - {{ signal_parameter('width') }})
            and decisions.fine_amount <= limits.amount * (1 + {{ signal_parameter('width') }})
),

scoped as (
    select
        near_limit.*,
        subject_id || ':' || limit_name as scope_id,
        subject_id as of_subject
    from near_limit
    union all
    select
        near_limit.*,
        'all:' || limit_name as scope_id,
        cast(null as {{ api.Column.translate_type('string') }}) as of_subject
    from near_limit
),

in_windows as (
    select
        months.month,
        scoped.scope_id,
        scoped.of_subject,
        scoped.case_id,
        scoped.is_below
    from scoped
    inner join months
        on scoped.decided_month between {{ window_start('months.month') }} and months.month
),

counts as (
    select
        month,
        scope_id,
        of_subject as subject_id,
        count(*) as units,
        sum(is_below) as below
    from in_windows
    group by month, scope_id, of_subject
),

with_p_value as (
    select
        counts.*,
        {{ binomial_upper_tail('below', 'units', signal_parameter('share_below')) }} as p_value
    from counts
    where units >= {{ signal_parameter('least_units') }}
),

tested as (
    select
        subject_id,
        scope_id,
        month,
        below / cast(nullif(units, 0) as {{ type_double() }}) as statistic,
        p_value,
        units,
        p_value <= {{ signal_threshold() }} as has_fired
    from with_p_value
),

behind as (
    select
        scope_id,
        month,
        'cases' as record_entity,
        case_id as record_id
    from in_windows
    where is_below = 1
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
