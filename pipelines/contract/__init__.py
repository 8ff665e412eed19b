"""What a record is, read from `expectations/contracts`.

Belongs here: the model that validates contract files, their loader, and the tables they imply.
Does not belong here: reading exports (`ingest`), judging records (`expectations`).
"""
