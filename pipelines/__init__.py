"""From files to a published edition: plain functions, and the thin Dagster that calls them.

Belongs here: reading exports, the warehouse, editions, the demo, the command line, and one module
per Dagster concept. Does not belong here: what a record is (`expectations/contracts`), what an
indicator counts (`dbt_project`), how a page looks (`reports`).

Layers, each importing only those to its left:
`errors, existing, log, settings` < `contract` < `warehouse` < `scheme` < `demo, ingest` < `expectations` <
`assessment` < `editions` < `appeals` < `reports` < `assets, checks, jobs, … definitions` < `cli`.
"""
