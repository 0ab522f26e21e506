"""The arrows between the packages: harvest to db, nlp to db, db to nothing; only the command line joins them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("harvest", "nlp", "db")
#: Joins the packages: the command line and the night.
JOINS = ("harvest/app/",)

#: `db` serves the site, but asks no other host for anything.
NETWORK = {
    "nlp": {"requests", "urllib3", "httpx", "http", "socket", "Bio", "uvicorn"},
    "db": {"requests", "urllib3", "httpx", "http", "Bio"},
}


def imported_packages(source: str) -> set[str]:
    """The top-level names that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the arrow"
            names.add((node.module or "").split(".")[0])
    return names


def forbidden(path: str, source: str) -> set[str]:
    """The packages that the module at this path may not import, but does."""
    package = path.split("/")[0]
    if path.startswith(JOINS):
        return set()
    allowed = {package} if package == "db" else {package, "db"}
    arrows = imported_packages(source) & set(PACKAGES) - allowed
    network = NETWORK.get(package, set())
    sql = {"sqlite3", "sqlite_utils"} if package != "db" else set()
    return arrows | imported_packages(source) & (network | sql)


@pytest.mark.parametrize(
    "path", sorted(str(p.relative_to(ROOT)) for name in PACKAGES for p in (ROOT / name).rglob("*.py"))
)
def test_only_the_allowed_imports(path: str) -> None:
    assert forbidden(path, (ROOT / path).read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("db/store/store.py", "import harvest.app.cli", {"harvest"}),
        ("db/store/store.py", "def f():\n    from nlp import pipeline", {"nlp"}),
        ("nlp/x.py", "import sqlite3", {"sqlite3"}),
        ("nlp/x.py", "import requests", {"requests"}),
        ("harvest/x.py", "from sqlite_utils import Database", {"sqlite_utils"}),
        ("harvest/x.py", "import nlp", {"nlp"}),
        ("harvest/app/x.py", "import nlp, db", set()),
        ("harvest/x.py", "from db.model import Article", set()),
    ],
)
def test_a_wrong_arrow_is_seen(path: str, source: str, found: set[str]) -> None:
    assert forbidden(path, source) == found
