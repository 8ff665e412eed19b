"""The DuckDB file and its build: raw tables, the lock, the control row, the call of dbt.

Belongs here: what opens or writes the warehouse. Does not belong here: transformations of records
(`dbt_project`), reading exports (`ingest`).
"""
