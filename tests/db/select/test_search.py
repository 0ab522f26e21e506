"""What a reader types finds what they mean, and nothing that they type is an error."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.select.filter import ArticleFilter
from db.select.search.index import SEARCH_TABLE, build_search, ensure_search
from db.select.search.parser import parse_search
from db.select.search.search import SearchError
from db.select.search.sql import ranking, search_clauses
from db.store.store import Store
from tests.support.made_up import add_article

TITLES = {
    1: "Indomethacin against heterotopic ossification after randomised hip surgery",
    2: "Celecoxib was randomized for heterotopic bone: a COX-2 study by Müller",
    3: "Radiotherapy in mice with ossified tendons",
    4: "Ossifikation und Müdigkeit",
}
MORE = {
    3: {"year": 2018, "journal": "Injury", "iso_abbreviation": "Inj Care"},
    4: {"authors": "Berg A, Costa B", "language": "eng;ger"},
}


@pytest.fixture
def conn(store: Store) -> sqlite3.Connection:
    for pmid, title in TITLES.items():
        add_article(  # type: ignore[arg-type]
            store.db.conn, pmid, title=title, abstract="<b>x</b>" if pmid == 1 else None, doi=f"10.5555/a.{pmid}",
            **MORE.get(pmid, {}),
        )  # fmt: skip
    ensure_search(store.db.conn)
    return store.db.conn


def found(conn: sqlite3.Connection, text: str) -> list[int]:
    where, params = ArticleFilter.from_query([("q", text)]).where()
    return [row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where} ORDER BY pmid", params)]


@pytest.mark.parametrize(
    ("text", "pmids"),
    [
        ("heterotopic", [1, 2]),
        ("HETEROTOPIC ossifications", [1]),
        ('"heterotopic bone"', [2]),
        ("“heterotopic bone”", [2]),
        ('"heterotopic bone', [2]),
        ("heterotopic -celecoxib", [1]),
        ("heterotopic NOT celecoxib", [1]),
        ("-heterotopic", [3, 4]),
        ("-heterotopic -mice", [4]),
        ("indomethacin OR celecoxib", [1, 2]),
        ("indomethacin OR celecoxib hip", [1]),
        ("(celecoxib cox-2) OR radiotherapy", [2, 3]),
        ("(indomethacin OR celecoxib) AND heterotopic", [1, 2]),
        ("heterotopi*", [1, 2]),
        ("randomi*", [1, 2]),
        ("ossif*", [1, 3, 4]),
        ("OSSIFIK*", [4]),
        ("muller", [2]),
        ("Müd*", [4]),
        ("title:mice", [3]),
        ("abstract:mice", []),
        ("mice[tiab] AND tendons [tw]", [3]),
        ("bone of the by", [2]),
        ("10.5555/a.3", [3]),
        ("3", [3]),
        ("OR OR AND heterotopic NOT", [1, 2]),
        ("((((heterotopic", [1, 2]),
        (") heterotopic (", [1, 2]),
        ("!!!", []),
        ('""', []),
        ("the", []),
        ("'; DROP TABLE articles; --", []),
        ('x" OR rowid > 0 --', []),
        ("heterotopic ^ NEAR(a b)", []),
        ("indomethacin or celecoxib", [1, 2]),
        ("celecoxib[ti]", [2]),
        ("mice[ab]", []),
        ("ossified tendons[tiab]", [3]),
        ("indomethacin OR mice[ti]", [1, 3]),
        ('"heterotopic bone"[Title]', [2]),
        ("Berg A[au]", [4]),
        ("Berg B[au]", []),
        ("ossif* 2015:2020[dp]", [3]),
        ("ossif* 2015[dp]", []),
        ("year:2015-", [3]),
        ("year:-2015", []),
        ("ger[la]", [4]),
        ("language:ge", []),
        ("language:German", [4]),
        ("journal:injur", [3]),
        ("journal:INJURY", [3]),
        ('"inj care"[ta]', [3]),
        ("mice[TA]", []),
        ("mice[Ti]", [3]),
        ("ossif* -year:2018", [1, 4]),
        ("mice OR year:2018", [3]),
        ("(celecoxib year:2018) OR muller", [2]),
        ("(ossif* -year:2018) OR celecoxib", [1, 2, 4]),
        ("(year:2018 -mice) OR muller", [2]),
        ("(year:2018 -celecoxib -indomethacin) OR muller", [2, 3]),
        ("-(ossif* -year:2018)", [2, 3]),
        ("(ossif* -mice) OR celecoxib", [1, 2, 4]),
        ("heterotopic -(celecoxib OR radiotherapy)", [1]),
        ("heterotopic (-celecoxib)", [1]),
        ("ossif* -language:ger", [1, 3]),
        ("indomethacin | celecoxib", [1, 2]),
        ("heterotopic & celecoxib", [2]),
        ("heterotopic AND NOT celecoxib", [1]),
        ("heterotopic NOT AND celecoxib", [1]),
        ("indomethacin NOT OR celecoxib", [1, 2]),
        ("by", [2]),
        ("-heterotopic by", [3, 4]),
        ("2018[dp]", [3]),
        ("year:2018-2018", [3]),
        ("year:2019-", []),
        ("year:-2018", [3]),
        ("year:-2017", []),
        ("year:18", []),
        ("Injury[ta]", [3]),
        ("Costa[au]", [4]),
        ("(" * 13 + "heterotopic" + ")" * 13 + " celecoxib", [2]),
        ("(" * 12 + "-celecoxib" + ")" * 12 + " heterotopic", [1]),
        ("mice[something]", []),
    ],
)
def test_a_search_finds_what_was_meant(conn: sqlite3.Connection, text: str, pmids: list[int]) -> None:
    assert found(conn, text) == pmids


@given(
    text=st.text(max_size=80)
    | st.lists(st.sampled_from(["a", '"', "(", ")", "OR", "-", "*", ":", "NOT", "ti:b", " "])).map("".join)
)
def test_no_text_is_an_error(text: str) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute(f"CREATE VIRTUAL TABLE {SEARCH_TABLE} USING fts5(title, abstract, authors, terms, identifiers)")
    conn.execute("CREATE TABLE search_words (word TEXT)")
    conn.execute(
        "CREATE TABLE articles (pmid INTEGER, year INTEGER, language TEXT, journal TEXT, iso_abbreviation TEXT)"
    )
    search = parse_search(text)
    for clause in search_clauses(search, "f").values():
        conn.execute(f"SELECT 1 FROM articles WHERE {clause.sql}", clause.params)
    asked = ranking(search)
    if asked is not None:
        conn.execute(f"SELECT rowid FROM {SEARCH_TABLE} WHERE {SEARCH_TABLE} MATCH ({asked[0]})", asked[1])


def test_a_common_beginning_is_not_cut(store: Store) -> None:
    conn = store.db.conn
    for pmid in range(1, 700):
        add_article(conn, pmid, title=f"zeta{pmid}ing")
    build_search(conn)
    assert len(found(conn, "zeta*")) == 699


@pytest.mark.parametrize("text", ["x" * 1001, "a " * 61])
def test_a_text_that_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(SearchError, match="search for fewer"):
        parse_search(text)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ('hip "heterotopic bone" OR ossif* -mice', 'hip AND ("heterotopic bone" OR ossif*) NOT mice'),
        ("-mice", "NOT mice"),
        ("(hip -mice) OR knee", "((hip NOT mice) OR knee)"),
        ("hip OR knee OR toe", "(hip OR knee OR toe)"),
        ("2015:2020[dp]", "year:2015-2020"),
        ("year:2015", "year:2015"),
        ("year:2015-", "year:2015-"),
        ("year:-2015", "year:-2015"),
        ("title:hip", "title:hip"),
        ("Berg A[au]", 'au:"Berg A"'),
        ("bone Berg[au]", "bone AND au:Berg"),
        ("la:ger", "language:ger"),
        ("!!!", ""),
    ],
)
def test_how_a_text_was_understood_is_said(text: str, understood: str) -> None:
    assert parse_search(text).understood == understood


def test_a_note_is_said_once() -> None:
    assert len(parse_search("foo:a foo:b").notes) == 1


@pytest.mark.parametrize(
    ("text", "note"),
    [("celecoxib", None), ("blood:pressure", "There is no field blood"), ("https://example.org", "no field https")],
)
def test_a_field_that_does_not_exist_is_said(text: str, note: str | None) -> None:
    notes = parse_search(text).notes
    assert (not notes) if note is None else note in notes[0]


def odd_letters(conn: sqlite3.Connection) -> None:
    add_article(
        conn, 11, title="Hetero\u00adtopic ossi\ufb01cation", pages="e42692", doi="10.1002/(SICI)77:4<718::A>3.0"
    )
    add_article(
        conn, 12, title="H\u0435terotopic calci\ufb01cation of the f\u0153tal hip", pages="11-9", pmcid="PMC7000012"
    )
    build_search(conn)


@pytest.mark.parametrize(
    ("text", "pmids"),
    [
        ("ossification -heterotopic", []),
        ("title:ossification heterotopic", [11]),
        ("ossi\ufb01cation hetero\u00adtopic", [11]),
        ("h\u0435terotopic f\u0153tal", [12]),
        ("foetal", [12]),
        ("calcific*", [12]),
        ("e42692", [11]),
        ("PMID: 12", [12]),
        ("pmid:12", [12]),
        ("https://pubmed.ncbi.nlm.nih.gov/12/", [12]),
        ("PMCID: PMC7000012", [12]),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7000012/", [12]),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC7000012/", [12]),
        ("doi: 10.1002/(SICI)77:4<718::A>3.0", [11]),
        ("https://doi.org/10.1002/(SICI)77:4<718::A>3.0", [11]),
    ],
)
def test_odd_letters_and_numbers_as_citations_print_them(store: Store, text: str, pmids: list[int]) -> None:
    odd_letters(store.db.conn)
    assert found(store.db.conn, text) == pmids
