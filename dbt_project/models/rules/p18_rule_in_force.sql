with

cases as (
    select * from {{ ref('rule_cases') }}
),

articles as (
    select * from {{ ref('rule_articles') }}
    where citation in ('violated', 'penal')
),

cited as (
    select
        cases.record_id,
        count(*) as articles,
        sum(case when not articles.is_known then 1 else 0 end) as unknown_articles,
        sum(case when articles.valid_to < cases.violation_on then 1 else 0 end) as expired,
        sum(case when articles.valid_from > cases.violation_on then 1 else 0 end) as later,
        sum(case when articles.valid_from > cases.decided_day then 1 else 0 end) as not_yet,
        max(articles.valid_from) as newest_from
    from cases
    inner join articles
        on cases.record_id = articles.record_id
    group by cases.record_id
),

-- A later rule is the lighter one if its band lies nowhere above the band of the day of the act.
compared as (
    select
        cases.record_id,
        cases.is_penalty,
        cases.is_matter_known,
        cases.violation_on,
        cases.decided_at,
        cases.act_version,
        cases.decided_version,
        cited.articles,
        cited.unknown_articles,
        cited.expired,
        cited.later,
        cited.not_yet,
        cited.newest_from,
        cases.decided_fine_max <= cases.fine_max and cases.decided_fine_min <= cases.fine_min as is_lighter
    from cases
    left join cited
        on cases.record_id = cited.record_id
),

judged as (
    select
        record_id,
        case
            when not is_penalty then 'NO_PENALTY'
            when violation_on is null then 'NO_VIOLATION_DATE'
            when articles is null and not is_matter_known then 'NO_MATTER_VERSION'
            when articles is null and act_version is null then 'NO_RULE_IN_FORCE'
            when articles is null and act_version = decided_version then 'PASS'
            when articles is null then 'NO_ARTICLES_CITED'
            when expired > 0 then 'RULE_EXPIRED'
            when not_yet > 0 then 'RULE_NOT_YET_IN_FORCE'
            when unknown_articles > 0 then 'ARTICLE_UNKNOWN'
            when later = 0 then 'PASS'
            when is_lighter then 'PASS'
            when not is_lighter then 'LATER_RULE_HEAVIER'
            when is_lighter is null then 'LIGHTER_UNKNOWN'
        end as outcome,
        violation_on as from_at,
        newest_from as to_at,
        expired + later as observed,
        0 as allowed
    from compared
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
