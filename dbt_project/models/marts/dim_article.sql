with

articles as (
    select * from {{ ref('stg_articles') }}
),

laws as (
    select * from {{ ref('dim_law') }}
),

in_force as (
    select
        articles.article_id,
        articles.law_id,
        laws.level as law_level,
        articles.number,
        articles.valid_from,
        coalesce(articles.valid_to, {{ open_end() }}) as valid_to,
        articles.replaced_by
    from articles
    left join laws
        on articles.law_id = laws.law_id
)

select * from in_force
