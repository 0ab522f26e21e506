"""Trials as readers ask for them: without publication against a brute-force answer, dates, changes in words."""

import random
from datetime import date

import pytest

from db.enriched import Trial, TrialReference
from db.evidence.digests.build import make_digest
from db.evidence.digests.formats import FORMATS
from db.evidence.services.trial_changes import trial_changes
from db.evidence.services.trials import completed_long_ago, phase_words, trial, trials_under_way, unpublished_trials
from db.model import RegistryNumber, Term
from db.store.services.trials import save_trials, tag_trials, tie_trials
from db.store.store import Store
from db.store.tags import save_concepts
from tests.support.stores import AT, CONCEPTS, article, run, save

TODAY = date(2026, 3, 2)


def keep(store: Store, *trials: Trial) -> int:
    with store.atomic():
        number = run(store)
        save_trials(store, number, trials, AT)
        tie_trials(store)
    return number


def made(number: int, **values: object) -> Trial:
    return Trial(f"NCT{number:08d}", "about HO", f"Trial {number}", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("completed", "long_ago"),
    [
        ("2024-03-01", True), ("2024-03-02", False), ("2024-02", True), ("2024-03", False), ("2023", True),
        ("2024", False), (None, False), ("2024-02-29", True),
    ],
)  # fmt: skip
def test_a_date_known_in_part_counts_as_its_last_day(completed: str | None, long_ago: bool) -> None:
    assert completed_long_ago(completed, TODAY) == long_ago


def test_without_publication_equals_a_brute_force_answer(store: Store) -> None:
    chance = random.Random(3)
    trials, silent = [], set()
    articles: dict[int, list[RegistryNumber]] = {pmid: [] for pmid in range(1, 25)}
    kinds = {pmid: chance.choice(["study", "review", "protocol"]) for pmid in articles}
    for number in range(1, 80):
        status = chance.choice(["COMPLETED", "COMPLETED", "RECRUITING", "TERMINATED"])
        completed = chance.choice(["2020-01-31", "2023", "2024-06", "2026-01", None])
        references = tuple(
            TrialReference(chance.choice([3, 999]), chance.choice(["RESULT", "DERIVED", "BACKGROUND"]))
            for _ in range(chance.choice([0, 0, 1]))
        )
        has_results = chance.random() < 0.2
        values = {"status": status, "completion_date": completed, "references": references, "has_results": has_results}
        trials.append(made(number, **values))
        published = any(reference.kind != "BACKGROUND" for reference in references)
        if chance.random() < 0.4:
            pmid = chance.choice(sorted(articles))
            found_in = chance.choice(["databank", "abstract"])
            articles[pmid].append(RegistryNumber("ClinicalTrials.gov", f"NCT{number:08d}", found_in))
            published = published or kinds[pmid] == "study"
        if status == "COMPLETED" and completed in ("2020-01-31", "2023") and not has_results and not published:
            silent.add(f"NCT{number:08d}")
    types = {"study": Term("D016428", "Journal Article"), "review": Term("D016454", "Review"),
             "protocol": Term("D000078325", "Clinical Trial Protocol")}  # fmt: skip
    save(store, *(article(p, registry_numbers=tuple(n), publication_types=(types[kinds[p]],))
                  for p, n in articles.items()))  # fmt: skip
    keep(store, *trials)
    assert silent
    assert {row.nct_id for row in unpublished_trials(store.db.conn, TODAY)} == silent


def test_trials_under_way_count_for_broader_concepts(store: Store) -> None:
    with store.atomic():
        save_concepts(store, CONCEPTS)
    keep(
        store,
        made(1, status="RECRUITING", interventions=("Drug: Indomethacin",)),
        made(2, status="COMPLETED", interventions=("Drug: Indomethacin",)),
    )
    with store.atomic():
        tagged = tag_trials(store, "v1", lambda text: ["indomethacin"] if "Indomethacin" in text else ["unknown"])
    assert tagged == 2
    for concept in ("indomethacin", "nsaids"):
        assert [row.nct_id for row in trials_under_way(store.db.conn, concept)] == ["NCT00000001"]
    with store.atomic():
        assert tag_trials(store, "v1", lambda text: []) == 0
        assert tag_trials(store, "v2", lambda text: []) == 2
    assert trials_under_way(store.db.conn, "nsaids") == []


def test_a_trial_is_found_by_its_number_and_by_an_alias(store: Store) -> None:
    keep(store, made(1, aliases=("NCT00000009", "NCT00000008")), made(2))
    for number in ("NCT00000001", "nct00000008"):
        found = trial(store.db.conn, number)
        assert found is not None
        assert found.nct_id == "NCT00000001"
    assert trial(store.db.conn, "NCT0000000") is None


def test_changes_are_told_in_words_from_the_first_state_to_the_last(store: Store) -> None:
    keep(store, made(1, status="RECRUITING"), made(2, status="RECRUITING"))
    first = keep(store, made(1, status="SUSPENDED", last_update="2026-01-01"))
    last = keep(
        store,
        made(1, status="TERMINATED", why_stopped="Slow recruitment.", last_update="2026-01-02"),
        made(2, status="RECRUITING", has_results=True, last_update="2026-01-02"),
    )
    told = [entry.words for entry in trial_changes(store.db.conn, "run_id BETWEEN ? AND ?", [first, last])]
    assert told == ["Results posted", "Now terminated: Slow recruitment (was recruiting)"]
    everything = [entry.words for entry in trial_changes(store.db.conn, "1", [])]
    assert everything == ["Results posted", "New, recruiting", "New, recruiting"]
    digest = make_digest(store, str(first))
    for name, write in FORMATS.items():
        assert "NCT00000001" in write(digest), name
    assert "2 changes of trials" in FORMATS["text"](digest)


@pytest.mark.parametrize(
    ("phase", "words"),
    [(None, "phase not stated"), ("NA", "no phase"), ("PHASE2/PHASE3", "phase 2/3"), ("EARLY_PHASE1", "early phase 1")],
)
def test_phases_in_words(phase: str | None, words: str) -> None:
    assert phase_words(phase) == words
