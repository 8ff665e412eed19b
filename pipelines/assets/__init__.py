"""Dagster assets, from landed files to the site; each is a thin call of a plain function.

Belongs here: asset definitions and what they tell Dagster. Does not belong here: the work itself
(`ingest`, `warehouse`, `expectations`, `editions`, `reports`).
"""
