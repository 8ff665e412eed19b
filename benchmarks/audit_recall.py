"""Precision and recall of the audit by kind of defect, against the truth that the demo wrote down.

`python -m benchmarks.audit_recall EXPORTS RELATIONS`: EXPORTS holds `truth.json`, RELATIONS the
`failures.parquet` of the audit, an edition's folder or `logs/audit/<month>/relations`. `make bench`
calls `report`.
"""

import json
import sys
from pathlib import Path

import polars as pl

#: Kind of defect in truth.json → the rule that finds it; `{}` is filled with the entity and the field.
RULE_OF = {
    "officer_unknown": "{entity}.{field}.reference",
    "matter_unknown": "{entity}.{field}.reference",
    "agency_unknown": "{entity}.{field}.reference",
    "lead_unknown": "{entity}.{field}.reference",
    "case_unknown": "{entity}.{field}.reference",
    "subject_unknown": "{entity}.{field}.reference",
    "activity_unknown": "{entity}.activity_known",
    "certificate_ended": "participations.certificate_valid",
    "act_without_power": "{entity}.power_on_list",
    "duplicate_act": "{entity}.same_act_once",
    "credit_code_check": "{entity}.object_check_digit",
    "coordinates_outside": "{entity}.inside_territory",
    "submitted_before_act": "{entity}.submitted_after_act",
    "decided_before_filed": "{entity}.decided_after_filed",
    "amount_slip": "{entity}.fine_in_yuan",
}


def recall(truth_file: Path, failures_file: Path) -> pl.DataFrame:
    """One row per kind and entity: kind, rule, planted, found, right, precision, recall; NULL where none was found."""
    defects = json.loads(truth_file.read_text(encoding="utf-8"))["defects"]
    failures = pl.read_parquet(failures_file)
    found_by = {
        rule: set(own["record_id"]) for (rule,), own in failures.group_by("expectation_id", maintain_order=True)
    }
    rows = []
    for defect in defects:
        if defect["group"] != "audit" or not defect["count"]:
            continue
        rule = RULE_OF[defect["kind"]].format(entity=defect["entity"], field=defect["field"])
        planted = {"|".join(record["key"].values()) for record in defect["records"]}
        found = found_by.get(rule, set())
        right = len(planted & found)
        rows.append(
            {
                "kind": f"{defect['entity']} {defect['kind']}",
                "rule": rule,
                "planted": len(planted),
                "found": len(found),
                "right": right,
                "precision": right / len(found) if found else None,
                "recall": right / len(planted),
            }
        )
    return pl.DataFrame(rows)


def report(truth_file: Path, failures_file: Path) -> str:
    """The table as text, one line per kind."""
    lines = [f"{'kind of defect':<44} {'planted':>8} {'found':>8} {'precision':>10} {'recall':>8}"]
    for row in recall(truth_file, failures_file).iter_rows(named=True):
        precision = "—" if row["precision"] is None else f"{row['precision']:.3f}"
        lines.append(f"{row['kind']:<44} {row['planted']:>8} {row['found']:>8} {precision:>10} {row['recall']:>8.3f}")
    return "\n".join(lines)


if __name__ == "__main__":
    exports, relations = (Path(argument) for argument in sys.argv[1:3])
    print(report(exports / "truth.json", relations / "failures.parquet"))
