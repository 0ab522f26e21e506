"""What the digests of saved searches are made of: trials that concern a search, notices of others, new citations."""

from datetime import date

import pytest

from db.changes import CHANGES
from db.enriched import CitationRecord, NoticeClaim, Trial
from db.evidence.digests.build import make_digest, search_digest
from db.evidence.digests.model import ARRIVALS, DIGEST_HEADINGS
from db.evidence.digests.plain import as_text
from db.evidence.digests.saved import begin_search, read_selection
from db.store.services.citations import join_citations, mark_cited_by_evidence, save_citations
from db.store.services.said_notices import place_notices, save_claims
from db.store.services.trials import save_trials, tag_trials
from db.store.store import Store
from db.store.tags import save_concepts
from tests.support.stores import AT, CONCEPTS, article, run, save


def selection_told(store: Store, address: str) -> set[str]:
    """The trials whose changes a search tells that holds all there is from before."""
    with store.atomic():
        selection = read_selection(store.db.conn, f"search of {address[:20]}", address, date(2026, 3, 2))
        state = begin_search(store.db.conn, selection, AT)
    digest, _ = search_digest(store.db.conn, selection, state)
    return {trial.nct_id[-1] for trial in digest.trials}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/articles", {"1", "2", "3"}),
        ("/articles?intervention=indomethacin", {"1"}),
        ("/articles?intervention=nsaids", {"1", "2"}),
        ("/articles?all_intervention=nsaids&not_intervention=indomethacin", {"2"}),
        ("/articles?finding_of=indomethacin", {"1"}),
        ("/articles?q=indomethacin", {"1"}),
        ("/articles?q=indomethacin+zzzz", set()),
        ("/articles?year=1900", set()),
        ("/articles?pmids=1", {"3"}),
    ],
)
def test_a_search_tells_trials_of_its_articles_and_concepts(store: Store, address: str, told: set[str]) -> None:
    save(store, article(1, title="About NCT00000003"), article(2))
    with store.atomic():
        save_concepts(store, CONCEPTS)
        titles = {"NCT00000001": "indomethacin", "NCT00000002": "nsaids", "NCT00000003": "else"}
        kinds = [Trial(nct_id=number, kind="about HO", title=title) for number, title in titles.items()]
        save_trials(store, run(store), kinds, AT)
        tag_trials(store, "t", lambda text: [text] if text in ("indomethacin", "nsaids") else [])
        store.db.execute("INSERT INTO trial_articles VALUES ('NCT00000003', 1, 'text', NULL)")
    store.db.execute("UPDATE runs SET status = 'done'")
    store.db.conn.commit()
    assert selection_told(store, address) == told


def finish(store: Store) -> None:
    store.db.execute("UPDATE runs SET status = 'done'")
    store.db.conn.commit()


def test_a_notice_of_another_service_is_told_once(store: Store) -> None:
    save(store, article(1), article(2))
    claim = NoticeClaim(1, "crossref", "k", "ExpressionOfConcernIn", "2026-01-02")
    told = []
    for said in ([claim], [claim], [], [claim]):  # the service forgets it for a day
        with store.atomic():
            number = run(store)
            save_claims(store, "crossref", said, AT, None)
            told.append(place_notices(store, number, AT)["notice"])
        finish(store)
    assert told == [1, 0, 0, 0]
    (entry,) = make_digest(store, "1").of("notice")
    assert (entry.pmid, entry.notices) == (1, ("ExpressionOfConcernIn",))
    assert as_text(make_digest(store, "1")).count("EXPRESSION OF CONCERN. ") == 1
    assert "EXPRESSION OF CONCERN. " in as_text(make_digest(store, None))  # told as new, the notice stands
    with store.atomic():
        save_claims(store, "crossref", [], AT, None)
        place_notices(store, run(store), AT)
    finish(store)
    assert make_digest(store, "1").of("notice") == []
    assert "EXPRESSION" not in as_text(make_digest(store, None))


def test_a_new_citation_by_a_trial_or_guideline_is_told_once(store: Store) -> None:
    save(store, *(article(pmid) for pmid in range(1, 6)))
    designs = {2: "guideline", 3: "randomized controlled trial", 4: "cohort", 5: "guideline"}
    with store.atomic():
        for pmid, design in designs.items():
            store.db.execute("UPDATE articles SET study_design = ? WHERE pmid = ?", [design, pmid])
        store.db.execute("UPDATE articles SET retracted = 1 WHERE pmid = 5")
    told = []
    for citing in ((2,), (2, 3, 4, 5), (2,), (2, 3)):  # what stood before is no news; what comes back neither
        with store.atomic():
            record = CitationRecord(1, len(citing), cited_by=citing)
            save_citations(store, [record], AT)
            join_citations(store)
            number = run(store)
            told.append(mark_cited_by_evidence(store, number, AT))
        finish(store)
    assert told == [0, 1, 0, 0]
    (entry,) = make_digest(store, "1").of("cited")
    assert [pmid for pmid, _ in entry.cited_by] == [3]


def test_every_change_with_a_heading_has_its_place_in_a_digest() -> None:
    assert set(DIGEST_HEADINGS) == {name for name, kind in CHANGES.items() if kind.heading} | {"matches"}
    assert next(iter(DIGEST_HEADINGS)) == "retracted"
    assert set(ARRIVALS) <= set(DIGEST_HEADINGS)
