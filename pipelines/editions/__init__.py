"""A month as published: frozen, hashed, verified, compared.

Belongs here: freezing results and evidence into an edition, its manifest, reading and verifying it.
Does not belong here: computing results (`dbt_project`), rendering them (`reports`).
"""
