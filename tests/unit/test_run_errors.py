"""What a run says of an error that Dagster wrapped."""

from itertools import pairwise

from pipelines.errors import UsageError
from pipelines.run import _own_error


def chained(*errors: BaseException) -> BaseException:
    """The first error, each caused by the next."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    return errors[0]


def test_the_error_of_ours_is_found_below_those_of_the_scheduler():
    ours = UsageError("`x` does not exist.")
    assert _own_error(chained(RuntimeError("step failed"), ValueError("op failed"), ours)) is ours


def test_a_chain_without_one_of_ours_has_none_even_if_it_bites_its_own_tail():
    first, second = RuntimeError("step failed"), TypeError("op failed")
    assert _own_error(chained(first, second, first)) is None
    assert _own_error(None) is None
