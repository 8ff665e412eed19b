{# Wilson score limits of numerator / denominator (Wilson 1927; domain §5.1), NULL for an empty denominator. #}
{% macro wilson_limit(numerator, denominator, sign) -%}
    {%- set z = var('normal_quantile') -%}
    (
            {{ numerator }} / nullif({{ denominator }}, 0)
            + {{ z }} * {{ z }} / (2 * nullif({{ denominator }}, 0))
            {{ sign }} {{ z }} * sqrt(
                {{ numerator }} / nullif({{ denominator }}, 0) * (1 - {{ numerator }} / nullif({{ denominator }}, 0))
                / nullif({{ denominator }}, 0)
                + {{ z }} * {{ z }} / (4 * nullif({{ denominator }}, 0) * nullif({{ denominator }}, 0))
            )
        ) / (1 + {{ z }} * {{ z }} / nullif({{ denominator }}, 0))
{%- endmacro %}

{# At 0 of n and n of n the limit is the share itself, which rounding would miss by a hair. #}
{% macro wilson_lower(numerator, denominator) -%}
    case
            when {{ numerator }} = 0 then 0.0
            else {{ wilson_limit(numerator, denominator, '-') }}
        end
{%- endmacro %}

{% macro wilson_upper(numerator, denominator) -%}
    case
            when {{ numerator }} = {{ denominator }} then 1.0
            else {{ wilson_limit(numerator, denominator, '+') }}
        end
{%- endmacro %}

{# Exact Poisson limits of a count (Garwood 1936); the functions belong to the connection (`pipelines.warehouse.intervals`). #}
{% macro poisson_lower(count) -%}
    {{ return(adapter.dispatch('poisson_lower', 'hengfa')(count)) }}
{%- endmacro %}

{% macro duckdb__poisson_lower(count) -%}
    poisson_lower({{ count }})
{%- endmacro %}

{% macro poisson_upper(count) -%}
    {{ return(adapter.dispatch('poisson_upper', 'hengfa')(count)) }}
{%- endmacro %}

{% macro duckdb__poisson_upper(count) -%}
    poisson_upper({{ count }})
{%- endmacro %}
