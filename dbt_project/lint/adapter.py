"""What `adapter.dispatch` gives while SQL is only linted: a function call of the macro's name, or a type."""

from collections.abc import Callable


def dispatch(name: str, package: str) -> Callable[..., str]:
    """Stand for `adapter.dispatch`."""
    if name.startswith("type_"):
        return lambda: name.removeprefix("type_")
    return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"
