"""The one tree of errors. A leaf names what failed; its exit code is what the command line returns.

Every message says what failed, which value, and what to do. No message holds personal data.
"""


class HengfaError(Exception):
    """An error shown to the user as its message alone, without a traceback."""

    exit_code = 1


class UsageError(HengfaError):
    """The command was called wrongly: an unknown month, a path that does not exist."""

    exit_code = 2


class RefusedError(HengfaError):
    """A file or a setting was refused whole; nothing of it was taken."""

    exit_code = 3


class ContractError(RefusedError):
    """A contract file or the code lists break their own schema."""


class DeclarationError(RefusedError):
    """A declaration of an indicator, a rule or a signal is broken: names the file, the key and the choices."""


class FileRefusedError(RefusedError):
    """An export cannot be read: unreadable bytes, an unknown entity, a missing required column."""


class MappingError(RefusedError):
    """A mapping is broken: names the file, the line and the key, and lists the choices."""


class SettingError(RefusedError):
    """`hengfa.toml` or an environment variable holds a value that cannot be used."""


class AuditStoppedError(HengfaError):
    """An error-level audit failure: nothing was published, the last good edition stays."""

    exit_code = 4


class WarehouseBusyError(HengfaError):
    """Another run holds the warehouse."""

    exit_code = 5


class WarehouseError(HengfaError):
    """The build of the warehouse failed; the message names the model or test and its message."""


class EditionError(HengfaError):
    """An edition is missing, incomplete, or differs from its manifest."""


class SchemeError(RefusedError):
    """A scheme is broken or forbidden: names the file, the line and the key, with the choices or the article."""


class AppealError(RefusedError):
    """A pack of objections cannot be taken: names the file, the sheet and the row; nothing of it was taken."""
