"""The desk for a running review: matching, what became of the included, candidates, PRISMA numbers."""

import sqlite3

import pytest

from db.evidence.similar import article_vectors
from db.screening.brought import read_brought
from db.screening.match import match_rows
from db.screening.review import (
    Review,
    ReviewError,
    look_over,
    marked_studies,
    read_candidates,
    review_object,
)
from db.store.store import Store
from tests.support.made_up import add_article, add_concepts

DRUG = "Indomethacin prevents ossification after hip surgery"


@pytest.fixture
def conn(store: Store) -> sqlite3.Connection:
    """A review's world: its studies of 2015, later ones, and what is no candidate."""
    conn = store.db.conn
    add_concepts(conn)
    day = "2015-03-01"
    add_article(conn, 101, ["indomethacin"], title=f"{DRUG}: one", doi="10.1/A", entrez_date=day)
    add_article(conn, 102, ["indomethacin"], title=f"{DRUG}: two", entrez_date=day, retracted=1)
    add_article(conn, 103, ["radiotherapy"], title="Rays and bone", entrez_date="2016-01-01T10:00")
    add_article(conn, 104, ["radiotherapy"], title="Rays and bone again", entrez_date="2020-01-01")
    add_article(conn, 105, ["indomethacin"], title=f"{DRUG}: three", entrez_date="2020-01-02")
    add_article(conn, 106, ["indomethacin"], title=f"{DRUG}: four", entrez_date="2020-01-03", retracted=1)
    add_article(conn, 107, [], title=f"{DRUG} of clams", entrez_date="2020-01-04", topic="not_ho")
    add_article(conn, 108, ["indomethacin"], title=f"{DRUG}: old", entrez_date="2014-01-01")
    conn.execute("INSERT INTO notices (pmid, position, kind, ref_pmid) VALUES (101, 1, 'ErratumIn', 9)")
    conn.commit()
    return conn


def bring(conn: sqlite3.Connection, text: str, since: str | None = "newest") -> Review:
    """A list through the whole desk."""
    return look_over(conn, article_vectors(conn), match_rows(conn, read_brought("list.csv", text.encode())), since)


LIST = "pmid,doi,title,included\n,10.1/a,x,1\n102,,,1\n103,,,0\n101,,,1\n999,,Not held,1\n"


def test_a_list_is_matched_and_what_is_not_held_is_named(conn: sqlite3.Connection) -> None:
    matched = bring(conn, LIST).matched
    assert (matched.included, matched.excluded) == ([101, 102], [103])
    assert (matched.rows, matched.duplicates, dict(matched.matched_by)) == (5, 1, {"DOI": 1, "PMID": 2})
    assert matched.unmatched == ["record 6: PMID 999; Not held"]


def test_people_who_disagree_make_a_conflict_that_teaches_nothing(conn: sqlite3.Connection) -> None:
    matched = bring(conn, LIST + "101,,,0\n").matched
    assert (matched.conflict, matched.included) == ([101], [102])


def test_the_retracted_and_corrected_among_the_included_are_named_the_gravest_first(conn: sqlite3.Connection) -> None:
    assert [(study.pmid, study.mark) for study in bring(conn, LIST).marked] == [(102, "RETRACTED"), (101, "CORRECTED")]
    assert marked_studies(conn, [101])[0].notices == ("Corrected",)
    assert marked_studies(conn, [105]) == []


def test_candidates_are_newer_than_the_list_on_the_topic_and_not_retracted(conn: sqlite3.Connection) -> None:
    review = bring(conn, LIST)
    assert review.since == "2016-01-01"
    assert [entry.pmid for entry in review.candidates] == [105, 104]
    assert review.numbers == {
        "previous_records": 5,
        "previous_held": 3,
        "previous_not_held": 1,
        "previous_duplicates": 1,
        "previous_included": 2,
        "previous_excluded": 1,
        "previous_undecided": 0,
        "identified": 4,
        "not_about_ho": 1,
        "retracted": 1,
        "to_screen": 2,
    }


