"""Objections of assessed bodies: the pack each gets, the decisions on it, the corrections that follow.

Belongs here: writing packs, reading decisions, turning accepted ones into ordinary versions of records.
Does not belong here: applying a correction (the next run does, as with any version), judging whether an
objection is right (people do).
"""
