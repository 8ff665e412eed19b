{# The entity whose records an activity kind names: `case` → `cases`. NULL for NULL. #}
{% macro activity_entity(activity_kind) -%}
    case {{ activity_kind }}
            when 'inspection' then 'inspections'
            when 'case' then 'cases'
            when 'coercion' then 'coercions'
            when 'lead' then 'leads'
        end
{%- endmacro %}
