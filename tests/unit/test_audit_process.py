"""The process that audits: let go, it ends by itself, and the next audit gets another."""

import multiprocessing

from expectations import audit_process


def test_a_process_that_was_let_go_is_waited_for_and_the_next_audit_has_one_of_its_own() -> None:
    try:
        first = audit_process.start()
        assert audit_process.start() is first
        audit_process.release()
        second = audit_process.start()
        assert second is not first
    finally:
        audit_process.stop()
    assert multiprocessing.active_children() == []
    # Nothing is left to end: a second call has nothing to do.
    audit_process.stop()
