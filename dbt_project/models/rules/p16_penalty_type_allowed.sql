with

cases as (
    select * from {{ ref('rule_cases') }}
),

articles as (
    select * from {{ ref('rule_articles') }}
),

penalty_types as (
    {{ code_classes('penalty_type') }}
),

allowed_types as (
    {{ parameter_rows('types_by_level') }}
),

type_order as (
    {{ parameter_rows('type_order') }}
),

ordered_types as (
    select
        cases.record_id,
        penalty_types.code,
        type_order.value as weight,
        coalesce({{ has_code('cases.penalty_types', 'penalty_types.code') }}, false) as is_given,
        coalesce({{ has_code('cases.item_types', 'penalty_types.code') }}, false) as is_in_item
    from cases
    cross join penalty_types
    left join type_order
        on
            penalty_types.code = type_order.code
            and {{ scope_matches('cases', 'type_order', 'cases.decided_day') }}
),

-- The articles that carry the penalty: those the case cites, else those of the item.
penal_articles as (
    select
        cases.record_id,
        articles.level
    from cases
    inner join articles
        on cases.record_id = articles.record_id
    where
        (cases.penalty_articles is not null and articles.citation = 'penal')
        or (cases.penalty_articles is null and articles.citation = 'item_penal')
),

given_types as (
    select * from ordered_types
    where is_given
),

-- A type is lawful if one of the articles stands in a law of a level that may set it.
type_support as (
    select
        given_types.record_id,
        given_types.code,
        count(penal_articles.record_id) as articles,
        sum(case when penal_articles.record_id is not null and penal_articles.level is null then 1 else 0 end)
            as articles_without_level,
        sum(case when allowed_types.code is not null then 1 else 0 end) as supporting
    from given_types
    inner join cases
        on given_types.record_id = cases.record_id
    left join penal_articles
        on given_types.record_id = penal_articles.record_id
    left join allowed_types
        on
            penal_articles.level = allowed_types.level
            and given_types.code = allowed_types.code
            and {{ scope_matches('cases', 'allowed_types', 'cases.decided_day') }}
    group by given_types.record_id, given_types.code
),

supported as (
    select
        record_id,
        sum(case when supporting = 0 and articles > 0 and articles_without_level = 0 then 1 else 0 end) as unsupported,
        sum(case
            when supporting = 0 and (articles = 0 or articles_without_level > 0) then 1
            else 0
        end) as unknown_types
    from type_support
    group by record_id
),

heaviest as (
    select
        record_id,
        max(case when is_given then weight end) as given_weight,
        max(case when is_in_item then weight end) as item_weight,
        sum(case when is_given and not is_in_item then 1 else 0 end) as outside_item
    from ordered_types
    group by record_id
),

judged as (
    select
        cases.record_id,
        case
            when not cases.is_penalty then 'NO_PENALTY'
            when cases.penalty_types is null then 'NO_PENALTY_TYPES'
            when cases.act_version is null then 'NO_MATTER_VERSION'
            when cases.item_types is null then 'NO_ITEM_TYPES'
            when heaviest.outside_item > 0 then 'TYPE_NOT_IN_ITEM'
            when supported.unsupported > 0 then 'TYPE_ABOVE_LEVEL'
            when supported.unknown_types > 0 then 'NO_LEVEL'
            when supported.unsupported = 0 then 'PASS'
        end as outcome,
        cases.act_day as from_at,
        cases.decided_at as to_at,
        heaviest.given_weight as observed,
        heaviest.item_weight as allowed
    from cases
    left join supported
        on cases.record_id = supported.record_id
    left join heaviest
        on cases.record_id = heaviest.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
