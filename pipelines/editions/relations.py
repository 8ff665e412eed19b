"""What an edition holds beside results, evidence and records: one query per file."""

from pipelines.warehouse.coverage import after_as_of_query

#: File of the edition → the query that fills it, in a fixed order of rows.
PUBLISHED_RELATIONS = {
    "dimensions/subjects.parquet": """
        select subject_id, name, kind, field, peer_group_id, area_code, population, area_km2, valid_from, valid_to
        from marts.dim_subject order by subject_id
    """,
    "dimensions/agencies.parquet": """
        select agency_id, subject_id, name, workflow from marts.dim_agency order by agency_id
    """,
    "dimensions/matters.parquet": """
        select matter_id, name, kind, domain from marts.dim_matter where is_newest order by matter_id
    """,
    "dimensions/peer_groups.parquet": """
        select peer_group_id, kind, field, subjects from marts.dim_peer_group order by peer_group_id
    """,
    "rules.parquet": """
        select
            rule_id, subject_id, agency_id, month, record_entity, record_id, happened_at,
            result, reason, from_at, to_at, observed, allowed
        from rules.rule_results order by rule_id, subject_id, month, record_entity, record_id
    """,
    "signals.parquet": """
        select * from signals.signal_results order by signal_id, scope_id, month
    """,
    "signal_records.parquet": """
        select * from signals.signal_records order by signal_id, scope_id, month, record_entity, record_id
    """,
    "law_application.parquet": """
        select * from reporting.law_application order by period_kind, unit_kind, scope_kind, scope_id, unit_id
    """,
    "changes.parquet": """
        select * from assessment.changes
        order by indicator_id, variant, level, entity_id, comparison, domain
    """,
    "files.parquet": """
    select
        name, sha256, entity, format, encoding, mapping, mapping_sha256, status,
        rows_read, rows_loaded, rows_quarantined, rows_filtered, extra_columns, reason
    from raw.files
    order by name, entity, sha256, mapping_sha256
    """,
    "after_as_of.parquet": after_as_of_query(),
}
