"""Measures speed and memory against the goals of the project; run with `make bench`.

Belongs here: commands timed as whole processes, the ten slowest models, hand-written SQL to compare
with. Does not belong here: assertions; a slow machine fails no test.
"""
