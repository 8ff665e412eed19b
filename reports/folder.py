"""The folder that a site is made in."""

from pathlib import Path


class Folder:
    """Writes files below one folder and counts them."""

    def __init__(self, path: Path) -> None:
        """Begin with nothing written; `path` is made with the first file."""
        self.path = path
        self.pages = 0
        self.bytes = 0

    def write(self, name: str, text: str, encoding: str = "utf-8") -> None:
        """Write the file `name`, a path below the folder."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode(encoding)
        path.write_bytes(content)
        self.bytes += len(content)
        self.pages += name.endswith(".html")
