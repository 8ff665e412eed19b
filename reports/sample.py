"""The sample audit: a stratified random sample of case files, a form for the reviewer, and what it says.

After the file reviews of the US EPA's State Review Framework and the recording audits of HMICFRS (domain
§4.1, §4.3): what the warehouse says of a case is held against the file on paper.

The rule for the size (Cochran 1977, §4.4, with the correction for small populations): n = n0 / (1 + (n0 - 1) / N)
with n0 = z² / (4 e²), the size that gives any share to ± e at 95 %. Every body with decided cases gives at least
`LEAST` of them or all it has; what is left is shared out by the number of cases, largest remainders first.
Which cases: those with the smallest sha256 of `seed:case_id`, so that a seed draws the same sample anywhere.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from pipelines.contract.loader import Contracts
from pipelines.contract.model import ContractField, Label, Language
from pipelines.errors import FileRefusedError, UsageError
from pipelines.existing import require_existing

#: Half the width of the interval that the size is made for, and the least number of files of a body.
MARGIN = 0.10
LEAST = 2
_CREATED = datetime(2000, 1, 1)

#: What a reviewer compares; fields that say nothing of the file (ids, links) are left out.
FIELDS = (
    "matter_id", "source", "procedure", "violation_on", "filed_at", "reviewed_at", "notified_at", "decided_at",
    "decision", "penalty_types", "fine_amount", "discretion", "served_at", "executed_at", "published_at",
)  # fmt: skip

COLUMNS: dict[str, Label] = {
    "case_id": Label(zh="案件编号", en="Case id"),
    "subject": Label(zh="执法主体", en="Subject"),
    "subject_id": Label(zh="主体编码", en="Subject id"),
    "weight": Label(zh="权数", en="Weight"),
    "field": Label(zh="字段", en="Field"),
    "label": Label(zh="字段名称", en="Field name"),
    "recorded": Label(zh="系统记录", en="Recorded"),
    "matches": Label(zh="与案卷一致(是/否/无)", en="Matches the file (y/n/none)"),
    "in_file": Label(zh="案卷所载", en="In the file"),
}
#: What the form is read by and no reviewer needs to see.
HIDDEN = ("subject_id", "weight", "field")
_YES, _NO, _UNKNOWN = {"是", "y", "yes", "1"}, {"否", "n", "no", "0"}, {"无", "none", "-", ""}


def sample_size(population: int, *, quantile: float, margin: float = MARGIN) -> int:
    """How many of `population` files to review, by the rule above: 0 of 0, 96 of very many at ± 10 points."""
    if population == 0:
        return 0
    unlimited = quantile**2 / (4 * margin**2)
    return min(population, math.ceil(unlimited / (1 + (unlimited - 1) / population)))


def allocate(sizes: dict[str, int], total: int, least: int = LEAST) -> dict[str, int]:
    """How many files each stratum gives: at least `least` or all, the rest of `total` in proportion."""
    given = {name: min(size, least) for name, size in sizes.items()}
    room = {name: size - given[name] for name, size in sizes.items()}
    spare = sum(room.values())
    rest = min(spare, max(0, total - sum(given.values())))
    if not rest:
        return given
    exact = {name: rest * size / spare for name, size in room.items()}
    given = {name: given[name] + math.floor(exact[name]) for name in sizes}
    by_remainder = sorted(sizes, key=lambda name: (math.floor(exact[name]) - exact[name], name))
    for name in by_remainder[: rest - sum(math.floor(share) for share in exact.values())]:
        given[name] += 1
    return given


@dataclass(frozen=True)
class Drawn:
    """A sample: the cases in order, each with its weight (cases it stands for), and how many there were."""

    cases: pl.DataFrame
    population: int
    seed: int


def draw(cases: pl.DataFrame, month: str, *, seed: int, quantile: float) -> Drawn:
    """Draw from the cases of `records/cases.parquet` that were decided in `month`; UsageError if there is none."""
    decided = cases.filter(
        pl.col("decided_at").dt.strftime("%Y-%m") == month, pl.col("decision").is_in(["penalty", "no_penalty"])
    ).with_columns(
        pl.col("case_id")
        .map_elements(lambda case: hashlib.sha256(f"{seed}:{case}".encode()).hexdigest(), return_dtype=pl.String)
        .alias("_lot")
    )
    if not decided.height:
        raise UsageError(f"no case was decided in {month}: there is no file to draw. Choose another edition.")
    sizes = dict(decided.group_by("subject_id").len().sort("subject_id").iter_rows())
    given = allocate(sizes, sample_size(decided.height, quantile=quantile))
    chosen = [
        decided.filter(pl.col("subject_id") == name)
        .sort("_lot")
        .head(number)
        .with_columns(pl.lit(sizes[name] / number).alias("weight"))
        for name, number in given.items()
        if number
    ]
    return Drawn(pl.concat(chosen).drop("_lot").sort("subject_id", "case_id"), decided.height, seed)


def _recorded(
    field: ContractField, value: Any, contracts: Contracts, names: Mapping[str, str], language: Language
) -> str:
    """A recorded value as a file would word it: codes by their labels, matters with their name, midnight as a day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    codes = contracts.codes_of(field)
    if codes is not None:
        parts = str(value).split(";")
        return ";".join(codes.codes[part].text(language) if part in codes.codes else part for part in parts)
    return f"{value} {names[str(value)]}" if str(value) in names else str(value)


