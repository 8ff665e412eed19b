"""Drawings: where their marks stand, computed here and drawn by templates and the style sheet.

Belongs here: axes, positions, paths. Does not belong here: words; a chart's text is numbers and months.
"""
