"""Trials as readers ask for them: without publication against a brute-force answer, dates, changes in words."""

import random
from datetime import date

import pytest

from db.enriched import Trial, TrialReference
from db.evidence.digests.build import make_digest
from db.evidence.digests.formats import FORMATS
from db.evidence.services.trial_changes import trial_changes, trial_history
from db.evidence.services.trials import completed_long_ago, phase_words, trial, trials_under_way, unpublished_trials
from db.model import RegistryNumber, Term
from db.store.services.trial_reports import note_reports
from db.store.services.trials import mark_trials_vanished, save_trials, tag_trials, tie_trials
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


def test_why_a_trial_was_stopped_is_told_of_that_status_alone(store: Store) -> None:
    keep(store, made(1, status="RECRUITING"))
    stopped = keep(store, made(1, status="SUSPENDED", why_stopped="No drug.", last_update="2026-01-01"))
    keep(store, made(1, status="WITHDRAWN", why_stopped="No money.", last_update="2026-01-02"))
    (told,) = trial_changes(store.db.conn, "run_id = ?", [stopped])
    assert told.words == "Now suspended: No drug (was recruiting)"


def test_changes_are_told_in_words_from_the_first_state_to_the_last(store: Store) -> None:
    keep(store, made(1, status="RECRUITING"), made(2, status="RECRUITING"))
    first = keep(store, made(1, status="SUSPENDED", last_update="2026-01-01"))
    last = keep(
        store,
        made(1, status="TERMINATED", why_stopped="Slow recruitment.", last_update="2026-01-02"),
        made(2, status="RECRUITING", has_results=True, last_update="2026-01-02"),
    )
    told = [entry.words for entry in trial_changes(store.db.conn, "run_id BETWEEN ? AND ?", [first, last])]
    assert told == ["Now terminated: Slow recruitment (was recruiting)", "Results posted"]
    everything = [entry.words for entry in trial_changes(store.db.conn, "1", [])]
    assert everything == ["Results posted", "New, terminated: Slow recruitment", "New, recruiting"]
    history = [entry.words for entry in trial_history(store.db.conn, "nct_id = 'NCT00000001'", [])]
    assert history == [
        "New, recruiting",
        "Now suspended (was recruiting)",
        "Now terminated: Slow recruitment (was suspended)",
    ]
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


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"completion_date": "2026-03"}, {"completion_date": "2026-03-15"}, []),
        ({"completion_date": "2026-03-15"}, {"completion_date": "2026-03"}, []),
        ({"completion_date": "2026-03"}, {"completion_date": "2027-03"}, ["End moved from 2026-03 to 2027-03"]),
        ({}, {"completion_date": "2027"}, ["End moved from not stated to 2027"]),
        (
            {"completion_date": "2026", "primary_completion_date": "2025-01"},
            {"completion_date": "2027", "primary_completion_date": "2025-02"},
            ["End moved from 2026 to 2027, primary completion moved from 2025-01 to 2025-02"],
        ),
    ],
)
def test_an_end_that_moves_is_told_and_one_that_is_known_better_is_not(
    store: Store, before: dict[str, str], after: dict[str, str], words: list[str]
) -> None:
    first = keep(store, made(1, **before))
    keep(store, made(1, **after))
    assert [entry.words for entry in trial_changes(store.db.conn, "run_id > ?", [first])] == words
    keep(store, made(1, **before))  # what went and came back is no difference
    assert trial_changes(store.db.conn, "run_id > ?", [first]) == []


def test_a_reason_that_is_given_later_is_told_with_the_status(store: Store) -> None:
    first = keep(store, made(1, status="RECRUITING"))
    keep(store, made(1, status="TERMINATED"))
    keep(store, made(1, status="TERMINATED", why_stopped="Slow recruitment"))
    (told,) = trial_changes(store.db.conn, "run_id > ?", [first])
    assert told.words == "Now terminated: Slow recruitment (was recruiting)"


def test_a_trial_that_goes_and_comes_back_is_no_news(store: Store) -> None:
    first = keep(store, made(1), made(2))
    with store.atomic():
        mark_trials_vanished(store, run(store), ["NCT00000002"], AT)
    gone = [entry.words for entry in trial_changes(store.db.conn, "run_id > ?", [first])]
    assert gone == ["No longer listed"]
    keep(store, made(1))
    assert trial_changes(store.db.conn, "run_id > ?", [first]) == []
    back = [entry.words for entry in trial_changes(store.db.conn, "run_id > ?", [first + 1])]
    assert back == ["Listed again"]