def test_another_day_or_none(conn: sqlite3.Connection) -> None:
    assert {entry.pmid for entry in bring(conn, LIST, None).candidates} == {104, 105, 108}
    assert [entry.pmid for entry in bring(conn, LIST, "2020-01-01").candidates] == [105]
    with pytest.raises(ReviewError, match=r"yesterday.* cannot be read"):
        bring(conn, LIST, "yesterday")


def test_a_list_without_an_included_study_that_is_held_is_refused(conn: sqlite3.Connection) -> None:
    with pytest.raises(ReviewError, match="none of the 1 records"):
        bring(conn, "pmid,included\n101,0\n")


def test_citations_among_held_articles_count_where_they_are_known(conn: sqlite3.Connection) -> None:
    conn.executemany("INSERT INTO citation_edges VALUES (?, ?)", [(104, 101), (102, 104), (104, 102), (105, 103)])
    links = {entry.pmid: entry.links for entry in bring(conn, LIST).candidates}
    assert links == {104: 2, 105: 0}
    conn.execute("DELETE FROM citation_edges WHERE citing = 104")
    links = {entry.pmid: entry.links for entry in bring(conn, LIST).candidates}
    assert links == {104: 1, 105: 0}  # cited by an included study counts as citing one does


def test_who_came_on_the_day_itself_was_seen_and_who_has_no_day_may_not_have_been(conn: sqlite3.Connection) -> None:
    add_article(conn, 110, title="Later that day", entrez_date="2016-01-01T23:59")
    add_article(conn, 111, title="The day after", entrez_date="2016-01-02")
    add_article(conn, 112, title="That year", publication_date="2016")
    add_article(conn, 113, title="Some day")
    add_article(conn, 114, title="Printed later", entrez_date="2015-12-31", publication_date="2016-02")
    assert sorted(entry.pmid for entry in bring(conn, LIST, "2016-01-01").candidates) == [104, 105, 111, 113]


def test_of_studies_that_are_marked_alike_the_newest_comes_first(conn: sqlite3.Connection) -> None:
    for pmid, year in ((201, 2001), (202, 2003), (203, None), (204, 2003)):
        add_article(conn, pmid, title="Gone", retracted=1, year=year)
    assert [study.pmid for study in marked_studies(conn, [203, 201, 204, 101, 202])] == [202, 204, 201, 203, 101]


def test_trials_of_the_same_treatment_that_ended_since_are_named(conn: sqlite3.Connection) -> None:
    trials = {
        "NCT1": ("COMPLETED", "2016-02", "indomethacin"),
        "NCT2": ("COMPLETED", "2015-12", "indomethacin"),
        "NCT3": ("RECRUITING", "2030-01", "indomethacin"),
        "NCT4": ("TERMINATED", "2019", "radiotherapy"),
        "NCT5": ("TERMINATED", "2016", "indomethacin"),
    }
    for number, (status, ended, concept) in trials.items():
        conn.execute(
            "INSERT INTO trials (nct_id, kind, title, status, completion_date, has_results, fetched_at, vanished) "
            "VALUES (?, 'about HO', 'A trial', ?, ?, 0, '2026-01-01', 0)",
            [number, status, ended],
        )
        conn.execute(
            "INSERT INTO trial_tags (nct_id, concept_id, kind, direct) VALUES (?, ?, 'intervention', 1)",
            [number, concept],
        )
    review = bring(conn, LIST)
    assert {trial.values["nct_id"] for trial in review.trials} == {"NCT1", "NCT5"}
    told = review_object(review, [])["trials"]
    assert {trial["nct_id"] for trial in told} == {"NCT1", "NCT5"}


