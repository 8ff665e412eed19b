"""The assessment scheme: the dated file by which a bureau weighs indicators, without code.

Belongs here: its schema, what it may not hold, which scheme is in force in a month, the default.
Does not belong here: what an indicator counts (`dbt_project`), how scores are computed (`assessment`).
"""
