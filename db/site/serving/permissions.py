"""What visitors may not do unless the metadata says so."""

from typing import Any

from datasette import handle_exception

from db.select.search.index import SEARCH_TABLE, WORDS_TABLE

#: Settings that a plain `datasette evidence.db` starts with, and what the site needs instead.
_SAFER = {
    "suggest_facets": (True, False),
    "facet_time_limit_ms": (200, 1000),
    "truncate_cells_html": (2048, 600),
    "allow_csv_stream": (True, False),
}

_INNER_TABLES = (f"{SEARCH_TABLE}_", WORDS_TABLE, "vector", "_sqlite_", "sqlite_")


def safe_settings(datasette: Any) -> None:
    """Replaces Datasette's defaults that would be slow or wrong here; a setting that somebody chose stays."""
    for name, (default, ours) in _SAFER.items():
        if datasette._settings.get(name) == default:
            datasette._settings[name] = ours
    vars(handle_exception)["rich"] = None  # Datasette would print every 404 with all local variables


def permission_allowed(datasette: Any, action: str, resource: Any) -> bool | None:
    """Answers Datasette's question: no SQL from visitors, unless `allow_sql` in the metadata decides otherwise.

    SQLite's and the search index's own tables are no data and stay closed.
    """
    if action == "view-table" and str(resource[1]).casefold().startswith(_INNER_TABLES):
        return False
    if action != "execute-sql":
        return None
    said = datasette.metadata("allow_sql", database=resource)
    if said is None:
        said = datasette.metadata("allow_sql")
    return False if said is None else None
