"""A file that an older version published: each page says so in one line, and no page of it is wrong or an error."""

from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from tests.support.generate_articles import FIRST_PMID, make_evidence
from tests.support.sites import asking

PAGES = (
    *("/", "/articles", "/articles?q=hip", f"/articles/{FIRST_PMID}", "/matrix", "/plots", "/overview", "/methods"),
    *("/new", "/trials", "/searches", "/answer?q=hip", "/feed.atom", "/export/ris", "/interventions", "/help"),
)
TWINS = ("/articles.json", f"/articles/{FIRST_PMID}.json", "/matrix.json", "/changes.json")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "evidence.db"
    make_evidence(path, 30)
    return path


@pytest.fixture(
    params=["DROP TABLE verdicts", "DROP TABLE similar", "ALTER TABLE articles DROP COLUMN cites_retracted"]
)
def older(request: pytest.FixtureRequest, made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "evidence.db"
    path.write_bytes(made.read_bytes())
    with Database(path).conn as conn:
        conn.execute("DROP INDEX IF EXISTS articles_cites_retracted")
        conn.execute(request.param)
        conn.execute("UPDATE properties SET value = 'older' WHERE name = 'build'")
    return path


def _says_so(answer: Any) -> bool:
    return answer.status_code == 503 and "published by an older version" in answer.text


def test_every_page_says_that_the_site_has_to_be_published_anew(older: Path) -> None:
    for ask in asking(older):
        assert [address for address in (*PAGES, *TWINS) if not _says_so(ask(address))] == []
        assert "run: ho-tracker publish" in ask("/").text
        assert ask("/articles.json").json()["status"] == 503
        assert ask("/-/tracker/tracker.css").status_code == 200


def test_a_publish_in_the_running_site_mends_it(older: Path, made: Path) -> None:
    for ask in asking(older):
        assert _says_so(ask("/articles"))
        source, served = Database(made).conn, Database(older).conn
        source.backup(served)
        assert [ask(address).status_code for address in PAGES] == [200] * len(PAGES)


def test_a_file_with_more_than_is_read_is_served(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    path.write_bytes(made.read_bytes())
    with Database(path).conn as conn:
        conn.execute("ALTER TABLE articles ADD COLUMN of_a_later_version TEXT")
        conn.execute("CREATE TABLE later (id INTEGER)")
    for ask in asking(path):
        assert ask("/articles").status_code == 200
