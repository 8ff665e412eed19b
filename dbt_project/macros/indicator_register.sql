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
        'inspections_per_officer',
        'cases_per_officer',
        'device_usage_rate',
        'plan_completion_rate',
        'lead_on_time_rate',
        'decision_on_time_rate',
        'service_on_time_rate',
        'publication_on_time_rate',
        'full_record_rate',
        'legal_review_rate',
        'two_officer_rate',
        'discretion_rate',
        'file_pass_rate',
        'rectification_rate',
        'reversal_rate',
        'withdrawal_rate',
        'entry_on_time_rate',
        'inspection_yield',
        'revisit_rate',
        'assistance_rate',
        'dormant_demanded',
        'evenness',
    ]) }}
{% endmacro %}
