"""What one step of a run does for a later one is taken once, and by no other run."""

from pipelines import ahead


def test_what_was_handed_over_is_taken_once_and_by_its_own_run_alone() -> None:
    ahead.hand_over("run 1", "draft", "of run 1")
    ahead.hand_over("run 2", "draft", "of run 2")
    assert ahead.take("run 2", "audits") is None
    assert ahead.take("run 2", "draft") == "of run 2"
    assert ahead.take("run 2", "draft") is None
    assert ahead.take("run 1", "draft") == "of run 1"
