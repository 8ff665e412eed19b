{# Tail probabilities; the functions belong to the connection (`pipelines.warehouse.tails`). #}

{# P(X ≤ statistic) of χ² with the given degrees of freedom: small if counts are too even. #}
{% macro chi_squared_lower_tail(statistic, degrees) -%}
    {{ return(adapter.dispatch('chi_squared_lower_tail', 'hengfa')(statistic, degrees)) }}
{%- endmacro %}

{% macro duckdb__chi_squared_lower_tail(statistic, degrees) -%}
    chi_squared_lower_tail({{ statistic }}, {{ degrees }})
{%- endmacro %}

{# P(X ≥ hits) of a binomial count of `trials` with the given chance. #}
{% macro binomial_upper_tail(hits, trials, chance) -%}
    {{ return(adapter.dispatch('binomial_upper_tail', 'hengfa')(hits, trials, chance)) }}
{%- endmacro %}

{% macro duckdb__binomial_upper_tail(hits, trials, chance) -%}
    binomial_upper_tail({{ hits }}, {{ trials }}, {{ chance }})
{%- endmacro %}

{# P(X ≤ events) of a Poisson count with the given mean. #}
{% macro poisson_lower_tail(events, mean) -%}
    {{ return(adapter.dispatch('poisson_lower_tail', 'hengfa')(events, mean)) }}
{%- endmacro %}

{% macro duckdb__poisson_lower_tail(events, mean) -%}
    poisson_lower_tail({{ events }}, {{ mean }})
{%- endmacro %}
