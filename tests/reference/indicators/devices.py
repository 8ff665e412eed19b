"""Whether the equipment that was handed out is used."""

from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.periods import last_day, share_a_day
from tests.reference.records import Records
from tests.reference.words import in_month

VARIANTS = {"device_usage_rate": ("recorder", "all")}


def device_usage_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each device in service on a day of the month; a hit if it made a recording in the month."""
    used = {recording["device_id"] for recording in records.recordings if in_month(recording["started_at"], month)}
    subject_of = {agency["agency_id"]: agency["subject_id"] for agency in records.agencies}
    for device in records.devices:
        in_service = share_a_day((month, last_day(month)), (device["issued_on"], device["retired_on"]))
        if not in_service or device["agency_id"] not in subject_of:
            continue
        unit = Unit(subject_of[device["agency_id"]], device["agency_id"], "device", device["device_id"])
        for variant in ("recorder", "all") if device["kind"] == "recorder" else ("all",):
            yield share("device_usage_rate", variant, month, unit, hit(device["device_id"] in used))
