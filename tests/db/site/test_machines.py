"""What programs read, value by value: entries of feeds, rows of the API, the map, robots; and a closed site."""

import asyncio
import json
import re
import shutil
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from db.changes import CHANGE_WORDS
from db.site.routes.lists import feeds
from tests.support.generate_articles import FIRST_PMID
from tests.support.sites import asking

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HERE = "http://localhost"


def entries(ask: Any, address: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(ask(address).content).findall(f"{ATOM}entry")  # noqa: S314 - our own answer


def test_an_entry_of_a_feed_says_what_its_article_says(ask: Any) -> None:
    found = entries(ask, "/feed.atom?year=2000-2010")
    rows = ask("/articles.json?year=2000-2010&sort=arrived&_size=100").json()["rows"]
    assert len(found) == len(rows) > 20
    for entry, row in zip(found, rows, strict=True):
        address = f"{HERE}/articles/{row['pmid']}"
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert (entry.findtext(f"{ATOM}id"), link.get("href")) == (address, address)
        assert entry.findtext(f"{ATOM}title") == ("RETRACTED: " if row["retracted"] else "") + row["title"]
        assert entry.findtext(f"{ATOM}updated") in ("2026-01-01T02:09:00Z", "2026-01-02T02:09:00Z")
        assert entry.findtext(f"{ATOM}author/{ATOM}name") == row["authors"]
        terms = [one.get("term") for one in entry.findall(f"{ATOM}category")]
        assert terms == [row["study_design"], *(tag["name"] for tag in row["tags"])]
        text = entry.findtext(f"{ATOM}summary") or entry.findtext(f"{ATOM}content") or ""
        facts, _, sentence = text.partition("\n")
        said = [row["iso_abbreviation"], str(row["year"]), row["study_design"]]
        assert facts == " · ".join(said + ([f"n {row['sample_size']}"] if row["sample_size"] is not None else []))
        finding = row["strongest_finding"]
        assert sentence.endswith(finding["sentence"]) if finding else not sentence
    feed = ElementTree.fromstring(ask("/feed.atom?year=2000-2010").content)  # noqa: S314 - our own answer
    assert feed.findtext(f"{ATOM}updated") == max(entry.findtext(f"{ATOM}updated") or "" for entry in found)
    assert "year: 2000–2010" in (feed.findtext(f"{ATOM}title") or "")
    ways = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert ways["self"] == f"{HERE}/feed.atom?year=2000-2010"
    assert ways["alternate"] == f"{HERE}/articles?year=2000-2010"
    empty = ElementTree.fromstring(ask("/feed.atom?year=1801").content)  # noqa: S314 - our own answer
    assert empty.findtext(f"{ATOM}updated") == "2026-01-02T02:09:00Z"


def test_changes_are_told_with_what_changed(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_CHANGE_ENTRIES", 7)
    told = ask("/changes.json?study_design=cohort&_size=1000").json()["rows"]
    assert len(told) > 14
    address: str | None = "/changes.atom?study_design=cohort"
    found: list[ElementTree.Element] = []
    sizes = []
    while address:
        page = ElementTree.fromstring(ask(address).content)  # noqa: S314 - our own answer
        found += page.findall(f"{ATOM}entry")
        sizes.append(len(page.findall(f"{ATOM}entry")))
        ways = {link.get("rel"): link.get("href") or "" for link in page.findall(f"{ATOM}link")}
        assert ways["first"] == f"{HERE}/changes.atom?study_design=cohort"
        assert ("previous" in ways) == (len(sizes) > 1)
        address = ways["next"].removeprefix(HERE) if "next" in ways else None
    assert sizes[:-1] == [7] * (len(sizes) - 1)
    assert len(found) == len(told)
    for entry, row in zip(found, told, strict=True):
        assert entry.findtext(f"{ATOM}id") == f"{row['article']}?run={row['run_id']}&change={row['change']}"
        title = f"{CHANGE_WORDS[row['change']].capitalize()}: {row['title']}"
        assert entry.findtext(f"{ATOM}title") == title
        assert entry.findtext(f"{ATOM}updated") == row["at"]
    monkeypatch.setattr(feeds, "_CHANGE_ENTRIES", len(told))
    whole = ElementTree.fromstring(ask("/changes.atom?study_design=cohort").content)  # noqa: S314 - our own answer
    assert len(whole.findall(f"{ATOM}entry")) == len(told)
    assert "next" not in {link.get("rel") for link in whole.findall(f"{ATOM}link")}


def test_changes_of_a_run_are_paged_and_narrowed(ask: Any) -> None:
    seen, address = [], "/changes.json?run=1&_size=90"
    while address:
        told = ask(address).json()
        seen += [row["pmid"] for row in told["rows"]]
        assert {row["run_id"] for row in told["rows"]} == {1}
        address = (told["next_url"] or "").removeprefix(HERE)
    assert len(seen) == len(set(seen)) > 300
    assert ask("/changes.json?change=vanished").json() == {"ok": True, "rows": [], "next": None, "next_url": None}
    new = ask("/changes.json?run=2&change=new&_size=1000").json()
    assert len(new["rows"]) < 13
    exact = ask(f"/changes.json?run=2&_size={len(new['rows'])}").json()
    assert (exact["next"], len(exact["rows"])) == (None, len(new["rows"]))
    less = ask(f"/changes.json?run=2&_size={len(new['rows']) - 1}").json()
    assert less["next"] == str(len(new["rows"]) - 1)


def test_a_run_is_walked_page_by_page(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.site.routes.methods._CHANGES_SHOWN", 5)
    for query, kept in (("", ""), ("?change=new", "change=new&")):
        text = ask(f"/runs/2{query}").text
        assert text.count('<li class="change-new">') == 5
        assert "Previous" not in text
        assert unescape(re.search(r'<a href="([^"]+)">Next', text)[1]) == f"/runs/2?{kept}page=2"  # type: ignore[index]
        last = ask(f"/runs/2?{kept}page=3").text
        assert last.count('<li class="change-new">') == 2
        assert "Next ›" not in last
        assert unescape(re.search(r'<a href="([^"]+)">‹', last)[1]) == f"/runs/2?{kept}page=2"  # type: ignore[index]
    assert "This run changed no article so." in ask("/runs/2?change=retracted").text
    assert ask("/runs/2147483649").status_code in (404, 400)
    assert 'href="/articles?run=2"' in text
    new = ask("/new?before=2").text
    assert 'href="/runs/1"' in new
    assert 'href="/runs/2"' not in new
    monkeypatch.setattr("db.site.routes.methods._RUNS_SHOWN", 1)
    assert 'href="/new?before=2">Older runs' in ask("/new?utm_x=1").text


def test_pubmeds_warnings_are_lines_of_words(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    for ask in asking(path):
        for stored, said in (
            ('{"PhraseNotFound": "x"}', "PhraseNotFound: x"), ('["a", "b"]', "a; b"), ("plain words", "plain words"),
            ('"text"', "text"), ("7", "7"),
        ):  # fmt: skip
            with sqlite3.connect(path) as conn:
                conn.execute("UPDATE runs SET warnings = ?", [stored])
            conn.close()
            assert f"PubMed’s warnings: {said}</p>" in ask("/methods").text


def told(text: str) -> str:
    """The words of a stretch of a page."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", text)).split())


def test_what_is_known_of_a_run_stands_in_every_list_of_runs(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    known = {"kind": "import", "status": "partial", "message": "stopped <by> hand", "query_version": "7.2",
             "pubmed_count": None, "held_count": 1390, "new": 21, "revised": 32, "retracted": 43, "vanished": 54,
             "requests": 65}  # fmt: skip
    with sqlite3.connect(path) as conn:
        conn.execute(f"UPDATE runs SET {', '.join(f'{name} = ?' for name in known)} WHERE id = 2", list(known.values()))
        conn.execute("UPDATE runs SET pubmed_count = 1401, held_count = NULL, query_version = NULL WHERE id = 1")
    conn.close()
    for ask in asking(path):
        pages = [ask(f"/runs/{number}").text.partition("<main")[2].partition("</main>")[0] for number in (1, 2)]
        first, second = (
            {told(name): told(value) for name, value in re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)}
            for page in pages
        )
        assert second == {"kind, status": "import, partial", "PubMed has": "not asked", "held after it": "1 390",
                          "query version": "7.2", "changed": "12 new"}  # fmt: skip
        assert first.pop("changed").endswith(" new")
        assert first == {"kind, status": "harvest, done", "PubMed has": "1 401", "held after it": "not counted"}
        assert "stopped <by> hand" in told(pages[1])
        assert "Run of 2 January 2026" in told(pages[1])
        rows = [
            told(ask(address).text.partition('href="/runs/2"')[2].partition("</tr>")[0].partition(">")[2])
            for address in ("/new", "/methods")
        ]
        assert rows == [
            "2 January 2026 import partial not asked 1 390 11 new",
            "2 import 2026-01-02 02:00 partial 7.2 not asked 1 390 21 32 43 54 65",
        ]


def test_a_run_that_only_tagged_anew_is_not_the_last_that_changed_something(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TEMP TABLE third AS SELECT * FROM runs WHERE id = 2")
        conn.execute("UPDATE third SET id = 3, finished_at = '2026-01-03T02:09:00Z'")
        conn.execute("INSERT INTO runs SELECT * FROM third")
        conn.execute("INSERT INTO changes (run_id, pmid, change, at) VALUES (3, ?, 'retagged', '')", [FIRST_PMID])
    conn.close()
    for ask in asking(path):
        page = ask("/new").text
        assert "The last run that changed something: 2 January 2026" in page
        assert 'href="/runs/3">3 January 2026' in page


def test_the_numbers_of_a_period_stand_beside_their_words(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    changes = [(2, 1, "revised"), (2, 2, "revised"), (2, 3, "retracted"), (2, 4, "vanished"), (2, 5, "vanished"),
               (2, 6, "vanished")]  # fmt: skip
    with sqlite3.connect(path) as conn:
        conn.executemany("INSERT INTO changes (run_id, pmid, change, at) VALUES (?, 70000100 + ?, ?, '')", changes)
        conn.execute("UPDATE articles SET tagger = NULL, topic = NULL WHERE pmid < 70000010")
    conn.close()
    for ask in asking(path):
        told = ask("/methods.json?from=2026-01-02&to=2026-01-02").json()["prisma"]
        text = ask("/methods?from=2026-01-02&to=2026-01-02").text
        table = re.search(r'<table class="prisma">(.*?)</table>', text, re.DOTALL)
        assert table is not None
        rows = re.findall(r'<th scope="row">([^<]+)</th><td class="num">([^<]+)</td>', table[1])
        said = {unescape(words): int(number.replace("\u202f", "")) for words, number in rows}
        assert said == {
            "Held before 2 January 2026": told["held_before"], "+ identified in PubMed, new": told["identified"],
            "+ returned after they had vanished": told["returned"],
            "− vanished (deleted, merged or no longer matching)": told["removed"],
            "Held at the end of 2 January 2026": told["held_after"],
            "of these excluded by the tagger: not about HO": told["not_ho"], "not yet tagged": told["untagged"],
            "about HO, shown by default": told["about_ho"] + told["untagged"],
            "with at least one finding read": told["with_findings"],
            "retracted (left out of balances)": told["retracted_held"], "revised in the period": told["revised"],
            "newly retracted in the period": told["retracted"],
        }  # fmt: skip
        assert (told["revised"], told["retracted"], told["removed"], told["identified"]) == (2, 1, 3, 12)
        assert told["held_before"] + told["identified"] - told["removed"] == told["held_after"]


def test_a_row_of_the_api_is_the_row_of_the_file(ask: Any, evidence: Path) -> None:
    told = ask("/articles.json?intervention=intervention:nsaids&_size=200&_facets=on").json()
    with sqlite3.connect(evidence) as conn:
        conn.row_factory = sqlite3.Row
        for row in told["rows"][:40]:
            held = conn.execute("SELECT * FROM articles WHERE pmid = ?", [row["pmid"]]).fetchone()
            for name in ("title", "journal", "year", "study_design", "sample_size", "species", "evidence_level", "doi"):
                assert row[name] == held[name]
            assert (row["retracted"], row["vanished"]) == (bool(held["retracted"]), False)
            tags = conn.execute("SELECT concept_id, article_tags.kind, name, assertion FROM article_tags JOIN concepts "
                                "ON concepts.id = concept_id WHERE pmid = ? AND direct", [row["pmid"]])  # fmt: skip
            assert {tuple(tag.values()) for tag in row["tags"]} == {tuple(tag) for tag in tags}
            finding = row["strongest_finding"]
            if finding:
                one = conn.execute("SELECT * FROM findings WHERE pmid = ? AND subject_id IS ? AND outcome_id IS ? AND "
                                   "value IS ?", [row["pmid"], finding["subject_id"], finding["outcome_id"],
                                                  finding["value"]]).fetchone()  # fmt: skip
                for name in ("subject_text", "comparator_text", "direction", "measure", "ci_low", "ci_high", "p_value",
                             "adjusted", "comparator_class", "effect", "conflict", "kind"):  # fmt: skip
                    assert finding[name] == one[name], name
                assert finding["sentence"] == held["abstract"][one["sentence_start"] : one["sentence_end"]]
            assert "abstract" not in row
    assert told["list"] == f"{HERE}/articles?intervention=intervention%3Ansaids"
    assert told["filter"] == "intervention: NSAIDs"
    assert "facet_results" not in ask("/articles.json?intervention=intervention:nsaids").json()


def test_a_list_has_the_tags_of_its_rows_and_not_those_of_their_groups(ask: Any) -> None:
    rows = ask("/articles.json?intervention=intervention:nsaids&_size=200").json()["rows"]
    told = {row["pmid"]: {(tag["kind"], tag["name"]) for tag in row["tags"]} for row in rows}
    written = [json.loads(line) for line in ask("/export/jsonl?intervention=intervention:nsaids").text.splitlines()]
    assert {one["pmid"]: {(tag["kind"], tag["concept"]) for tag in one["tags"]} for one in written} == told
    assert any(("intervention", "NSAIDs") not in tags for tags in told.values())


def test_what_no_article_has_is_not_suggested(ask: Any, evidence: Path) -> None:
    with sqlite3.connect(evidence) as conn:
        (concept, name) = conn.execute(
            "SELECT id, name FROM concepts WHERE id NOT IN (SELECT concept_id FROM article_tags) LIMIT 1"
        ).fetchone()
    conn.close()
    rows = ask("/suggest.json", params={"q": name}).json()["rows"]
    assert concept not in [row["id"] for row in rows]
    assert all(row["articles"] for row in rows)


def test_suggestions_begin_with_the_text_and_are_few(ask: Any) -> None:
    rows = ask("/suggest.json", params={"q": "ri"}).json()["rows"]
    assert len(rows) == 10
    begins = [row["name"].casefold().startswith("ri") for row in rows]
    assert begins == sorted(begins, reverse=True)
    for same in (True, False):
        counts = [row["articles"] for row, begun in zip(rows, begins, strict=True) if begun is same]
        assert counts == sorted(counts, reverse=True)
    assert ask("/suggest.json?q=n").json()["rows"] == []


def test_a_long_map_is_an_index_of_maps(ask: Any, monkeypatch: pytest.MonkeyPatch, conn: sqlite3.Connection) -> None:
    whole = ElementTree.fromstring(ask("/sitemap.xml?utm_x=0").content)  # noqa: S314 - our own answer
    urls = [one.text for one in whole.iter(f"{MAP}loc")]
    monkeypatch.setattr(feeds, "_URLS_A_MAP", 150)
    index = ElementTree.fromstring(ask("/sitemap.xml?utm_x=1").content)  # noqa: S314 - our own answer
    parts = [one.text or "" for one in index.iter(f"{MAP}loc")]
    assert parts == [f"{HERE}/sitemap.xml?part={number}" for number in (1, 2, 3)]
    parted = []
    for part in parts:
        own = ElementTree.fromstring(ask(part.removeprefix(HERE)).content)  # noqa: S314 - our own answer
        parted += [one.text for one in own.iter(f"{MAP}loc")]
    assert sorted(map(str, parted)) == sorted(map(str, urls))
    assert len(urls) == len(set(urls))
    used = {row[0] for row in conn.execute("SELECT DISTINCT concept_id FROM article_tags")}
    assert {url for url in urls if "/concepts/" in str(url)} == {f"{HERE}/concepts/{quote(c, safe='')}" for c in used}
    for page in ("", "articles", "overview", "matrix", "plots", "new", "methods", "searches", "interventions"):
        assert f"{HERE}/{page}" in urls
    assert ask("/sitemap.xml?part=4").status_code == 400


def test_robots_keep_from_what_has_no_end(ask: Any) -> None:
    lines = ask("/robots.txt").text.splitlines()
    assert lines == [
        "User-agent: *", "Disallow: /export/", "Disallow: /articles/values/", "Disallow: /pool", "Disallow: /-/",
        "Disallow: /evidence/", "Disallow: /articles?", "Disallow: /matrix?", f"Sitemap: {HERE}/sitemap.xml",
    ]  # fmt: skip
    text = ask("/opensearch.xml").text
    assert f'template="{HERE}/articles?q={{searchTerms}}"' in text
    assert f'template="{HERE}/feed.atom?q={{searchTerms}}"' in text


def test_a_site_that_is_closed_shows_nothing_to_anybody(ask: Any, evidence: Path) -> None:
    closed = type(ask.datasette)(files=[str(evidence)], metadata={"allow": {"id": "somebody"}})

    async def statuses() -> dict[str, int]:
        await closed.invoke_startup()
        pages = (
            "/", "/articles", "/articles.json", f"/articles/{FIRST_PMID}", "/export/ris", "/feed.atom", "/matrix.csv",
            "/plots/risk/all.svg", "/evidence/articles", "/answer?q=nsaids", "/sitemap.xml", "/review",
        )  # fmt: skip
        return {page: (await closed.client.get(page)).status_code for page in pages}

    assert set(asyncio.run(statuses()).values()) == {403}


@pytest.mark.parametrize("address", ["/articles.json", "/articles/1.json", "/matrix.json", "/articles.json?year=x"])
def test_pages_of_other_sites_may_read_the_api_and_no_page(ask: Any, address: str) -> None:
    assert ask(address).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in ask("/articles").headers
