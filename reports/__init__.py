"""From an edition to what people read: contexts, templates, charts, texts in both languages.

Belongs here: everything that turns a frozen edition into pages. Does not belong here: any number
that is not in the edition; templates do no arithmetic. Nothing here reads the warehouse.
"""
