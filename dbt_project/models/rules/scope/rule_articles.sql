with

cases as (
    select * from {{ ref('rule_cases') }}
),

articles as (
    select * from {{ ref('stg_articles') }}
),

laws as (
    select * from {{ ref('stg_laws') }}
),

violated as (
    {{ list_entries('cases', 'record_id', 'violated_articles') }}
),

penal as (
    {{ list_entries('cases', 'record_id', 'penalty_articles') }}
),

item_penal as (
    {{ list_entries('cases', 'record_id', 'item_penalty_articles') }}
),

cited as (
    select
        record_id,
        'violated' as citation,
        entry
    from violated
    union
    select
        record_id,
        'penal' as citation,
        entry
    from penal
    union
    select
        record_id,
        'item_penal' as citation,
        entry
    from item_penal
),

with_laws as (
    select
        cited.record_id,
        cited.citation,
        cited.entry as article_id,
        articles.article_id is not null as is_known,
        articles.valid_from,
        coalesce(articles.valid_to, {{ open_end() }}) as valid_to,
        laws.level
    from cited
    left join articles
        on cited.entry = articles.article_id
    left join laws
        on articles.law_id = laws.law_id
)

select * from with_laws
