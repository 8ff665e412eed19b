"""`hengfa demo`: exports of a made-up district, to try everything with."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="目录 Folder to write into.")],
    seed: Annotated[int, typer.Option(help="随机种子 Seed; the same seed gives the same bytes.")] = 20260101,
    scale: Annotated[float, typer.Option(help="规模，1.0 为一个区 Scale; 1.0 is a district, 0.01 a test.")] = 1.0,
    first_month: Annotated[str, typer.Option("--from", metavar="MONTH", help="首月 First month.")] = "2024-01",
    last_month: Annotated[str, typer.Option("--to", metavar="MONTH", help="末月 Last month.")] = "2026-10",
    defects: Annotated[
        float, typer.Option(help="植入缺陷占记录的比例 Planted defects, a share of the records; 0 for none.")
    ] = 0.01,
    force: Annotated[
        bool, typer.Option("--force", help="目录非空也写入 Write even where the folder is not empty.")
    ] = False,
) -> None:
    """生成演示数据及其真值表。Write made-up exports, and truth.json with what is planted in them."""
    import sys

    from pipelines.demo import write_demo

    made = write_demo(
        out,
        seed=seed,
        scale=scale,
        first_month=first_month,
        last_month=last_month,
        defect_rate=defects,
        force=force,
    )
    names = {
        "subjects": "执法主体 subjects",
        "agencies": "执法机构 agencies",
        "officers": "执法人员 officers",
        "enforcement_records": "执法信息 enforcement records",
        "penalty_cases": "  处罚案件 penalty cases",
        "inspections": "  行政检查 inspections",
        "patrols": "  日常巡查 patrols",
        "leads": "  线索 leads",
        "coercions": "  行政强制 coercive measures",
    }
    lines = [f"{made.out}: {made.files} 个文件 files, {made.rows:,} 行 rows"]
    lines += [f"{label}: {made.headline[key]:,}" for key, label in names.items()]
    lines += [
        f"植入缺陷 planted defects: {made.defects:,}",
        f"植入信号 planted signals: {', '.join(made.signals) or '无 none'}",
        f"真值表 truth: {made.out / 'truth.json'}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
