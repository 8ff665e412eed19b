"""`hengfa doctor`: what this machine lacks, and which feature needs it."""

import sys

import typer


def doctor() -> None:
    """检查本机：缺什么，哪个功能需要它。Say what the machine lacks and which feature needs it."""
    from pipelines.cli.machine import findings

    missing_needed = False
    for finding in findings():
        mark = "✓" if finding.present else ("✗" if finding.needed else "–")
        line = f"{mark} {finding.name}: {finding.found or '无 missing'}"
        if not finding.present:
            line += f"\n    {finding.feature}\n    {finding.remedy}"
            missing_needed = missing_needed or finding.needed
        sys.stdout.write(line + "\n")
    if missing_needed:
        raise typer.Exit(1)
