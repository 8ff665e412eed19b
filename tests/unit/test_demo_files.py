"""The written demo, read back file by file: headers, counts, planted defects, a clean world without them."""

import gzip
import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.demo import write_demo
from pipelines.demo.identifiers import is_credit_code

SMALL = {"scale": 0.01, "first_month": "2025-08", "last_month": "2026-10"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo with many defects."""
    out = tmp_path_factory.mktemp("demo")
    write_demo(out, seed=7, defect_rate=0.05, **SMALL)  # type: ignore[arg-type]
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same world without defects."""
    out = tmp_path_factory.mktemp("clean")
    write_demo(out, seed=7, defect_rate=0.0, **SMALL)  # type: ignore[arg-type]
    return out


def truth_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def read(folder: Path, file: dict[str, Any]) -> pl.DataFrame:
    """A file as text under contract names, codes undone; by no code that wrote it."""
    path = folder / file["name"]
    if file["format"] == "parquet":
        frame = pl.read_parquet(path)
    elif file["format"] == "jsonl":
        frame = pl.read_ndjson(path, infer_schema_length=None)
    elif file["format"] == "xlsx":
        frame = pl.read_excel(path, infer_schema_length=0)
    else:
        content = path.read_bytes()
        if file["format"] == "csv.gz":
            content = gzip.decompress(content)
        text = content.decode(file["encoding"])
        frame = pl.read_csv(io.StringIO(text), separator=file["separator"], infer_schema=False)
    contracts = load_contracts()
    contract = contracts.entities[file["entity"]]
    names = {f.label.zh: f.name for f in contract.fields} | {f.name: f.name for f in contract.fields}
    # A header that the contract does not know is an error here.
    frame = frame.rename({header: names[header] for header in frame.columns}).cast(pl.String)
    undone = []
    for field in contract.fields:
        codes = contracts.codes_of(field)
        if field.type == "code" and codes is not None and field.name in frame.columns:
            shapes = {f"{c} {label.zh}": c for c, label in codes.codes.items()}
            shapes |= {label.zh: c for c, label in codes.codes.items()}
            undone.append(pl.col(field.name).replace(shapes))
    return frame.with_columns(undone)


def records(folder: Path, entity: str) -> pl.DataFrame:
    """All rows of an entity, newest version first for each key, with file and row; broken rows left out."""
    truth = truth_of(folder)
    broken = {tuple(r["places"][0]) for d in truth["defects"] if d["group"] == "quarantine" for r in d["records"]}
    parts = []
    for file in truth["files"]:
        if file["entity"] == entity:
            frame = read(folder, file).with_columns(pl.lit(file["name"]).alias("file"))
            frame = frame.with_row_index("row", 2).filter(
                ~pl.struct("file", "row").map_elements(
                    lambda at: (at["file"], at["row"]) in broken, return_dtype=pl.Boolean
                )
            )
            parts.append(frame)
    return pl.concat(parts, how="diagonal")


def alive(folder: Path, entity: str) -> pl.DataFrame:
    """The newest version of each key that was not withdrawn. Files stand in order of time."""
    key = list(load_contracts().entities[entity].key)
    rows = records(folder, entity)
    corrections = pl.col("file").str.contains("更正")
    month = pl.col("file").str.extract(r"(\d{4}-\d\d)")
    newest = rows.sort(month, corrections, maintain_order=True).unique(key, keep="last", maintain_order=True)
    return newest.filter(pl.col("operation").fill_null("i") != "d") if "operation" in newest.columns else newest


def test_the_same_arguments_give_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, seed=7, defect_rate=0.05, **SMALL)  # type: ignore[arg-type]

    def digests(folder: Path) -> dict[str, str]:
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}

    assert digests(tmp_path) == digests(demo)


def test_another_seed_gives_other_records(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, seed=8, defect_rate=0.05, **SMALL)  # type: ignore[arg-type]
    assert (tmp_path / "subjects.xlsx").read_bytes() != (demo / "subjects.xlsx").read_bytes()
    assert truth_of(tmp_path)["headline"] == truth_of(demo)["headline"]


def test_headline_counts(demo: Path) -> None:
    """531,955 × 0.01 × 15 / 34 = 2,346.9 records, of them 8,740 × 0.01 × 15 / 34 = 38.6 cases."""
    headline = truth_of(demo)["headline"]
    assert headline["enforcement_records"] == 2347
    assert headline["penalty_cases"] == 39
    assert (headline["subjects"], headline["agencies"], headline["officers"]) == (110, 252, 600)
    kinds = ("penalty_cases", "inspections", "patrols", "leads", "coercions")
    assert sum(headline[k] for k in kinds) == headline["enforcement_records"]


