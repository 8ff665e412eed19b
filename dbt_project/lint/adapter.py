"""What `adapter.dispatch` gives while SQL is only linted: a function call of the macro's name."""

from collections.abc import Callable


def dispatch(name: str, package: str) -> Callable[..., str]:
    """Stand for `adapter.dispatch`."""
    return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"
