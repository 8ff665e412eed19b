"""What is said when a database refuses: the kind of failure and a name, never the address or a value of a record.

A driver's own message may hold the host, the user's name, or the value that could not be read. It is shown only for
the failures whose message names a table, a column or the place of a mistake in the statement.
"""

import sqlite3

from pipelines.contract.model import Label

_REFUSED = Label(zh="用户名、密码或权限不被接受", en="the user, the password or its rights are not accepted")
_UNREACHED = Label(zh="连接不上服务器", en="the server cannot be reached")
_UNKNOWN = Label(zh="没有这个数据库", en="there is no such database")
_FAILED = Label(zh="读取失败，代码 {code}", en="reading failed, code {code}")

#: By SQLSTATE or its first two characters: PostgreSQL appendix A.
_POSTGRESQL = {"28": _REFUSED, "42501": _REFUSED, "08": _UNREACHED, "57": _UNREACHED, "3D": _UNKNOWN}
#: By error number: the MySQL error message reference, shared by MariaDB.
_MYSQL = {
    1044: _REFUSED, 1045: _REFUSED, 1142: _REFUSED, 1143: _REFUSED, 1698: _REFUSED, 1049: _UNKNOWN,
    2002: _UNREACHED, 2003: _UNREACHED, 2006: _UNREACHED, 2013: _UNREACHED,
}  # fmt: skip
#: Failures whose message says which table, column or word is wrong: unknown table, unknown column, syntax.
_NAMING_STATES = ("42P01", "42703", "42601", "3F000")
_NAMING_NUMBERS = (1146, 1054, 1064)
_NAMING_TEXTS = ("no such table", "no such column", "syntax error", "file is not a database")
_LONGEST = 200


def failure_of(error: BaseException) -> Label:
    """Both texts for the `error` of a driver, with nothing of the address and nothing of a record."""
    state = getattr(error, "sqlstate", None)
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if isinstance(error, sqlite3.Error):
        text = str(error)
        return _shown(text) if any(known in text for known in _NAMING_TEXTS) else _coded(type(error).__name__)
    if state in _NAMING_STATES:
        return _shown(str(getattr(getattr(error, "diag", None), "message_primary", None) or state))
    if number in _NAMING_NUMBERS and len(error.args) > 1:
        return _shown(str(error.args[1]))
    # MariaDB's drivers tell a state beside the number; the number says more (1044, access denied, has the state 42000).
    if number in _MYSQL:
        return _MYSQL[number]
    if state is not None:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2]) or _coded(state)
    if number is not None:
        return _coded(str(number))
    # A driver of PostgreSQL that got no connection has no state: why stands in its text alone, beside the address.
    text = str(error)
    if "does not exist" in text and "database" in text:
        return _UNKNOWN
    if "authentication failed" in text or "no pg_hba.conf entry" in text or "no password supplied" in text:
        return _REFUSED
    return _UNREACHED if "connect" in text.lower() else _coded(type(error).__name__)


def _shown(text: str) -> Label:
    line = text.splitlines()[0][:_LONGEST] if text else ""
    return Label(zh=line or "?", en=line or "?")


def _coded(code: str) -> Label:
    return Label(zh=_FAILED.zh.format(code=code), en=_FAILED.en.format(code=code))
