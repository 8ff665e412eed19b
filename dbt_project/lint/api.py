"""What dbt's `api` gives while SQL is only linted."""


class Column:
    """Stands for the adapter's column class."""

    @staticmethod
    def translate_type(name: str) -> str:
        """The name itself."""
        return "varchar" if name == "string" else name
