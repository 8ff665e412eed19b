"""Which signals are planted where: decided before anything is drawn, so that the rest keeps clear of them."""

from dataclasses import dataclass, field

import numpy as np

from pipelines.demo.arguments import CASES, DemoArguments
from pipelines.demo.bodies import Bodies

_SILENT_STREET = 4
#: What the planted quota is fined, in yuan: least and most.
QUOTA_FINE = (2000, 2500)
_CASES_A_QUOTA_STREET = 60


@dataclass
class SignalPlan:
    """Subjects and months (indexes) of the signals; rows are added while the world is drawn.

    `records[kind][entity]` collects the ids of records that carry a signal.
    """

    quota_subjects: np.ndarray
    quota_months: np.ndarray
    silent_subject: int
    silent_months: np.ndarray
    batch_subject: int
    batch_months: np.ndarray
    withdrawing_subject: int
    split_groups: int
    double_pairs: int
    records: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    groups: dict[str, list[list[str]]] = field(default_factory=dict)

    def note(self, kind: str, entity: str, ids: list[str]) -> None:
        """Remember that these records carry the signal `kind`."""
        self.records.setdefault(kind, {}).setdefault(entity, []).extend(ids)


def make_signal_plan(arguments: DemoArguments, bodies: Bodies) -> SignalPlan:
    """Signals for the months asked for; a period of fewer than six months has no silent months."""
    months = len(arguments.months)
    silent = np.arange(months - 5, months - 2) if months >= 6 else np.arange(0)
    last_quota_month = months - 5 if months >= 6 else months
    cases = arguments.scaled(CASES)
    # Half a year at the size of a district, three months where there would be room for nothing else.
    length = 6 if cases >= 400 else 3
    quota = np.arange(max(0, last_quota_month - length), last_quota_month)
    streets = bodies.streets
    wanted = int(np.clip(cases // _CASES_A_QUOTA_STREET, 6, len(streets)))
    # Never more than half of all cases.
    wanted = min(wanted, cases // 2 // (3 * len(quota)))
    return SignalPlan(
        quota_subjects=streets[:wanted],
        quota_months=quota,
        silent_subject=_SILENT_STREET,
        silent_months=silent,
        batch_subject=bodies.named("区交通运输局"),
        batch_months=np.arange(max(0, months - 12), months),
        withdrawing_subject=bodies.named("区文化和旅游局"),
        split_groups=int(np.clip(cases // 500, 2, 20)),
        double_pairs=int(np.clip(cases // 250, 4, 30)),
    )