def write_form(
    drawn: Drawn,
    path: Path,
    contracts: Contracts,
    *,
    language: Language,
    subjects: Mapping[str, str] | None = None,
    matters: Mapping[str, str] | None = None,
) -> None:
    """The reviewer's form: one row per file and field, the recorded value beside two empty cells.

    `subjects` and `matters` are names by id; what has none goes by its id.
    """
    subjects, matters = subjects or {}, matters or {}
    contract = contracts.entities["cases"]
    book = xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"created": _CREATED})
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E9ECEF", "text_wrap": True})
    entry = book.add_format({"bg_color": "#FFF6D6", "num_format": "@"})
    sheet = book.add_worksheet("案卷核对" if language == "zh" else "File review")
    for place, label in enumerate(COLUMNS.values()):
        sheet.write_string(0, place, label.text(language), bold)
        sheet.set_column(place, place, 20)
    for name in HIDDEN:
        place = list(COLUMNS).index(name)
        sheet.set_column(place, place, 20, None, {"hidden": True})
    sheet.freeze_panes(1, 0)
    number = 0
    for case in drawn.cases.iter_rows(named=True):
        for name in FIELDS:
            number += 1
            values: dict[str, Any] = {
                "case_id": case["case_id"], "subject": subjects.get(case["subject_id"], case["subject_id"]),
                "subject_id": case["subject_id"], "weight": f"{case['weight']:.6f}",
                "field": name, "label": contract.field(name).label.text(language),
                "recorded": _recorded(contract.field(name), case[name], contracts, matters, language),
            }  # fmt: skip
            for place, column in enumerate(COLUMNS):
                if column in values:
                    sheet.write_string(number, place, values[column])
                else:
                    sheet.write_blank(number, place, None, entry)
    if number:
        place = list(COLUMNS).index("matches")
        sheet.data_validation(
            1,
            place,
            number,
            place,
            {"validate": "list", "source": ["是", "否", "无"] if language == "zh" else ["y", "n", "none"]},
        )
    book.close()


@dataclass(frozen=True)
class FieldResult:
    """One field (None: whole files, all of whose fields match): matches of judged, the weighted share, its interval."""

    field: str | None
    matching: int
    judged: int
    share: float | None
    lower: float | None
    upper: float | None


def wilson(share: float, n: float, quantile: float) -> tuple[float, float]:
    """Wilson's interval of a share of `n`: 6 of 6 → 0.610 to 1 (domain §5.1)."""
    z2 = quantile**2
    middle, half = share + z2 / (2 * n), quantile * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    lower = 0.0 if share == 0 else (middle - half) / (1 + z2 / n)
    return lower, 1.0 if share == 1 else (middle + half) / (1 + z2 / n)


def _result(field: str | None, judged: list[tuple[bool, float]], quantile: float) -> FieldResult:
    if not judged:
        return FieldResult(field, 0, 0, None, None, None)
    weights = [weight for _, weight in judged]
    # Kish: unequal weights make a sample say less than its size.
    effective = sum(weights) ** 2 / sum(weight * weight for weight in weights)
    share = 1.0 if all(ok for ok, _ in judged) else sum(w for ok, w in judged if ok) / sum(weights)
    return FieldResult(field, sum(ok for ok, _ in judged), len(judged), share, *wilson(share, effective, quantile))


def read_form(path: Path, *, quantile: float) -> list[FieldResult]:
    """The share of records that match the file, whole files first, then per field; cells left empty count for nothing.

    Raises UsageError if there is no such file, FileRefusedError for a workbook that is no such form or an answer that
    is none of the three.
    """
    require_existing(path)
    try:
        frame = pl.read_excel(path, engine="calamine", infer_schema_length=0)
    except Exception as error:
        raise FileRefusedError(
            f"{path}: not readable as an Excel workbook ({type(error).__name__}). Fill in the form as it was drawn."
        ) from error
    known = {text: name for name, label in COLUMNS.items() for text in (label.zh, label.en)}
    frame = frame.rename({header: known[header] for header in frame.columns if header in known})
    missing = [name for name in ("case_id", "field", "weight", "matches") if name not in frame.columns]
    if missing:
        raise FileRefusedError(f"{path}: columns are missing: {', '.join(missing)}. Fill in the form as it was drawn.")
    by_field: dict[str, list[tuple[bool, float]]] = {name: [] for name in FIELDS}
    by_case: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for number, row in enumerate(frame.iter_rows(named=True), start=2):
        answer = str(row["matches"] or "").strip().lower()
        if answer in _UNKNOWN:
            continue
        if answer not in _YES | _NO or row["field"] not in by_field:
            raise FileRefusedError(f"{path}: row {number}: `{answer}` is no answer. Write 是, 否 or 无 (y, n or none).")
        judged = (answer in _YES, float(row["weight"]))
        by_field[row["field"]].append(judged)
        by_case[row["case_id"]].append(judged)
    whole = [(all(ok for ok, _ in answers), answers[0][1]) for answers in by_case.values()]
    return [_result(None, whole, quantile), *(_result(name, answers, quantile) for name, answers in by_field.items())]
