"""Pages of `docs` that are written from declarations and from the tests that show them.

Belongs here: what turns a declaration and its spec file into a page, and `python -m tests.pages`, which writes them
(`make generate`). Does not belong here: the texts themselves; they stand in the declarations and in `tests/spec`.
"""
