"""What a record is and what is expected of it: contracts, expectation suites, the audit.

Belongs here: contract files, code lists, suites, the Great Expectations engine over DuckDB, the
audit runner. Does not belong here: what an indicator counts (`dbt_project`).
"""
