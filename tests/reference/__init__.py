"""A second computation of the first indicators, in plain Python, from the raw exports.

Belongs here: the slowest and most obvious reading of the definitions, one function per sentence, so that a
person can check it against the text. It shares no code with the readers of `pipelines/ingest` nor with the SQL;
only the headers and codes come from the contract files, which both must obey.
Does not belong here: anything a real run needs, and any trick that makes it faster but less plain.
"""
