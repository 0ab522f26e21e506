"""A retracted article says so wherever its title leads to it: every page, feed and file that names it."""

import json
import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.generate_articles import FIRST_PMID, make_evidence
from tests.support.sites import asking

ATOM = "{http://www.w3.org/2005/Atom}"
TRIAL = "NCT00000001"
AT = "2026-01-03T00:00:00Z"
#: Reviews and a study that both cite; the titles of half of all articles say themselves that they are retracted.
REVIEWS, STUDY = (FIRST_PMID, FIRST_PMID + 1), FIRST_PMID + 2
PAGES = [
    "/articles", "/articles?q=report", "/articles?retracted=yes&page=2", f"/articles/{STUDY}",
    f"/articles/{FIRST_PMID}",
    "/overlap?retracted=yes", "/new", "/runs/2", "/runs/3", f"/trials/{TRIAL}",
    "/searches/all", "/searches/all/digests/1", "/plots/risk/all?with_retracted=yes", "/plots/effect?retracted=yes",
    "/articles?finding_of=intervention:nsaids",
]  # fmt: skip


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("retracted") / "evidence.db"
    make_evidence(path, 60)
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE articles SET retracted = 1, cites_retracted = 1, topic = 'ho'")
        conn.execute("DELETE FROM similar")  # a publish makes no retracted article anybody's neighbour
        conn.execute("UPDATE articles SET title = 'RETRACTED: ' || title WHERE pmid % 2")
        conn.executemany("UPDATE articles SET study_design = 'meta-analysis' WHERE pmid = ?", [[r] for r in REVIEWS])
        # what a review rests on counts while it stands
        conn.execute("UPDATE articles SET study_design = 'cohort', retracted = 0, title = 'x' WHERE pmid = ?", [STUDY])
        edges = [(review, cited) for review in REVIEWS for cited in (STUDY, FIRST_PMID + 3, FIRST_PMID + 4)]
        edges += [(STUDY, FIRST_PMID + 5), (FIRST_PMID + 7, FIRST_PMID)]
        conn.executemany("INSERT INTO citation_edges (citing, cited) VALUES (?, ?)", edges)
        _insert(conn, "runs", id=3, kind="harvest", status="done", started_at=AT, finished_at=AT)
        _insert(conn, "changes", run_id=3, pmid=FIRST_PMID, change="retracted", at=AT)
        _insert(conn, "changes", run_id=3, pmid=FIRST_PMID + 6, change="revised", at=AT)
        _insert(conn, "trials", nct_id=TRIAL, kind="about HO", title="T", has_results=0, fetched_at=AT)
        _insert(conn, "trial_articles", nct_id=TRIAL, pmid=FIRST_PMID, source="registry", kind="RESULT")
        _insert(conn, "searches", name="all", address="/articles?topic=all", words="all", after_run=0)
        _insert(conn, "search_articles", search="all", pmid=FIRST_PMID, retracted=0)
        _insert(conn, "digests", id=1, search="all", after_run=0, last_run=1, articles=1, written_at=AT)
        _insert(conn, "digest_entries", digest_id=1, position=0, change="new", pmid=FIRST_PMID)
    conn.close()
    yield from asking(path)


def _insert(conn: sqlite3.Connection, table: str, **row: Any) -> None:
    conn.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


@pytest.mark.parametrize("page", PAGES)
def test_its_title_says_so_once_on_every_page(ask: Any, page: str) -> None:
    answer = ask(page)
    assert answer.status_code == 200
    found = 0
    for attributes, pmid, inside in re.findall(
        r'<a([^>]*)href="/articles/(\d+)"[^>]*>(.*?)</a>', answer.text, re.DOTALL
    ):
        if 'class="quote"' in attributes or int(pmid) == STUDY:
            continue
        words = unescape(re.sub("<[^>]+>", "", inside))
        assert len(re.findall("retracted", words, re.IGNORECASE)) == 1, (pmid, words)
        found += 1
    assert found or page == f"/articles/{FIRST_PMID}"


def test_the_page_of_a_retracted_article_begins_with_it(ask: Any) -> None:
    for pmid in (FIRST_PMID, FIRST_PMID + 1):
        text = ask(f"/articles/{pmid}").text
        assert text.index("This article has been retracted.") < text.index("<h1>")
        assert re.search(r"<title>RETRACTED: (?!RETRACTED)", text)
        assert 'data-title="Retracted: ' in text
        heading = re.sub("<[^>]+>", "", re.search(r"<h1>(.*?)</h1>", text, re.DOTALL)[1])  # type: ignore[index]
        assert len(re.findall("retracted", heading, re.IGNORECASE)) == 1
    assert "This article has been retracted" not in ask(f"/articles/{STUDY}").text
    assert "Cites an article that has been retracted" in ask(f"/articles/{STUDY}").text


def test_feeds_files_and_json_say_it_once(ask: Any) -> None:
    for address in ("/feed.atom", "/changes.atom", "/searches/all/feed.atom"):
        for entry in ElementTree.fromstring(ask(address).content).findall(f"{ATOM}entry"):  # noqa: S314 - our own
            title, link = entry.findtext(f"{ATOM}title") or "", entry.findtext(f"{ATOM}id") or ""
            if str(STUDY) in link:
                continue
            said = {one.get("term") for one in entry.findall(f"{ATOM}category")}
            assert title.upper().count("RETRACTED") == 1 or "retracted" in said, (address, title)
            if address == "/feed.atom":
                assert title.startswith("RETRACTED: ")
                assert title.count("RETRACTED") == 1
    for row in ask("/articles.json?_size=200").json()["rows"]:
        assert row["retracted"] is (row["pmid"] != STUDY)
    for line in ask("/export/jsonl").text.splitlines():
        told = json.loads(line)
        assert told["title"].count("RETRACTED") == (told["pmid"] != STUDY)
        assert told["mark"] == (None if told["pmid"] == STUDY else "RETRACTED")
    for row in ask("/plots/effect.json?with_retracted=yes&_size=1000").json()["rows"]:
        assert row["retracted"] is (row["pmid"] != STUDY)


def test_nothing_retracted_is_shown_as_evidence(ask: Any) -> None:
    assert ask("/plots/effect.json?_size=1000").json()["count"] < 9
    page = ask("/searches/all").text
    entries = page.split('<li class="row')[1:]
    kept = [entry for entry in entries if f'data-pmid="{STUDY}"' not in entry and "remarks" not in entry[:20]]
    assert kept
    assert not any("row-finding" in entry for entry in kept)
    assert "row-finding" in ask("/articles").text
