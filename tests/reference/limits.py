"""Limits of the law and of the catalogue, each written once for the definitions and the rules of the reference."""

from datetime import date

#: What has to be recorded of a case; `execution` too where there was one.
STAGES = frozenset({"start", "evidence", "review", "decision", "service"})
#: A lead is acted on, and closed, within so many days (Administrative Penalty Law, art. 76; the catalogue).
LEAD_DAYS = 15
#: A decision is served (art. 61) and a penalty is published (art. 48) within so many working days.
SERVICE_WORKING_DAYS = 7
PUBLICATION_WORKING_DAYS = 7
#: Market regulation publishes within so many, from the day on which its rule on publication is in force.
MARKETS_PUBLICATION_WORKING_DAYS, MARKETS_PUBLICATION_SINCE = 20, date(2021, 9, 1)
#: From this day the Administrative Penalty Law is in force as it was revised.
REVISION = date(2021, 7, 15)
#: Sealing, seizing and freezing end within so many days and may be extended (Administrative Coercion Law, arts 25, 32).
MEASURE_DAYS, EXTENSION_DAYS = 30, 30
#: A case is decided within so many days of its filing (art. 60), where its matter says nothing else.
DECISION_DAYS = 90
