"""Log lines are key=value, also when a value has blanks, quotes or line breaks."""

from pipelines import log


def test_a_line_is_an_event_and_its_fields(tmp_path):
    log.configure(verbose=False, log_file=tmp_path / "logs" / "run.log")
    log.event("file_loaded", name="cases 更正.csv", rows=3, note='say "no"\nplease', empty="")
    log.configure(verbose=False)
    (line,) = (tmp_path / "logs" / "run.log").read_text(encoding="utf-8").splitlines()
    assert line.split(" level=INFO ", 1)[1] == (
        'event=file_loaded name="cases 更正.csv" rows=3 note="say \\"no\\"\\nplease" empty=""'
    )


def test_how_far_a_step_has_come_is_shown_and_not_kept(tmp_path, capsys):
    log.configure(verbose=True, log_file=tmp_path / "run.log")
    log.progress("report", 1, 648, "page")
    log.event("step_done", step="report")
    log.configure(verbose=False)
    kept = (tmp_path / "run.log").read_text(encoding="utf-8").splitlines()
    assert [line.partition("event=")[2] for line in kept] == ["step_done step=report"]
    assert "event=progress step=report done=1 total=648 detail=page" in capsys.readouterr().err