def test_every_file_is_listed_with_its_rows_and_its_headers_are_of_the_contract(demo: Path) -> None:
    truth = truth_of(demo)
    assert {f["name"] for f in truth["files"]} | {"truth.json"} == {p.name for p in demo.iterdir()}
    for file in truth["files"]:
        frame = read(demo, file)
        contract = load_contracts().entities[file["entity"]]
        assert set(frame.columns) <= set(contract.by_name), file["name"]
        assert {f.name for f in contract.required_fields} <= set(frame.columns), file["name"]
        assert len(frame) == file["rows"], file["name"]


def test_files_look_unlike_each_other(demo: Path) -> None:
    files = truth_of(demo)["files"]
    assert {"csv", "csv.gz", "xlsx", "parquet", "jsonl"} == {f["format"] for f in files}
    assert {"gb18030", "utf-8-sig", "utf-8"} <= {f["encoding"] for f in files}
    assert len({f["separator"] for f in files if f["separator"]}) == 3


@pytest.mark.parametrize("entity", ["cases", "inspections", "leads", "coercions", "participations", "documents"])
def test_keys_alive_are_those_of_the_truth(demo: Path, entity: str) -> None:
    assert len(alive(demo, entity)) == truth_of(demo)["entities"][entity]["keys_alive"]


def test_planted_rows_hold_what_the_truth_says(demo: Path) -> None:
    """Each broken row stands where the truth says, with a value that breaks the contract."""
    truth = truth_of(demo)
    files = {f["name"]: read(demo, f) for f in truth["files"]}
    seen: Counter[str] = Counter()
    for defect in truth["defects"]:
        assert defect["count"] == len(defect["records"])
        if defect["group"] == "quarantine":
            assert defect["count"] > 0, defect["kind"]
            for record in defect["records"]:
                ((name, row),) = record["places"]
                cell = files[name][defect["field"]][row - 2]
                seen[name] += 1
                field = load_contracts().entities[defect["entity"]].field(defect["field"])
                breaks = {
                    "unreadable_date": cell in ("2025-02-30 10:61", "待补录"),
                    "unknown_code": cell in ("其他方式", "网络渠道", "归档"),
                    "negative_amount": cell == "-500.00",
                    "missing_key": cell is None,
                    "missing_required": cell is None,
                    "text_too_long": cell is not None and len(cell) > (field.max_length or 0),
                    "out_of_range": cell is not None and field.maximum is not None and float(cell) > field.maximum,
                }
                assert breaks[defect["kind"]], (defect["kind"], name, row, cell)
    assert seen == Counter({f["name"]: f["broken"] for f in truth["files"] if f["broken"]})


def planted(folder: Path, kind: str, entity: str) -> set[tuple[str, ...]]:
    found = [d for d in truth_of(folder)["defects"] if (d["kind"], d["entity"]) == (kind, entity)]
    return {tuple(r["key"].values()) for d in found for r in d["records"]}


def dangling(folder: Path, entity: str, field: str, target: str, target_field: str) -> set[tuple[str, ...]]:
    """Keys of living records whose reference leads nowhere."""
    known = set(alive(folder, target)[target_field].to_list())
    key = list(load_contracts().entities[entity].key)
    rows = alive(folder, entity).filter(pl.col(field).is_not_null() & ~pl.col(field).is_in(list(known)))
    return set(rows.select(key).rows())


REFERENCES = [
    ("participations", "officer_id", "officers", "officer_id", "officer_unknown"),
    ("inspections", "matter_id", "matters", "matter_id", "matter_unknown"),
    ("cases", "matter_id", "matters", "matter_id", "matter_unknown"),
    ("inspections", "agency_id", "agencies", "agency_id", "agency_unknown"),
    ("cases", "lead_id", "leads", "lead_id", "lead_unknown"),
    ("leads", "case_id", "cases", "case_id", "case_unknown"),
    ("inspections", "plan_id", "inspection_plans", "plan_id", ""),
    ("recordings", "device_id", "devices", "device_id", ""),
    ("disputes", "case_id", "cases", "case_id", ""),
    ("coercions", "case_id", "cases", "case_id", ""),
    ("review_faults", "supervision_id", "supervisions", "supervision_id", ""),
    ("powers", "matter_id", "matters", "matter_id", ""),
    ("articles", "replaced_by", "articles", "article_id", ""),
]


@pytest.mark.parametrize(("entity", "field", "target", "target_field", "kind"), REFERENCES)
def test_references_lead_nowhere_only_where_planted(
    demo: Path, clean: Path, entity: str, field: str, target: str, target_field: str, kind: str
) -> None:
    assert dangling(demo, entity, field, target, target_field) == planted(demo, kind, entity)
    assert dangling(clean, entity, field, target, target_field) == set()


