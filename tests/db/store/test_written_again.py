"""What is written again takes every column anew: the rows are those of the last writing alone, but for what is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from db.enriched import CitationRecord, FullTextAnswer, NoticeClaim, Preprint, Trial, TrialReference
from db.model import Notice
from db.store.ledger.search_trials import ToldTrial, put_told_trials
from db.store.ledger.searches import SearchState, put_problem, put_state, put_told
from db.store.people.readings import Reading, keep_reading
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.records.save import save_articles
from db.store.services.citations import save_candidates, save_citations
from db.store.services.enrichment import ServiceState
from db.store.services.full_text import save_full_text
from db.store.services.preprints import save_preprints
from db.store.services.said_notices import save_claims
from db.store.services.trials import save_trials
from db.store.store import Store
from db.store.tags import save_concepts
from db.tagged import Concept
from tests.support.made_up import add_article, add_run
from tests.support.stores import CONCEPTS, article, memory_store, mention

FIRST_AT, THEN_AT = "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"
NUMBER = 800_000_007
NO_READING = Reading((), (), ())

CONCEPT = Concept("b", "outcome", "pain", "ho", "D01", ("ache",), "one", "less is better")
OTHER_CONCEPT = Concept("b", "site", "hip", "nsaids", "D02", ("coxa",), "two", "more is better")
CITATIONS = CitationRecord(1, 1, 2.0, 3.0, 4.0, 5, True, as_of="2026-01-01")
OTHER_CITATIONS = CitationRecord(1, 6, 7.0, 8.0, 9.0, 10, False, as_of="2026-02-02")
OUTSIDE = CitationRecord(99, title="Bone", journal="J. Bone", year=2001)
ANSWER = FullTextAnswer(1, "unpaywall", "https://a.example.org", "cc by", "PMC1", "2026-01-01")
OTHER_ANSWER = FullTextAnswer(1, "unpaywall", "https://b.example.org", "cc0", "PMC2", "2026-02-02")
CLAIM = NoticeClaim(1, "crossref", "k", "ErratumIn", "2026-01-01", "here", 5, "typing")
OTHER_CLAIM = NoticeClaim(1, "crossref", "k", "RetractionIn", "2026-02-02", "there", 6, "data")
PREPRINT = Preprint(article(NUMBER, doi="10.5555/a", xml=b"<a/>"), "PPR7", "bioRxiv", 7)
OTHER_PREPRINT = Preprint(article(NUMBER, doi="10.5555/b", xml=b"<b/>", version=2), "PPR7", "medRxiv", 8)


def trial(word: str, day: str, number: int) -> Trial:
    """A trial with something of its own in every field."""
    values: dict[str, Any] = {name: word for name in Trial.__slots__ if Trial.__annotations__[name] == "str | None"}
    lists = {name: (word,) for name in Trial.__slots__ if Trial.__annotations__[name] == "tuple[str, ...]"}
    dates = {name: day for name in values if name.endswith("_date") or name.endswith("_posted")}
    return Trial(
        "NCT00000001",
        "about HO" if number == 1 else "measures HO",
        word,
        **{**values, **lists, **dates, "last_update": day},
        enrollment=number,
        has_results=number == 2,
        references=(TrialReference(number, "RESULT"),),
    )


def concepts(store: Store, *more: Concept) -> None:
    save_concepts(store, [*more, *CONCEPTS])


Write = Callable[[Store, str], Any]
WRITINGS: dict[str, tuple[Write, Write, tuple[str, ...]]] = {
    "concepts": (
        lambda store, _at: concepts(store, CONCEPT),
        lambda store, _at: save_concepts(store, [*CONCEPTS, OTHER_CONCEPT]),
        ("concepts",),
    ),
    "citations": (
        lambda store, at: save_citations(store, [replace(CITATIONS, references=(2, 3), cited_by=(4,))], at),
        lambda store, at: save_citations(store, [replace(OTHER_CITATIONS, references=(3,), cited_by=(5,))], at),
        ("citations", "citation_pairs"),
    ),
    "candidates": (
        lambda store, at: save_candidates(store, [99], [OUTSIDE], lambda _title: "bone", at),
        lambda store, at: save_candidates(
            store, [99], [replace(OUTSIDE, title="X", journal="J. X", year=2)], lambda _title: "", at
        ),
        ("recall_candidates",),
    ),
    "full text": (
        lambda store, at: save_full_text(store, [ANSWER], at),
        lambda store, at: save_full_text(store, [OTHER_ANSWER], at),
        ("full_text_answers",),
    ),
    "trials": (
        lambda store, at: save_trials(store, 1, [trial("one", "2026-01", 1)], at),
        lambda store, at: save_trials(store, 1, [trial("two", "2026-02", 2)], at),
        ("trials", "trial_references"),
    ),
    "preprints": (
        lambda store, at: save_preprints(store, 1, [PREPRINT], at),
        lambda store, at: save_preprints(store, 1, [OTHER_PREPRINT], at),
        ("preprints",),
    ),
    "service": (
        lambda store, _at: ServiceState(store, "icite").put("since", "one"),
        lambda store, _at: ServiceState(store, "icite").put("since", "two"),
        ("service_state",),
    ),
    "asked": (
        lambda store, at: ServiceState(store, "icite").mark_asked({1: True, 2: False}, at),
        lambda store, at: ServiceState(store, "icite").mark_asked({1: False, 2: True}, at),
        ("service_asked",),
    ),
    "told articles": (
        lambda store, _at: put_told(store.db.conn, "a", {1: True, 2: False}),
        lambda store, _at: put_told(store.db.conn, "a", {1: False, 2: True}),
        ("search_articles",),
    ),
    "told trials": (
        lambda store, _at: put_told_trials(store.db.conn, "a", {"NCT00000002": ToldTrial(1, True)}),
        lambda store, _at: put_told_trials(store.db.conn, "a", {"NCT00000002": ToldTrial(2, False)}),
        ("search_trials",),
    ),
    "problem": (
        lambda store, _at: put_problem(store.db.conn, "a", "one"),
        lambda store, _at: put_problem(store.db.conn, "a", "two"),
        ("search_problems",),
    ),
    "reading": (
        lambda store, _at: keep_reading(store.db.conn, 1, "one", NO_READING),
        lambda store, _at: keep_reading(
            store.db.conn, 1, "two", replace(NO_READING, mentions=(mention(0, 3, "Art", "ho", "outcome"),))
        ),
        ("readings",),
    ),
}


def world() -> Store:
    store = memory_store()
    add_run(store.db.conn, 1)
    for pmid in (1, 2):
        add_article(store.db.conn, pmid)
    save_trials(store, 1, [Trial("NCT00000002", "about HO", "Told")], FIRST_AT)
    return store


def test_nothing_of_an_earlier_writing_is_left() -> None:
    told = []
    for times in ((FIRST_AT, THEN_AT), (THEN_AT,)):
        store = world()
        for at in times:
            for first, then, _ in WRITINGS.values():
                (first if at == FIRST_AT else then)(store, at)
        names = [name for _, _, tables in WRITINGS.values() for name in tables]
        told.append({name: store.db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names})
        store.db.close()
    for name, rows in told[1].items():
        assert rows
        assert told[0][name] == rows, name


def test_a_claim_keeps_when_it_was_first_seen_and_a_search_when_it_began() -> None:
    store = world()
    for claim, at in ((CLAIM, FIRST_AT), (OTHER_CLAIM, THEN_AT)):
        assert save_claims(store, "crossref", [claim], at, set()) == (claim is CLAIM)
    seen = store.db.execute("SELECT kind, date, source, ref_pmid, reasons, first_seen FROM notice_claims").fetchall()
    assert seen == [("RetractionIn", "2026-02-02", "there", 6, "data", FIRST_AT)]
    for state in (SearchState("a", "?q=x", 1, FIRST_AT), SearchState("a", "?q=y", 2, THEN_AT)):
        put_state(store.db.conn, state)
    assert store.db.execute("SELECT * FROM search_states").fetchall() == [("a", "?q=y", 1, FIRST_AT)]
    store.db.close()


def test_a_notice_keeps_the_day_on_which_it_came_through_every_later_record() -> None:
    store = memory_store()
    first, second = Notice("ErratumIn", 5, "here"), Notice("CommentIn", 6, "there")
    for at, notices in ((FIRST_AT, (first,)), (THEN_AT, (second, first)), ("2026-03-03T00:00:00Z", (first, second))):
        add_run(store.db.conn, int(at[6]))
        made = article(1, notices=notices, xml=f"<a>{at}</a>".encode())
        with store.atomic():
            save_articles(store, int(at[6]), [made], at)
    seen = "SELECT kind, first_seen FROM notices ORDER BY kind"
    assert store.db.execute(seen).fetchall() == [("CommentIn", THEN_AT), ("ErratumIn", FIRST_AT)]
    store.db.execute("UPDATE notices SET first_seen = NULL")  # as an older version left it
    with store.atomic():
        save_articles(store, 3, [article(1, notices=(first,), xml=b"<a/>")], THEN_AT)
    assert store.db.execute(seen).fetchall() == [("ErratumIn", THEN_AT)]
    store.db.close()


def test_what_comes_retracted_is_new_as_that_and_a_change_without_more_to_say_has_no_detail() -> None:
    store = memory_store()
    add_run(store.db.conn, 1)
    with store.atomic():
        told = save_articles(store, 1, [article(1, title="Retracted: bone"), article(2)], FIRST_AT)
    assert [(change.change, change.detail) for change in told] == [("new", {"retracted": True}), ("new", {})]
    details = store.db.execute("SELECT detail FROM changes ORDER BY pmid").fetchall()
    assert details == [('{"retracted": true}',), (None,)]
    store.db.close()


def test_what_goes_again_in_one_run_after_it_came_back_has_gone() -> None:
    store = memory_store()
    add_article(store.db.conn, 1)
    add_run(store.db.conn, 1, [1])
    for changes in (["vanished"], ["returned", "vanished"]):
        record_changes(store, 1, [Change(1, change) for change in changes], FIRST_AT)
    assert store.db.execute("SELECT change FROM changes").fetchall() == [("new",), ("vanished",)]
    store.db.close()
