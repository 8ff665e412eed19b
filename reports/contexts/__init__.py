"""What each page shows, computed before its template is filled: text, links, positions.

Belongs here: choosing, ordering and formatting what an edition holds. Does not belong here: any
number that the edition does not hold, except differences of two of its values and counts of its rows.
"""