@pytest.mark.parametrize(("others", "told"), [(3, True), (4, False)])
def test_a_treatment_is_the_reviews_own_where_a_quarter_of_its_studies_have_it(
    conn: sqlite3.Connection, others: int, told: bool
) -> None:
    conn.execute(
        "INSERT INTO trials (nct_id, kind, title, status, completion_date, has_results, fetched_at, vanished) "
        "VALUES ('NCT1', 'about HO', 'A trial', 'COMPLETED', '2019-02', 0, '2026-01-01', 0)"
    )
    conn.execute("INSERT INTO trial_tags VALUES ('NCT1', 'celecoxib', 'intervention', 1)")
    add_article(conn, 201, ["celecoxib"], title="Of it", entrez_date="2015-03-01")
    for pmid in range(202, 202 + others):
        add_article(conn, pmid, [], title=f"Another {pmid}", entrez_date="2015-03-01")
    review = bring(conn, "pmid,included\n" + "".join(f"{pmid},1\n" for pmid in range(201, 202 + others)))
    assert [trial.values["nct_id"] for trial in review.trials] == (["NCT1"] if told else [])


def test_a_treatment_is_what_a_study_names_not_what_its_drug_belongs_to(conn: sqlite3.Connection) -> None:
    conn.execute(
        "INSERT INTO trials (nct_id, kind, title, status, completion_date, has_results, fetched_at, vanished) "
        "VALUES ('NCT1', 'about HO', 'A trial', 'COMPLETED', '2019-02', 0, '2026-01-01', 0)"
    )
    conn.execute("INSERT INTO trial_tags VALUES ('NCT1', 'nsaids', 'intervention', 1)")
    assert bring(conn, LIST).trials == ()


def test_what_a_program_is_told(conn: sqlite3.Connection) -> None:
    review = bring(conn, LIST)
    told = review_object(review, read_candidates(conn, review.candidates[:1]))
    (first,) = told["candidates"]
    assert (first["pmid"], first["title"]) == (105, f"{DRUG}: three")
    assert "indomethacin" in first["why"]
    assert (told["matched"], told["unmatched"], told["prisma"]["to_screen"]) == (3, review.matched.unmatched, 2)


def test_what_was_held_and_not_listed_teaches_what_was_passed_over(
    conn: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, ...]] = []

    def spied(*given: object, **more: object) -> list[object]:
        told.append(tuple(given[5]))  # type: ignore[arg-type]
        return []

    monkeypatch.setattr("db.screening.review.rank", spied)
    bring(conn, LIST)
    bring(conn, LIST, None)
    assert told == [(108,), ()]


def test_the_undecided_come_in_the_order_learnt_from_the_decided(conn: sqlite3.Connection) -> None:
    """Each further decision moves the rest: first it is the drug that is sought, then it is the rays."""
    drug = bring(conn, "pmid,included\n101,1\n103,0\n104,\n108,\n")
    assert [entry.pmid for entry in drug.undecided] == [108, 104]
    rays = bring(conn, "pmid,included\n101,0\n103,1\n104,\n108,\n")
    assert [entry.pmid for entry in rays.undecided] == [104, 108]
    assert drug.numbers["previous_undecided"] == 2
    assert not {104, 108} & {entry.pmid for entry in drug.candidates}


def test_what_the_search_left_aside_says_nothing_of_the_undecided(conn: sqlite3.Connection) -> None:
    for pmid in range(301, 340):
        add_article(conn, pmid, ["radiotherapy"], title=f"Rays and bone {pmid}", entrez_date="2010-01-01")
    known = "pmid,included\n101,1\n103,0\n104,\n108,\n"
    assert bring(conn, known, "2016-01-01").undecided == bring(conn, known, None).undecided


def test_candidates_say_that_they_were_corrected(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO notices (pmid, position, kind, ref_pmid) VALUES (105, 1, 'ExpressionOfConcernIn', 9)")
    found = read_candidates(conn, bring(conn, "pmid,included\n101,1\n", "2019-01-01").candidates)
    assert {entry.ranked.pmid: entry.mark for entry in found} == {104: None, 105: "EXPRESSION OF CONCERN"}
