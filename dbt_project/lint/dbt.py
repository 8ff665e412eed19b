"""What dbt's cross-database macros give while SQL is only linted: text of the right shape."""


def date_trunc(part: str, expression: str) -> str:
    """Stand for `dbt.date_trunc`."""
    return f"date_trunc('{part}', {expression})"


def dateadd(part: str, count: int, expression: str) -> str:
    """Stand for `dbt.dateadd`."""
    return f"date_add({expression}, interval ({count}) {part})"


def datediff(first: str, second: str, part: str) -> str:
    """Stand for `dbt.datediff`."""
    return f"date_diff('{part}', {first}, {second})"


def type_timestamp() -> str:
    """Stand for `dbt.type_timestamp`."""
    return "timestamp"


def type_bigint() -> str:
    """Stand for `dbt.type_bigint`."""
    return "bigint"


def listagg(measure: str, delimiter: str, order_by: str) -> str:
    """Stand for `dbt.listagg`."""
    return f"string_agg({measure}, {delimiter} {order_by})"
