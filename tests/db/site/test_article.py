"""The page of one article says what its record, its notices, the tagger and people say, each in its place."""

import json
import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from db.evidence import articles
from db.evidence.asked import read_asked
from tests.support.generate_articles import FIRST_PMID, make_evidence
from tests.support.sites import asking

AT = "2026-01-03T00:00:00Z"
MARKED, PLAIN, GONE, BESIDE, BARE = range(FIRST_PMID, FIRST_PMID + 5)
_NOTICES = [  # not in the order of their weight
    ("CommentIn", 71, "J Talk. 2021;1:1"), ("ErratumIn", PLAIN, "J Fix. 2021;1:2"),
    ("ExpressionOfConcernIn", 72, "J Doubt. 2021;1:3"), ("SomethingNewIn", None, None),
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("article") / "evidence.db"
    make_evidence(path, 60)
    with sqlite3.connect(path) as conn:
        for place, notice in enumerate(_NOTICES):
            conn.execute("INSERT INTO notices (pmid, position, kind, ref_pmid, source) VALUES (?, ?, ?, ?, ?)",
                         [MARKED, place, *notice])  # fmt: skip
        values = {
            "pmcid": "PMC7000001", "doi": "10.5555/(A)<1>;2-#x", "language": "ger;fre", "vernacular_title": "Knochen",
            "authors_complete": 0, "follow_up": "24 months", "design_from_types": "cohort",
            "design_from_text": "case series", "abstract_copyright": "© 2021 The makers", "status": "MEDLINE",
            "publication_date_verbatim": "2021 Spring", "revised_date": "2022-02-03", "cites_retracted": 1,
            "sample_size": 1234,
        }  # fmt: skip
        conn.execute(f"UPDATE articles SET {', '.join(f'{name} = ?' for name in values)} WHERE pmid = ?",
                     [*values.values(), MARKED])  # fmt: skip
        conn.execute("UPDATE articles SET topic = 'ho', abstained = 2")
        conn.execute("UPDATE articles SET vanished = 1 WHERE pmid = ?", [GONE])
        conn.execute("UPDATE articles SET topic = 'not_ho' WHERE pmid = ?", [BESIDE])
        conn.execute("UPDATE articles SET abstract = NULL, doi = NULL, authors = NULL, sample_size = NULL, title = '' "
                     "WHERE pmid = ?", [BARE])  # fmt: skip
        for table in ("sections", "mentions", "findings", "article_tags", "authors", "mesh_headings"):
            conn.execute(f"DELETE FROM {table} WHERE pmid = ?", [BARE])
        for place, (registry, number) in enumerate(
            [("ClinicalTrials.gov", "NCT01234567"), ("ISRCTN", "ISRCTN12345678"), ("PROSPERO", "CRD1"),
             ("DRKS", "DRKS0001"), ("Other", "X 1/2"), ("DRKS", "DRKS0001"), ("clinical", "nct00000001")]
        ):  # fmt: skip
            conn.execute("INSERT INTO registry_numbers VALUES (?, ?, ?, ?, 'text')", [MARKED, place, registry, number])
        conn.execute("INSERT INTO other_abstracts VALUES (?, 0, 'Publisher', 'fre', 'Une\nautre <b>')", [MARKED])
        conn.execute("INSERT INTO keywords VALUES (?, 0, 'bone spur', 0, 'NOTNLM')", [MARKED])
        conn.execute("INSERT INTO publication_types VALUES (?, 0, 'D1', 'Journal Article')", [MARKED])
        conn.execute("UPDATE article_tags SET decided = 'accept' WHERE pmid = ?", [MARKED])
        conn.execute("UPDATE article_tags SET assertion = 'negated' WHERE kind = 'site' AND pmid % 2")
        conn.execute("UPDATE article_tags SET assertion = 'hedged' WHERE kind = 'outcome' AND pmid % 2")
    conn.close()
    return path


@pytest.fixture(scope="module")
def ask(path: Path) -> Iterator[Any]:
    yield from asking(path)


@pytest.fixture(scope="module")
def conn(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def words(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", "", html)).split())


def test_the_record_stands_as_pubmed_has_it(ask: Any, conn: sqlite3.Connection) -> None:
    text = ask(f"/articles/{MARKED}").text
    row = dict(zip(("authors", "journal", "volume", "issue", "pages", "study_design"), conn.execute(
        "SELECT authors, journal, volume, issue, pages, study_design FROM articles WHERE pmid = ?", [MARKED]
    ).fetchone(), strict=True))  # fmt: skip
    head = words(text[text.index('<header class="article-head"') : text.index('<div class="reading">')])
    for said in (
        "Knochen", f"{row['authors']}, et al.",
        f"{row['journal']} 2021 Spring; {row['volume']}({row['issue']}): {row['pages']}. In German, French.",
        row["study_design"], "n 1\u202f234", "follow-up 24 months",
        "PubMed’s publication type says cohort, the text says case series.", f"PubMed {MARKED}",
        "doi:10.5555/(A)<1>;2-#x", "Full text, PMC7000001",
    ):  # fmt: skip
        assert said.replace("\u202f", " ") in head.replace("\u202f", " "), said
    for href in (
        "https://doi.org/10.5555/(A)%3C1%3E;2-%23x", "https://pmc.ncbi.nlm.nih.gov/articles/PMC7000001/",
        f"https://pubmed.ncbi.nlm.nih.gov/{MARKED}/", "https://clinicaltrials.gov/study/NCT01234567",
        "https://www.isrctn.com/ISRCTN12345678", "https://trialsearch.who.int/Trial2.aspx?TrialID=DRKS0001",
        "https://clinicaltrials.gov/study/nct00000001",
    ):  # fmt: skip
        assert text.count(f'href="{href}"') == 1, href
    assert "<li>X 1/2</li>" in text
    assert "<li>CRD1</li>" in text
    whole = words(text)
    for said in ("© 2021 The makers", "Publisher, in French", "Keywords: bone spur",
                 "Publication types: Journal Article",
                 "Ossification, Heterotopic*", "Status: MEDLINE, in PubMed since", "revised 3 February 2022",
                 "checked by a person"):  # fmt: skip
        assert said in whole, said
    assert "Une<br>autre &lt;b&gt;" in text


def test_what_a_record_lacks_is_said_and_leaves_no_trace(ask: Any) -> None:
    text = ask(f"/articles/{BARE}").text
    for said in ("[no title]", "PubMed has no abstract of this article. Tags come from the title alone.",
                 "No result was read from this record.", "Nothing of the vocabulary was found.",
                 "No MeSH headings yet."):  # fmt: skip
        assert said in text, said
    for never in ("doi:", "et al.", "Full text", " In English", "None", "n 0", "Marked by kind", 'class="copyright"'):
        assert never not in words(text[text.index("<main") : text.index("<footer")]), never


def test_notices_stand_in_the_order_of_their_weight(ask: Any) -> None:
    text = ask(f"/articles/{MARKED}").text
    bands = re.findall(r'<div class="band retracted" role="alert">(.*?)</div>', text, re.DOTALL)
    assert [words(band) for band in bands] == ["Expression of concern: J Doubt. 2021;1:3. PMID 72"]
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/72/"' in bands[0]
    mild = re.findall(r'<p class="notice">(.*?)</p>', text, re.DOTALL)
    assert [words(notice) for notice in mild] == [
        f"Corrected: J Fix. 2021;1:2 PMID {PLAIN}", "Commented on: J Talk. 2021;1:1 PMID 71", "SomethingNewIn",
    ]  # fmt: skip
    assert f'href="/articles/{PLAIN}"' in mild[0]  # the notice is held here
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/71/"' in mild[1]
    assert 'class="band' not in ask(f"/articles/{PLAIN}").text.replace('class="band sample"', "")
    row = re.search(rf'data-pmid="{MARKED}">(.*?)</li>', ask("/articles?notice=yes").text, re.DOTALL)
    assert row is not None
    assert "<strong>expression of concern</strong>" in row[1]
    assert "<strong>cites a retracted article</strong>" in row[1]


def test_what_is_left_out_of_lists_says_so(ask: Any) -> None:
    gone, beside = ask(f"/articles/{GONE}").text, ask(f"/articles/{BESIDE}").text
    assert "PubMed no longer returns this record for the query" in gone
    assert "PubMed no longer returns" not in beside
    assert "looks as if it were not about heterotopic ossification" in beside
    assert "looks as if it were not about" not in gone
    for pmid in (GONE, BESIDE):
        assert str(pmid) not in {row["pmid"] for row in ask("/articles.json?_size=200").json()["rows"]}
        assert f"AN  - {pmid}" in ask(f"/export/ris?pmids={pmid}&topic=all&vanished=yes").text


def test_every_finding_stands_once_with_what_was_read(ask: Any, conn: sqlite3.Connection) -> None:
    asked = read_asked()["outcome"]
    parents = dict(conn.execute("SELECT id, parent_id FROM concepts").fetchall())
    seen = 0
    for pmid in range(FIRST_PMID, FIRST_PMID + 40):
        held = articles.findings(conn, [pmid]).get(pmid, [])
        if not held:
            continue
        text = ask(f"/articles/{pmid}").text
        rows = re.findall(r'<tr data-sentence="([^"]+)">(.*?)</tr>', text, re.DOTALL)
        assert len(rows) == len(held)
        assert "2 further results left undecided." in words(text)
        for finding in held:
            own = [words(html) for place, html in rows if place == f"a-{finding['sentence_start']}"]
            of_risk = {"better": "less HO", "worse": "more HO", "no difference": "no association"}
            means = of_risk.get(finding["means"], finding["means"]) if finding["kind"] == "risk" else finding["means"]
            wanted = [finding["subject_text"], finding["direction"], means.removesuffix("ict")]
            wanted += (
                [f"{finding['measure']} {finding['value']:g}"]
                if finding["value"] is not None
                else ["no estimate stated"]
            )
            wanted += [finding["comparator_text"]] if finding["comparator_text"] else []
            wanted += ["It counts in no balance."] if finding["conflict"] else []
            assert any(all(part in said for part in wanted) for said in own), (wanted, own)
        for place, html in rows:
            assert f'href="#{place}"' in html
            assert f'id="{place}"' in text
        heads = re.findall(r'<th scope="rowgroup".*?</th>', text, re.DOTALL)
        named = [words(head) for head in heads]
        assert sorted(named) == sorted({finding["outcome"] for finding in held})
        places = []
        for name in named:
            concept: str | None = next(f["outcome_id"] for f in held if f["outcome"] == name)
            while concept and concept not in asked:
                concept = parents[concept]
            places.append(asked.index(concept) if concept else len(asked))
        assert places == sorted(places)
        seen += len(held)
    assert seen > 20


def test_what_a_text_denies_is_no_fact_and_what_it_doubts_says_so(ask: Any) -> None:
    seen = 0
    html = ask("/articles").text + ask("/articles?page=2").text
    rows = dict(re.findall(r'<li class="row[^"]*" data-pmid="(\d+)">(.*?)</li>', html, re.DOTALL))
    for told in ask("/articles.json?_size=50").json()["rows"]:
        html = rows[str(told["pmid"])]
        facts = words(re.search(r'class="row-facts">(.*?)</p>', html, re.DOTALL)[1])  # type: ignore[index]
        for tag in told["tags"]:
            if tag["kind"] == "site":
                stands = f" · {tag['name']}" in facts
                assert stands == (tag["assertion"] == "affirmed") or "+ " in facts, (tag, facts)
                seen += not stands
        for chip in re.findall(r'<a class="chip (k-\w+[^"]*)"[^>]*>(.*?)</a>', html):
            doubted = "k-outcome" in chip[0] and told["pmid"] % 2 == 1
            assert ("hedged" in chip[0]) == ("(hedged)" in chip[1]) == doubted
    assert seen > 5
    page = ask("/articles/70000007").text
    assert set(re.findall(r'class="chip k-site ?(\w*)"', page)) <= {"negated"}


def test_json_ld_is_one_object_and_no_markup(ask: Any) -> None:
    text = ask(f"/articles/{MARKED}").text
    told = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    assert told["identifier"] == [f"pmid:{MARKED}", "doi:10.5555/(A)<1>;2-#x"]
    assert told["sameAs"] == f"https://pubmed.ncbi.nlm.nih.gov/{MARKED}/"
    assert told["url"] == f"http://localhost/articles/{MARKED}"
    assert told["headline"].startswith("EXPRESSION OF CONCERN: ")
