{#
    The names of the indicator models. dbt has to know every `ref` while it parses, so the models that hold
    evidence are named here; a test holds that this list and the folder `models/indicators` are the same.
#}
{% macro indicator_register() %}
    {{ return([
        'performance_rate',
        'participation_rate',
        'supervision_rate',
        'proactive_discovery_rate',
        'acts_per_officer',
        'lawful_rate',
    ]) }}
{% endmacro %}
