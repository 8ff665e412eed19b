-- The declarations stand in the properties beside the indicator models; this relation depends on
-- {% for name in indicator_register() %}{{ ref(name) }} {% endfor %}
with

declared as (
    {{ declared_variant_rows() }}
)

select * from declared
