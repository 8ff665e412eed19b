"""Exports as a district of Binhai's size would send them, and the truth about what is planted in them.

Belongs here: the synthetic world and its files. Does not belong here: anything a real run needs.

The world. 110 subjects (21 street-towns, 47 bureaus of five zones, 42 departments) with 252 agencies and
2,500 officers hold some 10,000 powers over 1,500 matters. Bodies are unlike each other: a few do most of
the work, three street-towns of six officers next to nothing. Officers move, go on leave, retire;
certificates of five years are renewed (a new row) or, now and then, run out while the officer stays. Teams
of two are in one place at a time. Acts follow seasons and the official working days. A case is exported as
it stood at each month's export (`i` when filed, `u` as it is decided, served, closed). Most entries are
made within a day, some weeks later. What was sent wrongly is put right (`u`) or withdrawn (`d`) by files
named `…_更正`. Most cases are lawful; time limits, two officers, hearings, reviews, bands, service and
publication are each broken now and then. Without defects every reference leads somewhere, every act rests
on a power in force, and every officer named is on post with a valid certificate.

Every entity has one file per month, `<entity>__<month>.<ext>`, ledgers one file each; headers, encodings,
codes and dates differ from file to file (`styles`). Planted defects (`defects`) and signals (`signal_plan`)
are listed in truth.json, and so is every record that breaks a statutory rule (`breaches`); no other does.
"""

from pipelines.demo.generate import write_demo
from pipelines.demo.truth import DemoSummary

__all__ = ["DemoSummary", "write_demo"]
