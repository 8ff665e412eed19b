{# The first day of the month of a date or timestamp, as a date (`date_trunc` gives a timestamp on some engines). #}
{% macro month_of(expression) -%}
    cast({{ dbt.date_trunc('month', expression) }} as date)
{%- endmacro %}

{# The last day of the month that begins on `month`. #}
{% macro last_day_of(month) -%}
    cast({{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, month)) }} as date)
{%- endmacro %}

{# `month` moved by `months`, as a date. #}
{% macro month_plus(month, months) -%}
    cast({{ dbt.dateadd('month', months, month) }} as date)
{%- endmacro %}

{# The calendar day of a timestamp. #}
{% macro day_of(expression) -%}
    cast({{ expression }} as date)
{%- endmacro %}

{# A day after every day in force: what an open `valid_to` is compared as. #}
{% macro open_end() -%}
    cast('9999-12-31' as date)
{%- endmacro %}

{# The name of a period: its last month as `2026-10`. #}
{% macro period_name(month) -%}
    substring(cast({{ month }} as {{ api.Column.translate_type('string') }}), 1, 7)
{%- endmacro %}
