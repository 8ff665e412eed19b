with

period_months as (
    select * from {{ ref('dim_period') }}
    where period_kind in ('ytd', 'r12')
),

laws as (
    select * from {{ ref('stg_laws') }}
),

articles as (
    select * from {{ ref('stg_articles') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
    where kind = 'penalty'
),

powers as (
    select * from {{ ref('dim_power') }}
),

decisions as (
    select * from {{ ref('fct_decisions') }}
),

periods as (
    select
        period_kind,
        period,
        min(month) as first_month,
        max(month) as last_month,
        max(last_day) as last_day
    from period_months
    group by period_kind, period
),

-- What each decision applied: the articles it cites, their laws and levels, its matter.
cited as (
    select
        case_id,
        {{ list_member('violated_articles') }} as member
    from decisions
    union
    select
        case_id,
        {{ list_member('penalty_articles') }} as member
    from decisions
),

cited_articles as (
    select
        cited.case_id,
        articles.article_id,
        articles.law_id,
        laws.level,
        articles.valid_from,
        coalesce(articles.valid_to, {{ open_end() }}) as valid_to
    from cited
    inner join articles
        on cited.member = articles.article_id
    left join laws
        on articles.law_id = laws.law_id
),

placed as (
    select
        case_id,
        subject_id,
        area_code,
        matter_id,
        domain,
        law_date,
        decided_month as used_month,
        {{ day_of('decided_at') }} as used_on,
        discretion,
        case
            when fine_amount is null then null
            when fine_min is null or fine_max is null then 'no_band'
            when fine_amount < fine_min then 'below_band'
            when fine_amount > fine_max then 'above_band'
            when fine_amount = fine_min then 'at_minimum'
            when fine_amount = fine_max then 'at_maximum'
            when fine_amount < fine_min + (fine_max - fine_min) / 3 then 'lower_third'
            when fine_amount < fine_min + (fine_max - fine_min) * 2 / 3 then 'middle_third'
            else 'upper_third'
        end as band_place
    from decisions
),

case_articles as (
    select
        placed.case_id,
        cited_articles.article_id,
        cited_articles.law_id,
        cited_articles.level,
        case
            when placed.law_date between cited_articles.valid_from and cited_articles.valid_to then 0
            else 1
        end as is_out_of_force
    from placed
    inner join cited_articles
        on placed.case_id = cited_articles.case_id
),

-- A case applies a law once, however many of its articles it cites.
case_units as (
    select
        case_id,
        'article' as unit_kind,
        article_id as unit_id,
        is_out_of_force
    from case_articles
    union all
    select
        case_id,
        'law' as unit_kind,
        law_id as unit_id,
        max(is_out_of_force) as is_out_of_force
    from case_articles
    group by case_id, law_id
    union all
    select
        case_id,
        'level' as unit_kind,
        level as unit_id,
        max(is_out_of_force) as is_out_of_force
    from case_articles
    where level is not null
    group by case_id, level
    union all
    select
        case_id,
        'matter' as unit_kind,
        matter_id as unit_id,
        0 as is_out_of_force
    from placed
),

unit_uses as (
    select
        placed.*,
        case_units.unit_kind,
        case_units.unit_id,
        case_units.is_out_of_force
    from placed
    inner join case_units
        on placed.case_id = case_units.case_id
),

-- The whole district, each body, and each street by the place of the act.
uses as (
    select
        unit_uses.*,
        'total' as scope_kind,
        'total' as scope_id
    from unit_uses
    union all
    select
        unit_uses.*,
        'subject' as scope_kind,
        subject_id as scope_id
    from unit_uses
    union all
    select
        unit_uses.*,
        'area' as scope_kind,
        area_code as scope_id
    from unit_uses
    where area_code is not null
),

-- What could have been applied: articles and matters of the whole district, and what each body's powers rest on.
matter_articles as (
    select
        matter_id,
        {{ list_member('violated_articles') }} as member
    from matters
    union
    select
        matter_id,
        {{ list_member('penalty_articles') }} as member
    from matters
),

held_matters as (
    select distinct
        powers.subject_id,
        powers.matter_id,
        powers.valid_from,
        powers.valid_to
    from powers
    inner join matters
        on powers.matter_id = matters.matter_id
),

matter_spans as (
    select
        matter_id,
        min(valid_from) as valid_from,
        max(in_force_to) as valid_to
    from matters
    group by matter_id
),

units as (
    select
        'article' as unit_kind,
        article_id as unit_id,
        'total' as scope_kind,
        'total' as scope_id,
        valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to
    from articles
    union all
    select
        'law' as unit_kind,
        law_id as unit_id,
        'total' as scope_kind,
        'total' as scope_id,
        valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to
    from laws
    union all
    select
        'level' as unit_kind,
        level as unit_id,
        'total' as scope_kind,
        'total' as scope_id,
        valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to
    from laws
    union all
    select
        'matter' as unit_kind,
        matter_id as unit_id,
        'total' as scope_kind,
        'total' as scope_id,
        valid_from,
        valid_to
    from matter_spans
    union all
    select
        'matter' as unit_kind,
        matter_id as unit_id,
        'subject' as scope_kind,
        subject_id as scope_id,
        valid_from,
        valid_to
    from held_matters
    union all
    select
        'article' as unit_kind,
        articles.article_id as unit_id,
        'subject' as scope_kind,
        held_matters.subject_id as scope_id,
        greatest(held_matters.valid_from, articles.valid_from) as valid_from,
        least(held_matters.valid_to, coalesce(articles.valid_to, {{ open_end() }})) as valid_to
    from held_matters
    inner join matter_articles
        on held_matters.matter_id = matter_articles.matter_id
    inner join articles
        on matter_articles.member = articles.article_id
),

-- A unit was in force all through the period if one of its spans covers it, for a part if one touches it.
frame as (
    select
        periods.period_kind,
        periods.period,
        units.unit_kind,
        units.unit_id,
        units.scope_kind,
        units.scope_id,
        max(
            case
                when units.valid_from <= periods.first_month and units.valid_to >= periods.last_day then 1
                else 0
            end
        ) as is_in_force_throughout
    from units
    inner join periods
        on
            units.valid_from <= periods.last_day
            and units.valid_to >= periods.first_month
    where units.valid_from <= units.valid_to
    group by
        periods.period_kind,
        periods.period,
        units.unit_kind,
        units.unit_id,
        units.scope_kind,
        units.scope_id
),

counted as (
    select
        periods.period_kind,
        periods.period,
        uses.unit_kind,
        uses.unit_id,
        uses.scope_kind,
        uses.scope_id,
        {{ discretion_counts() }}
    from uses
    inner join periods
        on uses.used_month between periods.first_month and periods.last_month
    group by
        periods.period_kind,
        periods.period,
        uses.unit_kind,
        uses.unit_id,
        uses.scope_kind,
        uses.scope_id
),

first_uses as (
    select
        unit_kind,
        unit_id,
        scope_kind,
        scope_id,
        min(used_month) as first_used_month
    from uses
    group by unit_kind, unit_id, scope_kind, scope_id
),

every_unit as (
    select
        period_kind,
        period,
        unit_kind,
        unit_id,
        scope_kind,
        scope_id
    from frame
    union
    select
        period_kind,
        period,
        unit_kind,
        unit_id,
        scope_kind,
        scope_id
    from counted
),

joined as (
    select
        every_unit.period_kind,
        every_unit.period,
        every_unit.unit_kind,
        every_unit.unit_id,
        every_unit.scope_kind,
        every_unit.scope_id,
        coalesce(frame.is_in_force_throughout, 0) = 1 as is_in_force_throughout,
        coalesce(counted.uses, 0) as uses,
        coalesce(counted.months_used, 0) as months_used,
        coalesce(counted.bodies, 0) as bodies,
        counted.last_used_on,
        coalesce(first_uses.first_used_month < periods.first_month, false) as was_used_before,
        {% for place in band_places() + ['lighter', 'mitigated', 'heavier', 'uses_out_of_force'] %}
            coalesce(counted.{{ place }}, 0) as {{ place }},
        {% endfor %}
        rank() over (
            partition by every_unit.period_kind, every_unit.unit_kind, every_unit.scope_kind, every_unit.scope_id
            order by coalesce(counted.uses, 0) desc
        ) as use_rank,
        count(*) over (
            partition by every_unit.period_kind, every_unit.unit_kind, every_unit.scope_kind, every_unit.scope_id
        ) as ranked_units
    from every_unit
    inner join periods
        on
            every_unit.period_kind = periods.period_kind
            and every_unit.period = periods.period
    left join frame
        on
            every_unit.period_kind = frame.period_kind
            and every_unit.unit_kind = frame.unit_kind
            and every_unit.unit_id = frame.unit_id
            and every_unit.scope_kind = frame.scope_kind
            and every_unit.scope_id = frame.scope_id
    left join counted
        on
            every_unit.period_kind = counted.period_kind
            and every_unit.unit_kind = counted.unit_kind
            and every_unit.unit_id = counted.unit_id
            and every_unit.scope_kind = counted.scope_kind
            and every_unit.scope_id = counted.scope_id
    left join first_uses
        on
            every_unit.unit_kind = first_uses.unit_kind
            and every_unit.unit_id = first_uses.unit_id
            and every_unit.scope_kind = first_uses.scope_kind
            and every_unit.scope_id = first_uses.scope_id
),

-- The classes of domain §1.4: 12 a year or the top tenth is frequent, 1 to 3 rare, none while in force all year unused.
classified as (
    select
        joined.*,
        case
            when uses >= {{ var('law_frequent_from') }} then 'frequent'
            when
                uses > {{ var('law_rare_up_to') }}
                and use_rank <= ceil({{ var('law_frequent_share') }} * ranked_units) then 'frequent'
            when uses > {{ var('law_rare_up_to') }} then 'occasional'
            when uses > 0 then 'rare'
            when not is_in_force_throughout then 'not_in_force'
            when was_used_before then 'dormant'
            else 'unused'
        end as usage_class
    from joined
),

changed_articles as (
    select
        periods.period_kind,
        articles.article_id,
        articles.law_id,
        articles.replaced_by,
        case
            when
                articles.valid_to between periods.first_month and periods.last_day
                and articles.replaced_by is not null then 'replaced'
            when articles.valid_to between periods.first_month and periods.last_day then 'ended'
            when articles.valid_from between periods.first_month and periods.last_day then 'new'
        end as law_change,
        case
            when articles.valid_to between periods.first_month and periods.last_day then articles.valid_to
            when articles.valid_from between periods.first_month and periods.last_day then articles.valid_from
        end as changed_on
    from articles
    cross join periods
),

changed_laws as (
    select
        period_kind,
        law_id,
        count(law_change) as changed_articles
    from changed_articles
    group by period_kind, law_id
),

described as (
    select
        classified.period_kind,
        classified.period,
        classified.unit_kind,
        classified.unit_id,
        classified.scope_kind,
        classified.scope_id,
        coalesce(article.law_id, law.law_id) as law_id,
        coalesce(
            law_of_article.level,
            law.level,
            case when classified.unit_kind = 'level' then classified.unit_id end
        ) as law_level,
        coalesce(law_of_article.name, law.name, matter.name) as unit_name,
        article.number as article_number,
        classified.is_in_force_throughout,
        classified.uses,
        classified.months_used,
        classified.bodies,
        classified.last_used_on,
        classified.usage_class,
        classified.below_band,
        classified.at_minimum,
        classified.lower_third,
        classified.middle_third,
        classified.upper_third,
        classified.at_maximum,
        classified.above_band,
        classified.no_band,
        classified.lighter,
        classified.mitigated,
        classified.heavier,
        classified.uses_out_of_force,
        changed_articles.law_change,
        changed_articles.changed_on,
        changed_articles.replaced_by,
        changed_laws.changed_articles
    from classified
    left join articles as article
        on
            classified.unit_kind = 'article'
            and classified.unit_id = article.article_id
    left join laws as law_of_article
        on article.law_id = law_of_article.law_id
    left join laws as law
        on
            classified.unit_kind = 'law'
            and classified.unit_id = law.law_id
    left join matters as matter
        on
            classified.unit_kind = 'matter'
            and classified.unit_id = matter.matter_id
            and matter.is_newest
    left join changed_articles
        on
            classified.unit_kind = 'article'
            and classified.unit_id = changed_articles.article_id
            and classified.period_kind = changed_articles.period_kind
    left join changed_laws
        on
            classified.unit_kind = 'law'
            and classified.unit_id = changed_laws.law_id
            and classified.period_kind = changed_laws.period_kind
)

select * from described
