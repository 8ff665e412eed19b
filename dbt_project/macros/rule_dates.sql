{#
    The n-th working day after a day (Penalty Law art. 85: the day of the event is not counted): `last_day.day`, NULL
    outside the calendar; `start_day` and `end_day` carry the working numbers of the two days compared.
#}
{% macro working_day_joins(from_day, to_day, working_days) -%}
    left join {{ ref('dim_day') }} as start_day
        on {{ from_day }} = start_day.day
    left join {{ ref('dim_day') }} as end_day
        on {{ to_day }} = end_day.day
    left join {{ ref('dim_day') }} as last_day
        on
            last_day.is_working_day
            and last_day.working_number = start_day.working_number + {{ working_days }}
{%- endmacro %}

{# Whole days from one day to another. #}
{% macro days_between(from_day, to_day) -%}
    {{ dbt.datediff(from_day, to_day, 'day') }}
{%- endmacro %}

{# Whether a time is a midnight: a date that came without a time of day (contract). #}
{% macro is_without_clock(moment) -%}
    {{ moment }} = cast({{ day_of(moment) }} as {{ dbt.type_timestamp() }})
{%- endmacro %}

{# Whether the order of two moments of one day is unknown because one of them came without a time of day. #}
{% macro order_is_unknown(one, other) -%}
    (
            {{ day_of(one) }} = {{ day_of(other) }}
            and ({{ is_without_clock(one) }} or {{ is_without_clock(other) }})
        )
{%- endmacro %}
