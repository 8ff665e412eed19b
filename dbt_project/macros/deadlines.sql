{#
    What a deadline makes of a unit; all days are calendar days of their own, `as_of` is a time.
    done before `from_on`, the day from which one counts: undecidable, since one of the two days is wrong · done by
    `due_on`, that day included: hit · done later: miss · not done and the day not yet over at `as_of`: excluded, since
    nothing can be said yet · not done and the day over: miss · no `due_on`: undecidable.
#}
{% macro deadline_state(from_on, done_on, due_on, as_of) -%}
    case
            when {{ done_on }} < {{ from_on }} then 'undecidable'
            when {{ due_on }} is null then 'undecidable'
            when {{ done_on }} <= {{ due_on }} then 'hit'
            when {{ done_on }} is not null then 'miss'
            when {{ is_before_end_of(as_of, due_on) }} then 'excluded'
            else 'miss'
        end
{%- endmacro %}

{# Why: DATES_REVERSED, NOT_DUE, or `unknown_reason` where there is no deadline to compare with. #}
{% macro deadline_reason(from_on, done_on, due_on, as_of, unknown_reason) -%}
    case
            when {{ done_on }} < {{ from_on }} then 'DATES_REVERSED'
            when {{ due_on }} is null then '{{ unknown_reason }}'
            when {{ done_on }} is null and {{ is_before_end_of(as_of, due_on) }} then 'NOT_DUE'
        end
{%- endmacro %}

{# Whether the time lies before the last second of the day: 23:59:59 of the day itself is its end. #}
{% macro is_before_end_of(moment, day) -%}
    cast({{ dbt.dateadd('second', 1, moment) }} as date) <= {{ day }}
{%- endmacro %}

{# The day `days` calendar days after a day, which is itself not counted. #}
{% macro day_plus(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}

{#
    Joins that give `due_day.day`, the n-th working day after a day, which is itself not counted (Penalty Law art. 85).
    `days` is a relation of dim_day; outside the official calendar there is no due day.
#}
{% macro join_working_deadline(days, day, working_days) -%}
    left join {{ days }} as start_day
        on {{ day }} = start_day.day
    left join {{ days }} as due_day
        on
            start_day.working_number + {{ working_days }} = due_day.working_number
            and due_day.is_working_day
{%- endmacro %}
