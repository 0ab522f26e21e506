"""A filter is the same set of articles as SQL, as a URL and in words."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.preprints import FIRST as PREPRINT
from db.preprints import PREPRINT_TYPE
from db.select.addresses.resolve import UnknownConceptError, resolve_filter
from db.select.facets import FACETS, Choice, FilterError, ordered
from db.select.filter import ArticleFilter
from db.select.search.index import ensure_search
from db.select.search.parser import parse_search
from db.select.sought import FINDING_LISTS, SoughtFinding
from db.select.switches import SWITCHES
from db.select.words import describe, filter_parts
from db.store.store import Store
from tests.support.made_up import add_article, add_concepts, add_finding, add_run


@pytest.fixture
def conn(store: Store) -> sqlite3.Connection:
    conn: sqlite3.Connection = store.db.conn
    add_concepts(conn)
    facts = {
        "study_design": "randomized controlled trial",
        "species": "human",
        "evidence_level": "2",
        "journal": "Bone",
    }
    add_article(conn, 1, ["indomethacin", "hip"], title="Indomethacin trial", year=2016, language="eng", **facts)
    facts = {"study_design": "cohort", "species": "animal+human"}
    add_article(conn, 2, ["celecoxib", "radiotherapy"], year=2020, language="eng;ger", retracted=1, **facts)
    add_article(conn, 3, ["radiotherapy", "male-sex"], year=1999, language="ger", study_design="cohort", topic=None)
    add_article(conn, 4, [], year=2021, topic="not_ho")
    add_article(conn, 5, ["nsaids"], vanished=1)
    better = {"comparator_class": "none or placebo", "effect": "better"}
    add_finding(conn, 1, subject_id="indomethacin", outcome_id="severe-ho", value=0.46, **better)
    add_finding(conn, 1, subject_id="indomethacin", outcome_id="ho-incidence", direction="no difference")
    add_finding(conn, 2, subject_id="celecoxib", outcome_id="ho-incidence", direction="increases", effect="worse",
                conflict="words and figures")  # fmt: skip
    add_run(conn, 7, [1, 2, 3])
    add_run(conn, 8, [3])
    add_run(conn, 9, kind="tag")
    ensure_search(conn)
    return conn


@pytest.mark.parametrize(
    ("query", "pmids"),
    [
        ([], [1, 2, 3]),
        ([("topic", "all")], [1, 2, 3, 4]),
        ([("topic", "not_ho")], [4]),
        ([("vanished", "yes")], [1, 2, 3, 5]),
        ([("intervention", "nsaids")], [1, 2]),
        ([("intervention", "indomethacin"), ("intervention", "celecoxib")], [1, 2]),
        ([("all_intervention", "celecoxib"), ("all_intervention", "radiotherapy")], [2]),
        ([("intervention", "radiotherapy"), ("risk_factor", "male-sex")], [3]),
        ([("intervention", "radiotherapy"), ("not_intervention", "nsaids")], [3]),
        ([("study_design", "cohort")], [2, 3]),
        ([("not_study_design", "cohort")], [1]),
        ([("journal", "not stated")], [2, 3]),
        ([("not_journal", "Bone")], [2, 3]),
        ([("language", "ger")], [2, 3]),
        ([("language", "ge")], []),
        ([("language", "er")], []),
        ([("language", "eng;ger")], [2]),
        ([("species", "huma")], []),
        ([("not_language", "ge")], [1, 2, 3]),
        ([("species", "human")], [1, 2]),
        ([("year", "2015-")], [1, 2]),
        ([("year", "-2015")], [3]),
        ([("year", "2016")], [1]),
        ([("retracted", "yes")], [2]),
        ([("retracted", "no")], [1, 3]),
        ([("estimate", "yes")], [1]),
        ([("estimate", "no")], [2, 3]),
        ([("estimate", "no"), ("retracted", "no")], [3]),
        ([("estimate", "yes"), ("retracted", "yes")], []),
        ([("run", "7")], [1, 2, 3]),
        ([("run", "last")], [3]),
        ([("pmids", "3, 1,99")], [1, 3]),
        ([("finding_of", "nsaids"), ("finding_on", "ho-incidence")], [1, 2]),
        ([("finding_of", "nsaids"), ("finding_on", "severe-ho"), ("direction", "no difference")], []),
        ([("finding_of", "nsaids"), ("direction", "increases"), ("direction", "no difference")], [1, 2]),
        ([("finding_of", "nsaids"), ("comparator", "none or placebo")], [1]),
        ([("finding_on", "ho-incidence"), ("comparator", "not read")], [1, 2]),
        ([("comparator", "active")], []),
        ([("effect", "better")], [1]),
        ([("effect", "unclear")], [1]),
        ([("effect", "conflict")], [2]),
        ([("effect", "worse"), ("effect", "conflict")], [2]),
        ([("effect", "worse")], []),
        ([("q", "trial -radiotherapy")], [1]),
        ([("q", "!!!")], []),
        ([("q", "'; DROP TABLE articles; --")], []),
        ([("journal", "x' OR 1=1 --")], []),
    ],
)
def test_the_articles_of_a_filter(conn: sqlite3.Connection, query: list[tuple[str, str]], pmids: list[int]) -> None:
    where, params = ArticleFilter.from_query(query).where()
    assert [row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where} ORDER BY pmid", params)] == pmids


@pytest.mark.parametrize(
    ("query", "pmids"),
    [
        ([], [1, 3]),
        ([("with_retracted", "yes")], [1, 2, 3]),
        ([("retracted", "yes")], [2]),
        ([("preprint", "yes")], [PREPRINT]),
        ([("with_retracted", "yes"), ("preprint", "no")], [1, 2, 3]),
    ],
)
def test_evidence_counts_neither_retracted_work_nor_preprints_unasked(
    conn: sqlite3.Connection, query: list[tuple[str, str]], pmids: list[int]
) -> None:
    add_article(conn, PREPRINT, ["indomethacin"])
    kind = "INSERT INTO publication_types (pmid, position, ui, term) VALUES (?, 1, ?, 'Preprint')"
    conn.execute(kind, [PREPRINT, PREPRINT_TYPE])
    where, params = ArticleFilter.from_query(query).for_evidence().where()
    assert [row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where} ORDER BY pmid", params)] == pmids


def choices(kinds_only: bool = False) -> st.SearchStrategy[tuple[Choice, ...]]:
    names = [facet.name for facet in FACETS.values() if facet.kind or not kinds_only]
    value = st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
    return st.lists(st.builds(Choice, st.sampled_from(names), value), max_size=4).map(ordered)


def some_of(allowed: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(allowed), unique=True).map(lambda found: tuple(sorted(found, key=allowed.index)))


def filters() -> st.SearchStrategy[ArticleFilter]:
    concept = st.none() | st.sampled_from(["nsaids", "severe-ho"])
    return st.builds(
        ArticleFilter,
        search=st.text(alphabet=st.characters(categories=["L", "P", "Sc"]), max_size=20).map(parse_search),
        any_of=choices(),
        all_of=choices(kinds_only=True),
        none_of=choices(),
        year_from=st.none() | st.integers(1850, 1990),
        year_to=st.none() | st.integers(1990, 2030),
        finding=st.builds(
            SoughtFinding,
            of=concept,
            on=concept,
            **{field: some_of(allowed) for field, allowed in FINDING_LISTS.values()},
        ),
        switches=st.dictionaries(st.sampled_from(list(SWITCHES)), st.booleans()).map(
            lambda found: tuple((name, found[name]) for name in SWITCHES if name in found)
        ),
        with_retracted=st.booleans(),
        run=st.sampled_from([None, "last", "12"]),
        topic=st.sampled_from(["about", "beside", "all"]),
        vanished=st.booleans(),
        as_of=st.sampled_from([None, "2026-01-31"]),
        pmids=st.none()
        | st.lists(st.integers(1, 9999), unique=True, min_size=1).map(lambda found: tuple(sorted(found))),
    )


@given(chosen=filters())
def test_a_url_reads_back_as_the_same_filter(chosen: ArticleFilter) -> None:
    assert ArticleFilter.from_query(chosen.to_query()) == chosen
    assert ArticleFilter.from_query(reversed(chosen.to_query())).to_query() == chosen.to_query()


@given(chosen=filters())
def test_every_part_can_be_taken_away(chosen: ArticleFilter) -> None:
    left = chosen
    for _ in range(40):
        parts = filter_parts(left)
        if not parts:
            break
        assert all(part.rest != left for part in parts)
        left = parts[0].rest
    assert left == ArticleFilter()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ([("interventoin", "x")], "intervention"),
        ([("year", "20x5")], "write 2015"),
        ([("year", "2020-2015")], "2015-2020"),
        ([("year", "٢٠١٥")], "cannot be read"),
        ([("retracted", "maybe")], "one of yes"),
        ([("retracted", "yes"), ("retracted", "no")], "given twice"),
        ([("run", "x; DROP")], "run"),
        ([("run", "9" * 30)], "run"),
        ([("pmids", "1,b")], "PMID"),
        ([("as_of", "2026-02-30")], "write it as 2026-01-31"),
        ([("as_of", "20260131")], "write it as 2026-01-31"),
        ([("direction", "up")], "decreases"),
        ([("journal", "x" * 301)], "300 characters"),
        ([("journal", "a\x00b")], "control character"),
        ([("journal", f"j{n}") for n in range(201)], "200"),
    ],
)
def test_a_wrong_value_is_one_clear_line(query: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(FilterError, match=message) as caught:
        ArticleFilter.from_query(query)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_names_and_synonyms_become_ids(conn: sqlite3.Connection) -> None:
    query = [
        ("intervention", "Indometacin"),
        ("intervention", "nsaids"),
        ("study_design", "RCT"),
        ("finding_of", "Celecoxib"),
    ]
    chosen, names = resolve_filter(conn, ArticleFilter.from_query(query))
    assert chosen.chosen("intervention") == ("indomethacin", "nsaids")
    assert chosen.chosen("study_design") == ("randomized controlled trial",)
    assert chosen.finding.of == "celecoxib"
    assert names == {"indomethacin": "indomethacin", "nsaids": "NSAIDs", "celecoxib": "celecoxib"}


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        (("intervention", "indometacine"), UnknownConceptError, "indomethacin"),
        (("intervention", "hip"), UnknownConceptError, "intervention"),
        (("finding_on", "nsaids"), UnknownConceptError, "outcome"),
        (("study_design", "cohorts"), FilterError, "cohort"),
        (("journal", "Bon"), FilterError, "Bone"),
    ],
)
def test_an_unknown_value_names_the_nearest(
    conn: sqlite3.Connection, query: tuple[str, str], error: type[FilterError], message: str
) -> None:
    with pytest.raises(error, match=message):
        resolve_filter(conn, ArticleFilter.from_query([query]))


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("journal", "acta of BONE", "Acta of Bone"), ("journal", "Not stated", "not stated"),
        ("language", "GER", "ger"),
        ("language", "eng;ger", "eng;ger"), ("species", "In Vitro", "in vitro"), ("level", "5", "5"),
        ("study_design", "Case Report", "case report"), ("study_design", "rcts", "randomized controlled trial"),
        ("study_design", "randomised controlled trial", "randomized controlled trial"),
        ("study_design", "Trial", "randomized controlled trial"), ("study_design", "meta analysis", "meta-analysis"),
        ("study_design", "animal", "animal study"), ("study_design", "in vitro", "in vitro study"),
    ],
)  # fmt: skip
def test_a_value_may_be_written_as_people_write_it(
    conn: sqlite3.Connection, name: str, written: str, meant: str
) -> None:
    add_article(conn, 6, journal="Acta of Bone")
    chosen, _ = resolve_filter(conn, ArticleFilter.from_query([(name, written)]))
    assert chosen.chosen(name) == (meant,)


def test_a_concept_may_be_named_with_its_kind(conn: sqlite3.Connection) -> None:
    chosen, _ = resolve_filter(conn, ArticleFilter.from_query([("intervention", "intervention:NSAIDs")]))
    assert [choice.value for choice in chosen.any_of] == ["nsaids"]
    with pytest.raises(UnknownConceptError, match="outcome:NSAIDs"):
        resolve_filter(conn, ArticleFilter.from_query([("intervention", "outcome:NSAIDs")]))


def test_a_filter_in_words(conn: sqlite3.Connection) -> None:
    query = "q=hip -mice&intervention=indomethacin&intervention=nsaids&not_site=hip&year=2015-2020&retracted=no"
    chosen, names = resolve_filter(conn, ArticleFilter.from_query(pair.split("=") for pair in query.split("&")))  # type: ignore[misc]
    assert describe(chosen, names) == (
        "search: hip [site] NOT mice; intervention: NSAIDs or indomethacin; site: not hip; year: 2015–2020; "
        "without retracted articles"
    )
    assert describe(ArticleFilter()) == "all articles"