def test_a_paper_is_told_once_and_only_where_it_is_the_trials_own(store: Store) -> None:
    number = (RegistryNumber("ClinicalTrials.gov", "NCT00000001", "databank"),)
    save(store, *(article(pmid, registry_numbers=number) for pmid in range(1, 6)))
    with store.atomic():
        store.db.execute("UPDATE articles SET tagger = 'v1', study_design = 'cohort' WHERE pmid IN (1, 3)")
        store.db.execute("UPDATE articles SET tagger = 'v1', study_design = 'systematic review' WHERE pmid = 2")
        store.db.execute("UPDATE articles SET tagger = 'v1', retracted = 1 WHERE pmid = 3")
        store.db.execute("UPDATE articles SET tagger = 'v1', vanished = 1 WHERE pmid = 4")
    references = (TrialReference(77, "RESULT"), TrialReference(78, "BACKGROUND"), TrialReference(79, "DERIVED"))
    first = keep(store, made(1, references=references[1:2]))
    keep(store, made(1, references=references))
    noted = []
    for _ in range(2):
        with store.atomic():
            noted.append(note_reports(store, run(store), AT))
    assert noted == [1, 0]
    (told,) = trial_changes(store.db.conn, "run_id > ?", [first])
    assert told.words == (
        "A paper: PMID 1 (van der Meulen JP Jr, 2020, cohort), it has the trial's number; "
        "RETRACTED PMID 3 (van der Meulen JP Jr, 2020, cohort), it has the trial's number; "
        "PMID 77, named by the sponsor as its result; PMID 79, it has the trial's number"
    )
    assert [paper.pmid for paper in told.papers] == [1, 3, 77, 79, 2, 5]
    assert told.papers[4].line == "PMID 2 (van der Meulen JP Jr, 2020, systematic review), it has the trial's number"
    with store.atomic():  # article 5 is tagged: a case series; article 1 turns out to be a review
        store.db.execute("UPDATE articles SET tagger = 'v1', study_design = 'case series' WHERE pmid = 5")
        store.db.execute("UPDATE articles SET study_design = 'review' WHERE pmid = 1")
        last = run(store)
        note_reports(store, last, AT)
    (told,) = trial_changes(store.db.conn, "run_id = ?", [last])
    assert told.words.startswith("A paper: PMID 5 ")
    (told,) = trial_changes(store.db.conn, "run_id > ?", [first])
    assert "PMID 1 " not in told.words


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((0, 1), ["Paper retracted: RETRACTED PMID 1"]),
        ((0, 1, 0), []),
        ((1, 0), ["Paper reinstated: PMID 1"]),
        ((1, 0, 1), []),
        ((0, 1, 0, 1), ["Paper retracted: RETRACTED PMID 1"]),
        ((1, 1), []),
    ],
)
def test_a_retraction_of_a_trials_own_paper_is_told(store: Store, states: tuple[int, ...], words: list[str]) -> None:
    save(store, article(1), article(2))
    references = (TrialReference(1, "RESULT"), TrialReference(2, "BACKGROUND"))
    for place, retracted in enumerate(states):
        with store.atomic():
            store.db.execute("UPDATE articles SET retracted = ?", [retracted])
            if place:
                note_reports(store, run(store), AT)
        if not place:
            first = keep(store, made(1, references=references))
            with store.atomic():
                note_reports(store, first, AT)
    told = [entry.words.partition(" (")[0] for entry in trial_changes(store.db.conn, "run_id > ?", [first])]
    assert told == words
    (background,) = [paper for paper in trial_history(store.db.conn, "1", [])[0].papers if not paper.own]
    assert background.line.endswith(", background in the trial's entry")


def test_what_one_run_notes_twice_of_papers_stands_together(store: Store) -> None:
    keep(store, made(1))
    with store.atomic():
        number = run(store)
        for pmid in (7, 8):
            save_trials(
                store, number, [made(1, references=(TrialReference(7, "RESULT"), TrialReference(pmid, "RESULT")))], AT
            )
            tie_trials(store)
            note_reports(store, number, AT)
    (told,) = trial_changes(store.db.conn, "run_id = ?", [number])
    assert [paper.pmid for paper in told.papers] == [7, 8]
    assert told.words.count("PMID") == 2


def test_what_a_trial_has_when_it_comes_is_no_news_of_it(store: Store) -> None:
    number = keep(store, made(1, references=(TrialReference(7, "RESULT"),)))
    with store.atomic():
        note_reports(store, number, AT)
        note_reports(store, run(store), AT)
    assert [entry.change for entry in trial_history(store.db.conn, "1", [])] == ["new"]
