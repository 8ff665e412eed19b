"""Mistakes that could be made in the SQL, each of which a spec test must notice.

Belongs here: the list of mistakes and the command `python -m tests.mutations` that tries them one by one on the
parsed dbt project. Does not belong here: the tests that notice them; those are in `tests/spec`.
"""