def test_activities_exist_except_where_planted(demo: Path, clean: Path) -> None:
    keys = {"inspection": "inspections", "case": "cases", "coercion": "coercions", "lead": "leads"}
    for folder in (demo, clean):
        known = {k: set(alive(folder, e)[load_contracts().entities[e].key[0]].to_list()) for k, e in keys.items()}
        rows = alive(folder, "recordings").select("recording_id", "activity_kind", "activity_id").rows()
        lost = {(r,) for r, kind, act in rows if act not in known[kind]}
        assert lost == planted(folder, "activity_unknown", "recordings")
        rows = alive(folder, "participations").select("activity_kind", "activity_id").rows()
        assert [(kind, act) for kind, act in rows if act not in known[kind]] == []


def without_power(folder: Path, entity: str) -> set[tuple[str, ...]]:
    held = set(alive(folder, "powers").select("subject_id", "matter_id").rows())
    known = set(alive(folder, "matters")["matter_id"].to_list())
    key = load_contracts().entities[entity].key[0]
    rows = alive(folder, entity).select(key, "subject_id", "matter_id").rows()
    return {(k,) for k, s, m in rows if m in known and (s, m) not in held}


@pytest.mark.parametrize("entity", ["inspections", "cases", "coercions"])
def test_acts_rest_on_a_power_except_where_planted(demo: Path, clean: Path, entity: str) -> None:
    assert without_power(demo, entity) == planted(demo, "act_without_power", entity)
    assert without_power(clean, entity) == set()


def test_values_that_the_audit_must_find(demo: Path, clean: Path) -> None:
    for folder in (demo, clean):
        rows = alive(folder, "inspections")
        codes = rows.filter(pl.col("object_id").is_not_null()).select("inspection_id", "object_id").rows()
        assert {(i,) for i, code in codes if not is_credit_code(code)} == planted(
            folder, "credit_code_check", "inspections"
        )
        far = rows.filter(pl.col("longitude").cast(pl.Float64) < 117.0)
        assert set(far.select("inspection_id").rows()) == planted(folder, "coordinates_outside", "inspections")
        same = ["subject_id", "matter_id", "object_id", "started_at", "agency_id", "longitude"]
        twins = rows.filter(pl.col("object_id").is_not_null() & pl.struct(same).is_duplicated())
        copies = planted(folder, "duplicate_act", "inspections")
        assert copies <= set(twins.select("inspection_id").rows())
        assert len(twins) == 2 * len(copies)
        slips = alive(folder, "cases").filter(pl.col("fine_amount").cast(pl.Float64) < 10)
        assert set(slips.select("case_id").rows()) == planted(folder, "amount_slip", "cases")


def test_no_defects_when_none_are_asked_for(clean: Path) -> None:
    truth = truth_of(clean)
    assert [d["kind"] for d in truth["defects"] if d["count"]] == []
    assert [f["name"] for f in truth["files"] if f["broken"]] == []


def test_the_quota_is_as_even_as_the_truth_says(clean: Path) -> None:
    """2 or 3 penalties on one matter for each body and month, each fined 2,000 to 2,500 yuan."""
    quota = next(s for s in truth_of(clean)["signals"] if s["kind"] == "quota_uniformity")
    cases = alive(clean, "cases").filter(pl.col("case_id").is_in(quota["records"]["cases"]))
    assert set(cases["matter_id"]) == {quota["matter_id"]}
    assert cases["fine_amount"].cast(pl.Float64).is_between(*quota["fine"]).all()
    each = Counter((s, c[2:8]) for s, c in cases.select("subject_id", "case_id").rows())
    assert set(each.values()) <= {2, 3}
    assert len(each) == len(quota["subject_ids"]) * len(quota["months"])


def test_a_silent_body_sends_nothing(clean: Path) -> None:
    silent = next(s for s in truth_of(clean)["signals"] if s["kind"] == "silent_months")
    (body,) = silent["subject_ids"]
    for entity in ("cases", "inspections", "leads", "coercions"):
        rows = records(clean, entity).filter(pl.col("subject_id") == body)
        sent = set(rows["file"].str.extract(r"(\d{4}-\d\d)").to_list())
        assert sent & set(silent["months"]) == set(), entity
    assert len(records(clean, "inspections").filter(pl.col("subject_id") == body)) > 0


def test_one_officer_in_two_places(clean: Path) -> None:
    signal = next(s for s in truth_of(clean)["signals"] if s["kind"] == "two_places_at_once")
    named: dict[str, set[str]] = {}
    for act, officer in alive(clean, "participations").select("activity_id", "officer_id").rows():
        named.setdefault(act, set()).add(officer)
    assert signal["groups"]
    for first, second in signal["groups"]:
        assert len(named[first] & named[second]) == 1


def test_truth_holds_no_personal_data(demo: Path) -> None:
    text = (demo / "truth.json").read_text(encoding="utf-8")
    people = set(alive(demo, "officers")["name"].to_list())
    people |= set(alive(demo, "inspections")["object_name"].drop_nulls().to_list())
    assert [name for name in people if name in text] == []
