{# Where a fine may lie against the band of its matter. #}
{% macro band_places() %}
    {{ return([
        'below_band',
        'at_minimum',
        'lower_third',
        'middle_third',
        'upper_third',
        'at_maximum',
        'above_band',
        'no_band',
    ]) }}
{% endmacro %}

{#
    What is counted of each unit of law application, over rows that hold a case once per unit: how often it was
    applied, and where in the band the fines lie. A fine below the band is lawful if it was mitigated on a ground.
#}
{% macro discretion_counts() -%}
    count(*) as uses,
        count(distinct used_month) as months_used,
        count(distinct subject_id) as bodies,
        max(used_on) as last_used_on,
        {% for place in band_places() -%}
        cast(sum(case when band_place = '{{ place }}' then 1 else 0 end) as {{ dbt.type_bigint() }}) as {{ place }},
        {% endfor -%}
        {% for code in ['lighter', 'mitigated', 'heavier'] -%}
        cast(sum(case when discretion = '{{ code }}' then 1 else 0 end) as {{ dbt.type_bigint() }}) as {{ code }},
        {% endfor -%}
        cast(sum(is_out_of_force) as {{ dbt.type_bigint() }}) as uses_out_of_force
{%- endmacro %}
