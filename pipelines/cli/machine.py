"""What the machine has: fonts, Pango, Java, Chromium, LibreOffice, databases, memory, and the Python packages."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations", "polars", "jinja2")


@dataclass(frozen=True)
class Finding:
    """One thing looked for. `needed` is True if the monthly assessment cannot run without it."""

    name: str
    present: bool
    found: str
    needed: bool
    feature: str
    remedy: str


def findings() -> list[Finding]:
    """Everything looked for, needed things first."""
    return [_python(), *map(_package, _PACKAGES), _memory(), *_optional()]


def _python() -> Finding:
    return Finding(
        "Python", sys.version_info >= (3, 11), sys.version.split()[0], True,
        "全部功能 Everything", "安装 Python 3.11 或更新 Install Python 3.11 or newer",
    )  # fmt: skip


def _package(name: str) -> Finding:
    try:
        found = version(name)
    except PackageNotFoundError:
        found = ""
    return Finding(name, bool(found), found, True, "月度考核 The monthly assessment", "运行 Run: make setup")


def _memory() -> Finding:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    gigabytes = pages * size / 1024**3
    return Finding(
        "内存 Memory", gigabytes >= 4, f"{gigabytes:.1f} GiB, {os.cpu_count()} CPU", False,
        "全区规模的数据建议 4 GiB 以上 A whole district wants 4 GiB or more",
        "在 hengfa.toml 中调低 memory_limit Lower memory_limit in hengfa.toml",
    )  # fmt: skip


def _chinese_fonts() -> str:
    if shutil.which("fc-list") is None:
        return ""
    done = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    families = sorted({line.split(",")[0].strip() for line in done.stdout.splitlines() if line.strip()})
    return ", ".join(families[:3])


def _first_program(*names: str) -> str:
    return next((path for name in names if (path := shutil.which(name))), "")


def _optional() -> list[Finding]:
    fonts = _chinese_fonts()
    pango = ctypes.util.find_library("pango-1.0") or ""
    java = _first_program("java")
    chromium = _first_program("chromium", "chromium-browser", "google-chrome")
    office = _first_program("soffice", "libreoffice")
    # Debian keeps PostgreSQL's programs outside the path.
    postgres = _first_program("initdb") or next(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), "")
    mariadb = _first_program("mariadbd", "mysqld")
    return [
        Finding(
            "中文字体 Chinese fonts", bool(fonts), fonts, False,
            "图片和 PDF 中的中文（网页使用读者电脑上的字体）Chinese in pictures and PDF; pages use the reader's fonts",
            "安装 Install: apt-get install fonts-noto-cjk",
        ),
        Finding(
            "Pango", bool(pango), pango, False, "PDF 报告 PDF reports", "安装 Install: apt-get install libpango-1.0-0",
        ),
        Finding(
            "Java", bool(java), java, False, "在 Spark 上建库 Building on Spark",
            "安装 Install: apt-get install default-jre-headless",
        ),
        Finding(
            "Chromium", bool(chromium), chromium, False, "浏览器测试 The browser tests", "安装 Install: make browser",
        ),
        Finding(
            "LibreOffice", bool(office), office, False, "表格往返测试 Round-trip tests of spreadsheets",
            "安装 Install: make office",
        ),
        Finding(
            "PostgreSQL", bool(postgres), postgres, False, "从数据库取数的测试 Tests of databases as sources",
            "安装 Install: make servers",
        ),
        Finding(
            "MariaDB", bool(mariadb), mariadb, False, "从数据库取数的测试 Tests of databases as sources",
            "安装 Install: make servers",
        ),
    ]  # fmt: skip
