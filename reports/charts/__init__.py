"""Charts: vector drawings of an edition's results.

Belongs here: where a mark stands (`geometry`), and the trend charts of headline indicators, made by
Altair and drawn by vl-convert (`trend`). Does not belong here: words; a chart's text is numbers and
months, so that one drawing serves both languages, and the page says what it shows.
"""
