"""metadata.yml names only what the schema has, and describes all of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlite_utils import Database

from db.publish.publish import publish
from db.site.server import metadata_path
from db.store.schema import PUBLIC_TABLES
from tests.support.stores import fill

TABLES: dict[str, Any] = yaml.safe_load(metadata_path().read_text(encoding="utf-8"))["databases"]["evidence"]["tables"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("published")
    publish(fill(folder / "ho.db", 1), Path(folder / "evidence.db"))
    return Database(folder / "evidence.db")


@pytest.mark.parametrize("name", [name for name in TABLES if not TABLES[name].get("hidden")])
def test_every_table_named_is_there_with_the_columns_named(published: Database, name: str) -> None:
    table = published[name]
    assert table.exists()
    columns = {column.name for column in table.columns}
    named = {*TABLES[name].get("columns", {}), TABLES[name].get("label_column"), TABLES[name].get("sort_desc")} - {None}
    facets = {facet for facet in TABLES[name].get("facets", ()) if isinstance(facet, str)}
    assert named | facets <= columns


@pytest.mark.parametrize("name", PUBLIC_TABLES)
def test_every_public_column_is_described(published: Database, name: str) -> None:
    assert {column.name for column in published[name].columns} == set(TABLES[name]["columns"])


def test_what_is_no_public_table_is_hidden(published: Database) -> None:
    shown = {name for name in published.table_names() if not TABLES.get(name, {}).get("hidden")}
    assert shown <= {*PUBLIC_TABLES, *(name for name in TABLES if "columns" in TABLES[name])}
