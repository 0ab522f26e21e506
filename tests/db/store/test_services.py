"""What the store answers to the services' steps: whom to ask next, what the query misses, one link, what is tied."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from db.enriched import CitationRecord, FullTextAnswer, NoticeClaim, Trial, TrialReference
from db.store.services.citations import (
    count_candidates,
    mark_cited_by_evidence,
    most_cited,
    outside_and_unread,
    save_candidates,
    save_citations,
)
from db.store.services.enrichment import ServiceState, pubmed_articles
from db.store.services.full_text import choose_links, save_full_text, without_link
from db.store.services.said_notices import articles_by_doi, dois_under_suspicion, place_notices, save_claims
from db.store.services.trial_reports import note_reports
from db.store.services.trials import mark_trials_vanished, save_trials, tag_trials, tie_trials
from db.store.store import Store
from tests.support.made_up import add_article, add_concepts
from tests.support.stores import AT, run

PREPRINT = {"source": "europe pmc"}
GONE = {"vanished": 1}


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.db.execute(sql).fetchall()


def add(store: Store, *pmids: int, **columns: Any) -> None:
    with store.atomic():
        for pmid in pmids:
            add_article(store.db.conn, pmid, **columns)


def test_who_waits_longest_is_asked_first_and_each_service_keeps_its_own_book(store: Store) -> None:
    state, other = ServiceState(store, "icite"), ServiceState(store, "crossref")
    for at, known in (
        ("2026-01-03", {4: True, 2: False}),
        ("2026-01-01", {3: True, 1: False}),
        ("2026-01-02", {9: True}),
    ):
        state.mark_asked(known, at)
    other.mark_asked({5: False, 6: True}, "2025-01-01")
    assert state.never_asked([1, 5, 4, 7, 6]) == [7, 6, 5]
    assert state.longest_not_asked([4, 3, 2, 1, 5], "2026-01-03", 9) == [1, 3]
    assert state.longest_not_asked([4, 3, 2, 1, 5], "2026-01-04", 3) == [1, 3, 2]
    assert (state.unknown(), other.unknown()) == ({1, 2}, {5})
    state.mark_asked({2: True, 3: False}, "2026-01-04")
    assert state.unknown() == {1, 3}
    for value in ("a", None):
        state.put("since", value)
        other.put("since", "b")
        assert (state.get("since"), other.get("since")) == (value, "b")


def test_only_what_pubmed_gives_is_asked_about(store: Store) -> None:
    add(store, 1, doi="10.5555/A", pmcid="PMC1", entrez_date="2026-01-01")
    add(store, 2, **PREPRINT)
    add(store, 3, **GONE)
    assert pubmed_articles(store) == {1: ("10.5555/A", "PMC1", "2026-01-01")}
    save_citations(store, [CitationRecord(pmid, 9) for pmid in (1, 2, 3)], AT)
    assert most_cited(store, 9) == [1]
    add(store, 4, 5, 6)
    save_citations(store, [CitationRecord(4, 9), CitationRecord(5, 10), CitationRecord(6, 1)], AT)
    assert most_cited(store, 3) == [5, 4, 1]


@pytest.mark.parametrize(("held", "came", "kept"), [("02", "01", 1), ("02", "02", 2), ("02", None, 2), (None, "01", 2)])
def test_older_citation_data_replace_no_newer_ones(store: Store, held: str | None, came: str | None, kept: int) -> None:
    add(store, 1)
    assert save_citations(store, [CitationRecord(1, 1, as_of=held)], AT) == 1
    assert save_citations(store, [CitationRecord(1, 2, as_of=came)], AT) == kept - 1
    assert save_citations(store, [CitationRecord(1, kept, as_of=came)], AT) == 0
    assert rows(store, "SELECT citation_count FROM citations") == [(kept,)]


def test_an_outside_article_is_looked_at_where_three_of_ours_cite_it(store: Store) -> None:
    add(store, 1, 2, 3, 4)
    references = {1: (90, 91, 92, 4), 2: (90, 91, 92, 4), 3: (91, 92, 4), 4: (92,)}
    cited_by = {1: (), 2: (1,), 3: (), 4: (1, 2, 3)}  # both ends name one citation: it counts once
    records = [CitationRecord(pmid, references=references[pmid], cited_by=cited_by[pmid]) for pmid in references]
    save_citations(store, [*records, CitationRecord(4, references=(92,), cited_by=(1, 2, 3, 77))], AT)
    store.db.execute("INSERT INTO citation_pairs (said_of, citing, cited) VALUES (2, 1, 90), (1, 77, 90)")
    assert outside_and_unread(store, 9) == [92, 91]
    assert outside_and_unread(store, 1) == [92]
    titled = [CitationRecord(91, title="On bone"), CitationRecord(90, title="On bone")]
    save_candidates(store, [91, 92, 90], titled, str.lower, AT)
    assert outside_and_unread(store, 9) == []
    assert count_candidates(store) == 1
    assert rows(store, "SELECT pmid, cited_by, words FROM recall_candidates ORDER BY 1") == [
        (90, 2, "on bone"), (91, 3, "on bone"), (92, 4, None),
    ]  # fmt: skip
    add(store, 91)
    assert count_candidates(store) == 0


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"study_design": "randomized controlled trial"}, 1),
        ({"study_design": "non-randomized trial"}, 1),
        ({"study_design": "guideline"}, 1),
        ({"study_design": "cohort"}, 0),
        ({"study_design": None}, 0),
        ({"study_design": "guideline", "retracted": 1}, 0),
        ({"study_design": "guideline", "vanished": 1}, 0),
    ],
)
def test_a_citation_by_a_trial_or_a_guideline_that_stands_is_told_once(
    store: Store, columns: dict[str, Any], told: int
) -> None:
    add(store, 1, 3)
    add(store, 2, **columns)
    number = run(store)
    assert mark_cited_by_evidence(store, number, AT) == 0
    store.db.execute("INSERT INTO citation_edges (citing, cited) VALUES (2, 1), (3, 1)")
    assert [mark_cited_by_evidence(store, number, AT) for _ in range(2)] == [told, 0]
    assert rows(store, "SELECT pmid, detail FROM changes") == [(1, '{"by": [2]}')] * told


PLACE = FullTextAnswer(1, "unpaywall", "u", "cc0")
FREE = FullTextAnswer(1, "europe pmc", "e", "cc by")
NO_TEXT = FullTextAnswer(1, "europe pmc")


def converted(pmcid: str, released: str | None = None) -> FullTextAnswer:
    return FullTextAnswer(1, "id converter", pmcid=pmcid, released=released)


@pytest.mark.parametrize(
    ("own", "answers", "link"),
    [
        (None, [PLACE, FREE], ("e", "cc by", "europe pmc")),
        (None, [PLACE, NO_TEXT], ("u", "cc0", "unpaywall")),
        ("PMC1", [PLACE, FREE], ("PMC1", "cc by", "pmc")),
        ("PMC1", [PLACE], ("PMC1", "cc0", "pmc")),
        ("PMC1", [converted("PMC2")], ("PMC1", None, "pmc")),
        (None, [converted("PMC2")], ("PMC2", None, "pmc")),
        (None, [replace(NO_TEXT, pmcid="PMC3")], ("PMC3", None, "pmc")),
        ("PMC1", [converted("PMC1", "2026-05-02"), PLACE], ("u", "cc0", "unpaywall")),
        ("PMC1", [converted("PMC1", "2026-05-02")], None),
        ("PMC1", [converted("PMC1", "2026-05-01")], ("PMC1", None, "pmc")),
        (None, [], None),
    ],
)
def test_one_link_by_fixed_rules(
    store: Store, own: str | None, answers: Sequence[FullTextAnswer], link: tuple[str, str | None, str] | None
) -> None:
    add(store, 1, pmcid=own)
    named = save_full_text(store, answers, AT)
    assert named == sum(bool(answer.url or answer.pmcid) for answer in answers)
    assert choose_links(store, "2026-05-01") == int(link is not None)
    found = [
        (url.rstrip("/").split("/")[-1], *rest) for url, *rest in rows(store, "SELECT url, license, source FROM links")
    ]
    assert found == ([link] if link else [])
    assert without_link(store) == (set() if link else {1})


def test_a_doi_leads_to_the_older_record_of_pubmed(store: Store) -> None:
    add(store, 3, 2, doi="10.5555/AbC")
    add(store, 1, doi="10.5555/abc", **PREPRINT)
    add(store, 4)
    assert articles_by_doi(store) == {"10.5555/abc": 2}


@pytest.mark.parametrize(
    ("kind", "suspected", "changes"),
    [
        ("RetractionIn", True, {"retracted": 1, "reinstated": 0, "notice": 0}),
        ("PartialRetractionIn", True, {"retracted": 0, "reinstated": 0, "notice": 1}),
        ("ExpressionOfConcernIn", True, {"retracted": 0, "reinstated": 0, "notice": 1}),
        ("Reinstatement", True, {"retracted": 0, "reinstated": 0, "notice": 0}),
        ("ErratumIn", False, {"retracted": 0, "reinstated": 0, "notice": 1}),
        ("UpdateIn", False, {"retracted": 0, "reinstated": 0, "notice": 1}),
    ],
)
def test_what_is_more_than_a_correction_is_looked_into_and_each_word_is_told_once(
    store: Store, kind: str, suspected: bool, changes: dict[str, int]
) -> None:
    add(store, 1, doi="10.5555/A")
    add(store, 2, doi="10.5555/b")
    save_claims(store, "crossref", [NoticeClaim(1, "crossref", "k", kind)], AT, set())
    assert dois_under_suspicion(store) == (["10.5555/a"] if suspected else [])
    assert place_notices(store, run(store), AT) == changes
    save_claims(store, "retraction watch", [NoticeClaim(1, "retraction watch", "7", kind)], AT, None)
    assert place_notices(store, run(store), AT) == dict.fromkeys(changes, 0)


@pytest.mark.parametrize(("asked", "left"), [(None, set()), (set(), {1, 2}), ({1}, {2})])
def test_what_a_service_says_no_more_goes_where_it_was_asked(
    store: Store, asked: set[int] | None, left: set[int]
) -> None:
    add(store, 1, 2, 3)
    said = [NoticeClaim(pmid, "crossref", "k", "ErratumIn") for pmid in (1, 2)]
    save_claims(store, "crossref", said, AT, set())
    save_claims(store, "retraction watch", [NoticeClaim(3, "retraction watch", "k", "ErratumIn")], AT, set())
    assert save_claims(store, "crossref", [], AT, asked) == 0
    assert {pmid for (pmid,) in rows(store, "SELECT pmid FROM notice_claims")} == left | {3}


def trial(number: int = 1, **values: Any) -> Trial:
    return Trial(f"NCT{number:08d}", "about HO", f"Trial {number}", **values)


@pytest.mark.parametrize(
    ("held", "came", "kept"),
    [
        (("2026-02", "2026-02-02"), ("2026-01", "2026-02-03"), False),
        (("2026-02", "2026-02-02"), ("2026-02", "2026-02-01"), False),
        (("2026-02", "2026-02-02"), ("2026-02", "2026-02-02"), True),
        (("2026-02", "2026-02-02"), ("2026-03", "2026-02-01"), True),
        (("2026-02", "2026-02-02"), (None, None), False),
        ((None, None), ("2026-02", None), True),
    ],
)
def test_an_older_entry_of_a_trial_replaces_no_newer_one(
    store: Store, held: tuple[str | None, str | None], came: tuple[str | None, str | None], kept: bool
) -> None:
    number = run(store)
    save_trials(store, number, [trial(status="ONE", last_update=held[0], data_date=held[1])], AT)
    save_trials(store, number, [trial(status="TWO", last_update=came[0], data_date=came[1])], AT)
    assert rows(store, "SELECT status FROM trials") == [("TWO" if kept else "ONE",)]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("2024-03", "2024-03-15", False), ("2024-03-15", "2024-03", False), ("2024-03", "2024-03", False),
        ("2024-03", "2024-04", True), ("2024-03-15", "2024-03-16", True), (None, "2024", True), ("2024", None, True),
        (None, None, False),
    ],
)  # fmt: skip
def test_an_end_that_is_only_known_more_exactly_has_not_moved(
    store: Store, before: str | None, after: str | None, moved: bool
) -> None:
    save_trials(store, run(store), [trial(completion_date=before)], AT)
    changes = save_trials(store, run(store), [trial(completion_date=after)], AT)
    assert changes == ({"dates": 1} if moved else {})


def test_results_and_returns_are_told_once_and_an_entry_that_is_the_same_is_not_written(store: Store) -> None:
    assert save_trials(store, run(store), [trial(has_results=True, data_date="1"), trial(2)], AT) == {"new": 2}
    assert save_trials(store, run(store), [trial(has_results=True, data_date="2")], "later") == {}
    assert rows(store, "SELECT fetched_at FROM trials WHERE nct_id = 'NCT00000001'") == [(AT,)]
    number = run(store)
    assert [mark_trials_vanished(store, number, ["NCT00000001"], AT) for _ in range(2)] == [1, 0]
    assert save_trials(store, run(store), [trial(2)], AT) == {"returned": 1}
    assert save_trials(store, run(store), [trial(2, has_results=True)], AT) == {"results posted": 1}


def test_a_trial_is_tied_once_a_source_by_the_tie_that_says_most(store: Store) -> None:
    add(store, 1, 2)
    numbers = (
        (1, "nct00000009", "databank"),
        (1, "NCT00000001", "abstract"),
        (2, "NCT00000002", "title"),
        (2, "NCT7", "title"),
    )
    for place, (pmid, number, found_in) in enumerate(numbers):
        store.db.execute(
            "INSERT INTO registry_numbers VALUES (?, ?, 'ClinicalTrials.gov', ?, ?)", [pmid, place, number, found_in]
        )
    kinds = [TrialReference(5, kind) for kind in ("RESULT", "BACKGROUND", "DERIVED")]
    kinds += [TrialReference(6, kind) for kind in ("DERIVED", "BACKGROUND")]
    save_trials(
        store, run(store), [trial(1, aliases=("NCT00000009", "NCT00000002"), references=tuple(kinds)), trial(2)], AT
    )
    for _ in range(2):
        tie_trials(store)
        assert rows(store, "SELECT * FROM trial_articles ORDER BY 1, 2, 3") == [
            ("NCT00000001", 1, "databank", None), ("NCT00000001", 1, "text", None),
            ("NCT00000001", 5, "registry", "RESULT"), ("NCT00000001", 6, "registry", "DERIVED"),
            ("NCT00000002", 2, "text", None),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "kind", "columns", "own"),
    [
        ("registry", "RESULT", {"tagger": None}, True),
        ("registry", "RESULT", {"study_design": "systematic review"}, True),
        ("registry", "DERIVED", {}, True),
        ("registry", "DERIVED", {"study_design": "systematic review"}, False),
        ("registry", "BACKGROUND", {}, False),
        ("databank", None, {}, True),
        ("text", None, {}, True),
        ("text", None, {"tagger": None}, False),
        ("text", None, {"vanished": 1}, False),
        ("text", None, {"study_design": "meta-analysis"}, False),
        ("text", None, {"type": ("D000078325", "Clinical Trial Protocol")}, False),
        ("text", None, {"type": ("D000078325", "Protocol")}, False),
        ("text", None, {"type": ("D0", "Review")}, False),
        ("text", None, {"type": ("D0", "Letter")}, True),
    ],
)
def test_a_trials_own_article_is_told_once_and_what_it_had_at_first_is_no_news(
    store: Store, source: str, kind: str | None, columns: dict[str, Any], own: bool
) -> None:
    columns = {"tagger": "v1", "study_design": "cohort", **columns}
    ui = columns.pop("type", None)
    add(store, 1, **columns)
    if ui:
        store.db.execute("INSERT INTO publication_types (pmid, position, ui, term) VALUES (1, 0, ?, ?)", ui)
    first = run(store)
    save_trials(store, first, [trial(1)], AT)
    for number, told in ((first, 0), (run(store), 0)):
        assert note_reports(store, number, AT) == told
    store.db.execute("INSERT INTO trial_articles VALUES ('NCT00000001', 1, ?, ?)", [source, kind])
    number = run(store)
    assert [note_reports(store, number, AT) for _ in range(2)] == [int(own), 0]
    save_trials(store, number, [trial(2)], AT)
    store.db.execute("INSERT INTO trial_articles VALUES ('NCT00000002', 1, 'registry', 'RESULT')")
    assert note_reports(store, number, AT) == 0
    assert rows(store, "SELECT nct_id, detail FROM trial_changes WHERE change = 'published'") == (
        [("NCT00000001", '{"pmids": [1]}')] * own
    )


def test_a_trial_is_tagged_by_all_its_texts_and_anew_when_its_entry_or_the_tagger_changes(store: Store) -> None:
    add_concepts(store.db.conn)
    fields = ("official_title", "conditions", "keywords", "interventions", "primary_outcomes", "outcomes")

    def in_text(text: str) -> list[str]:
        return [word for word in text.split() if word in ("indomethacin", "nsaids", "celecoxib", "hip", "unknown")]

    for number, name in enumerate(fields, 2):
        value = "Celecoxib celecoxib" if name == "official_title" else ("x", "of celecoxib")
        save_trials(store, run(store), [trial(number, **{name: value})], AT)
    save_trials(store, run(store), [Trial("NCT00000001", "about HO", "indomethacin nsaids unknown")], AT)
    assert tag_trials(store, "v1", in_text) == 7
    found = rows(store, "SELECT nct_id, concept_id, direct FROM trial_tags ORDER BY 1, 2")
    assert found[:2] == [("NCT00000001", "indomethacin", 1), ("NCT00000001", "nsaids", 1)]
    assert found[2:] == [(f"NCT{n:08d}", *tag) for n in range(2, 8) for tag in (("celecoxib", 1), ("nsaids", 0))]
    assert tag_trials(store, "v1", in_text) == 0
    save_trials(store, run(store), [Trial("NCT00000001", "about HO", "hip", last_update="2026")], AT)
    assert tag_trials(store, "v1", in_text) == 1
    tags = rows(store, "SELECT concept_id, kind FROM trial_tags WHERE nct_id = 'NCT00000001'")
    assert tags == [("hip", "site")]
    assert tag_trials(store, "v2", in_text) == 7
