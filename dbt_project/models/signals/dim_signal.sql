-- The declarations stand in the properties beside the signal models; this relation depends on
-- {% for name in signal_register() %}{{ ref(name) }} {% endfor %}
with

declared as (
    {{ declared_signal_rows() }}
)

select * from declared
