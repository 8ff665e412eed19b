{# Fails with every value of the column that is NULL or occurs more than once: the grain of the model. #}
{% test unique_key(model, column_name) %}
select
    {{ column_name }},
    count(*) as occurrences
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
