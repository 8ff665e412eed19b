"""What supervision looks at, how files are judged, and whether problems are put right."""

from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.exports import Row
from tests.reference.records import Records
from tests.reference.words import case_unit, counted_inspections, decided_cases, in_month, inspection_unit

VARIANTS = {
    "supervision_rate": ("cases", "acts"),
    "file_pass_rate": ("pass", "excellent"),
    "rectification_rate": ("default",),
}
#: Points from which a file passes, and from which it is excellent.
LEAST_SCORE = {"pass": 60, "excellent": 90}


def supervision_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each decided case (and counted inspection); a hit if a supervision looked at it by `as_of`."""
    supervised = {
        (event["activity_kind"], event["activity_id"])
        for event in records.supervisions
        if event["done_at"] <= records.as_of
    }
    for case in decided_cases(records, month):
        for variant in ("cases", "acts"):
            state = hit(("case", case["case_id"]) in supervised)
            yield share("supervision_rate", variant, month, case_unit(case), state)
    for inspection in counted_inspections(records, month):
        state = hit(("inspection", inspection["inspection_id"]) in supervised)
        yield share("supervision_rate", "acts", month, inspection_unit(inspection), state)


def _supervision_unit(event: Row) -> Unit:
    return Unit(event["subject_id"], None, "supervision", event["supervision_id"])


def file_pass_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each file review with a score; a hit if nothing fatal was found and the score is high enough."""
    for event in records.supervisions:
        if event["kind"] == "file_review" and event["score"] is not None and in_month(event["done_at"], month):
            for variant, least in LEAST_SCORE.items():
                state = hit(event["fatal"] is not True and event["score"] >= least)
                yield share("file_pass_rate", variant, month, _supervision_unit(event), state)


def rectification_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each supervision that found problems, in the month in which they were due; a hit if put right by then."""
    for event in records.supervisions:
        if (event["problems"] or 0) > 0 and in_month(event["rectify_due_on"], month):
            rectified = event["rectified_on"]
            state = hit(rectified is not None and rectified <= event["rectify_due_on"])
            if rectified is not None and rectified < event["done_at"].date():
                state = "undecidable"
            yield share("rectification_rate", "default", month, _supervision_unit(event), state)
