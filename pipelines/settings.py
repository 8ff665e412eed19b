"""The workspace: where an installation keeps its files, and the few settings it may change.

`Workspace(home)` only computes paths; `prepare()` makes the folders and a commented `hengfa.toml`.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import SettingError

DEFAULT_HOME = Path("workspace")

SETTINGS_TEMPLATE = """\
# Hengfa workspace settings. Every line may be left out; the value shown is the default.
# language = "zh"          # zh or en: the language of summaries and messages
# threads = 2              # how many threads DuckDB may use
# memory_limit = "4GB"     # how much memory DuckDB may use
# whole_file = "auto"      # larger exports are read in batches of this size; auto: a twentieth of memory_limit
# territory = "本区"        # the name of the territory, in the titles of reports
# territory_en = "the district"
"""


_SIZE = r"^\d+(\.\d+)?(MB|GB|MiB|GiB)$"
_UNITS = {"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30}


def bytes_of(size: str) -> int:
    """A size such as `4GB` or `512MiB` in bytes."""
    unit = size.lstrip("0123456789.")
    return int(float(size.removesuffix(unit)) * _UNITS[unit])


class Settings(BaseModel):
    """What `hengfa.toml` may set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["zh", "en"] = "zh"
    threads: int = Field(default=2, ge=1, le=256)
    memory_limit: str = Field(default="4GB", pattern=_SIZE)
    whole_file: str = Field(default="auto", pattern=rf"^auto$|{_SIZE}")
    territory: str = Field(default="本区", max_length=60)
    territory_en: str = Field(default="the district", max_length=120)

    @property
    def whole_file_bytes(self) -> int:
        """The size up to which a file is read as a whole, and about which a batch of a larger one has."""
        return bytes_of(self.memory_limit) // 20 if self.whole_file == "auto" else bytes_of(self.whole_file)


@dataclass(frozen=True)
class Workspace:
    """The paths of one installation, all below `home`."""

    home: Path

    @classmethod
    def at(cls, home: Path | None = None) -> "Workspace":
        """The workspace at `home`, else at `HENGFA_HOME`, else `./workspace`."""
        chosen = home or Path(os.environ.get("HENGFA_HOME") or DEFAULT_HOME)
        return cls(chosen.expanduser().resolve())

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; one process writes it."""
        return self.home / "warehouse.duckdb"

    @property
    def lock_file(self) -> Path:
        """Held by the process that writes the warehouse; its text says who."""
        return self.home / "warehouse.lock"

    @property
    def settings_file(self) -> Path:
        """`hengfa.toml`."""
        return self.home / "hengfa.toml"

    @property
    def calendar_file(self) -> Path:
        """Days that correct or extend the official calendar; may be missing."""
        return self.home / "calendar.csv"

    @property
    def scheme_file(self) -> Path:
        """The bureau's own assessment scheme; without it the one that comes with the project holds."""
        return self.home / "scheme.yml"

    @property
    def appeals(self) -> Path:
        """Decisions on appeals, and the corrections that follow from them."""
        return self.home / "appeals"

    @property
    def expected_file(self) -> Path:
        """What bodies are expected to return, and totals stated elsewhere; may be missing."""
        return self.home / "expected.yml"

    @property
    def inbox(self) -> Path:
        """Where exports are dropped."""
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        """Loaded files, kept as they came, by batch."""
        return self.home / "landing"

    @property
    def quarantine(self) -> Path:
        """Rows that broke the contract, to be mended and loaded again."""
        return self.home / "quarantine"

    @property
    def editions(self) -> Path:
        """Published months."""
        return self.home / "editions"

    @property
    def site(self) -> Path:
        """The HTML site made from editions."""
        return self.home / "site"

    @property
    def logs(self) -> Path:
        """Log files and the work of dbt and Great Expectations."""
        return self.home / "logs"

    def audit_of(self, month: object) -> Path:
        """What the audit of a month leaves: what Great Expectations says, quality, and what the edition keeps."""
        return self.logs / "audit" / str(month)

    @property
    def dagster_home(self) -> Path:
        """Run history shown by `hengfa ui`."""
        return self.home / "logs" / "dagster"

    def prepare(self) -> "Workspace":
        """Make the folders and the settings file where they are missing."""
        for folder in (self.inbox, self.landing, self.quarantine, self.editions, self.site, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        if not self.settings_file.exists():
            self.settings_file.write_text(SETTINGS_TEMPLATE, encoding="utf-8")
        return self

    def settings(self) -> Settings:
        """The settings in force; SettingError names the key that cannot be used."""
        if not self.settings_file.exists():
            return Settings()
        try:
            content = tomllib.loads(self.settings_file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingError(
                f"{self.settings_file}: not readable as TOML ({error}). Correct the line named."
            ) from error
        try:
            return Settings(**content)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise SettingError(
                f"{self.settings_file}: `{key}`: {first['msg']} (found {first['input']!r}). "
                f"Settings are: {', '.join(Settings.model_fields)}."
            ) from error
