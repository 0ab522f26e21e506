"""Saved searches of trials: what each tells, once, in every format; what leaves and comes back; edits; wrong words."""

import email
import json
import re
from dataclasses import replace
from email.policy import default
from pathlib import Path

import pytest

from db.enriched import TrialReference
from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links
from db.store.ledger.ledger import Ledger
from db.store.store import open_store
from harvest.app.searches.file import find_search
from harvest.app.searches.tell import look_at_search
from harvest.app.steps.digest import digest_step
from tests.support.mail_server import mail_server
from tests.support.tracker import NOW, Tracker

SEARCH = '[[search]]\nname = "trials"\naddress = "{}"\nwhen = "daily"\n'
DRUG = ("Drug: celecoxib",)


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """A tracker that knows two trials already, one of celecoxib."""
    made = Tracker(tmp_path)
    made.trial(1, status="RECRUITING", interventions=DRUG, phase="PHASE2", enrollment=40, enrollment_type="ESTIMATED")
    made.trial(2, status="RECRUITING", interventions=("Drug: naproxen",))
    digest_step(made.settings, NOW)
    made.file(SEARCH.format("/trials?intervention=celecoxib"))
    return made


def told(tracker: Tracker, days: int = 1) -> list[str]:
    """What a night tells, a line a heading or a trial's change."""
    before = len(tracker.files())
    tracker.night(days)
    files = tracker.files()[before:]
    assert len(files) <= 1
    text = files[0].partition("\n\n")[2].partition("\n-- \n")[0] if files else ""
    return [line for line in text.splitlines() if re.fullmatch(r"[A-Z].* \(\d+\)|  NCT.*", line)]


#: The part of a mail that tells of trials.
TOLD = """
Trials whose status changed (1)
  NCT00000001  Now terminated: Slow recruitment (was recruiting): Trial 1.
      A paper: PMID 7 (van der Meulen JP Jr, 2020, cohort), named by the sponsor as its result
      End moved from not stated to 2026-02
      phase 2 · n 12 · Drug: celecoxib
      PMID 7 (van der Meulen JP Jr, 2020, cohort), named by the sponsor as its result https://ho.example.org/x/articles/7
      https://clinicaltrials.gov/study/NCT00000001

Trials with results posted in the registry (1)
  NCT00000003  Results posted: Trial 3.
      phase not stated · n not stated
      https://clinicaltrials.gov/study/NCT00000003

Trials with a new paper (1)
  NCT00000004  A paper: PMID 99, named by the sponsor as its result: Trial 4.
      phase not stated · n not stated
      PMID 99, named by the sponsor as its result https://pubmed.ncbi.nlm.nih.gov/99/
      https://clinicaltrials.gov/study/NCT00000004

New trials (1)
  NCT00000006  New, not yet recruiting: Trial 6. (only measures HO)
      phase not stated · n not stated
      https://clinicaltrials.gov/study/NCT00000006

Trials that end sooner or later than said before (1)
  NCT00000005  End moved from 2026-01 to 2027-06: Trial 5.
      phase not stated · n not stated
      https://clinicaltrials.gov/study/NCT00000005
"""


def test_a_mail_tells_new_statuses_first_then_results_papers_new_trials_and_ends(tracker: Tracker) -> None:
    tracker.settings = replace(tracker.settings, site_url="https://ho.example.org/x")
    with mail_server() as world:
        tracker.settings = replace(tracker.settings, smtp_url=world.url)
        tracker.file(SEARCH.format("/trials") + 'who = ["ada@example.org"]')
        for number in (3, 4, 5):
            tracker.trial(number, status="RECRUITING", completion_date="2026-01")
        tracker.night()
        world.taken.clear()
        tracker.save(7)
        tracker.tag(7, "celecoxib")
        why = "Slow recruitment."
        tracker.trial(1, status="TERMINATED", why_stopped=why, interventions=DRUG, phase="PHASE2", enrollment=12,
                      completion_date="2026-02", references=(TrialReference(7, "RESULT"),))  # fmt: skip
        tracker.trial(3, status="RECRUITING", completion_date="2026-01", has_results=True)
        tracker.trial(4, status="RECRUITING", completion_date="2026-01", references=(TrialReference(99, "RESULT"),))
        tracker.trial(5, status="RECRUITING", completion_date="2027-06")
        tracker.trial(6, status="NOT_YET_RECRUITING", kind="measures HO")
        search = find_search(tracker.settings.searches, "trials")
        with open_store(tracker.settings.db) as store:
            digest, letter = look_at_search(store, search, tracker.settings, tracker.now)
        tracker.night()
        tracker.night()
    (mail,) = world.taken
    said = email.message_from_bytes(mail.content, policy=default)
    assert str(said["Subject"]).startswith("HO tracker, trials: 1 with another status, 1 with results posted, 1 with")
    assert said["Message-ID"] == letter.message_id
    text = FORMATS["text"](digest, Links("https://ho.example.org/x"))
    assert text.partition("\n")[2].partition("\n")[2] == TOLD
    plain = said.get_body(("plain",))
    assert plain is not None
    assert TOLD in plain.get_content().replace("\r\n", "\n")
    assert "trials (all trials)" in text
    for name, write in FORMATS.items():
        body = write(digest, Links("https://ho.example.org/x"))
        places = [body.index(f"Trial {number}") for number in (1, 3, 4)]
        assert places == sorted(places), name
        assert "Slow recruitment" in body, name
        assert "https://clinicaltrials.gov/study/NCT00000001" in body, name
        assert "https://ho.example.org/x/articles/7" in body, name
    (new,) = [trial for trial in json.loads(FORMATS["json"](digest))["trials"] if trial["change"] == "new"]
    assert new == {
        "nct_id": "NCT00000006", "title": "Trial 6", "kind": "measures HO", "change": "new",
        "at": "2026-03-01T00:00:00Z", "words": "New, not yet recruiting", "status": "NOT_YET_RECRUITING",
        "phase": None, "enrollment": None, "enrollment_type": None, "interventions": None, "papers": [],
        "url": "https://clinicaltrials.gov/study/NCT00000006", "page": None,
    }  # fmt: skip


def test_only_what_comes_after_the_last_digest_of_all_is_told_of_a_new_search(tracker: Tracker) -> None:
    tracker.trial(1, status="COMPLETED", interventions=DRUG)
    tracker.trial(3, status="RECRUITING", interventions=DRUG)
    tracker.trial(4, status="RECRUITING")
    assert told(tracker) == [
        "Trials whose status changed (1)",
        "  NCT00000001  Now completed (was recruiting): Trial 1.",
        "New trials (1)",
        "  NCT00000003  New, recruiting: Trial 3.",
    ]
    assert told(tracker) == []


def test_a_change_that_takes_a_trial_out_of_the_search_is_told_and_nothing_after_it(tracker: Tracker) -> None:
    tracker.file(SEARCH.format("/trials?status=RECRUITING"))
    assert told(tracker) == []
    tracker.trial(1, status="SUSPENDED", interventions=DRUG)
    assert told(tracker)[1:] == ["  NCT00000001  Now suspended (was recruiting): Trial 1."]
    tracker.trial(1, status="SUSPENDED", interventions=DRUG, completion_date="2030")
    assert told(tracker) == []
    tracker.trial(1, status="RECRUITING", interventions=DRUG, completion_date="2030")
    assert told(tracker) == [
        "Trials whose status changed (1)",
        "  NCT00000001  Now recruiting (was suspended): Trial 1.",
    ]


def test_a_trial_that_comes_into_a_search_is_told_once_with_what_brought_it(tracker: Tracker) -> None:
    tracker.file(SEARCH.format("/trials?status=COMPLETED&status=TERMINATED"))
    assert told(tracker) == []
    tracker.trial(2, status="COMPLETED", interventions=("Drug: naproxen",))
    assert told(tracker) == [
        "Trials whose status changed (1)",
        "  NCT00000002  Now completed (was recruiting): Trial 2.",
    ]
    assert told(tracker) == []


def test_a_trial_that_is_tagged_into_a_search_comes_into_it(tracker: Tracker) -> None:
    assert told(tracker) == []
    with open_store(tracker.settings.db) as store, store.atomic():
        store.db.execute("INSERT INTO trial_tags VALUES ('NCT00000002', 'celecoxib', 'intervention', 1)")
    assert told(tracker) == [
        "Trials that came into this search (1)",
        "  NCT00000002  Came into this search, recruiting: Trial 2.",
    ]
    assert told(tracker) == []


def test_what_a_run_at_work_changes_waits_for_its_end(tracker: Tracker) -> None:
    assert told(tracker) == []
    with open_store(tracker.settings.db) as store:
        working = Ledger(store).begin("harvest", "test")
    tracker_run = "UPDATE runs SET status = 'running', finished_at = NULL WHERE id = ?"
    tracker.trial(1, status="COMPLETED", interventions=DRUG)
    tracker.trial(3, status="RECRUITING", interventions=DRUG)
    with open_store(tracker.settings.db) as store, store.atomic():
        store.db.execute(tracker_run, [working])
    assert told(tracker) == []
    tracker.trial(4, status="RECRUITING")  # the next run closes what was left open
    assert [line for line in told(tracker) if line.startswith("  ")] == [
        "  NCT00000001  Now completed (was recruiting): Trial 1.",
        "  NCT00000003  New, recruiting: Trial 3.",
    ]


def test_an_edited_search_tells_what_waited_and_nothing_from_before(tracker: Tracker) -> None:
    assert told(tracker) == []
    tracker.file(SEARCH.format("/trials?intervention=celecoxib").replace("daily", "monthly 31"))
    tracker.trial(1, status="COMPLETED", interventions=DRUG)
    tracker.trial(2, status="COMPLETED", interventions=("Drug: naproxen",))
    tracker.trial(3, status="COMPLETED", interventions=DRUG)
    assert told(tracker) == []
    tracker.file(SEARCH.format("/trials?status=COMPLETED"))
    assert told(tracker) == [
        "Trials whose status changed (2)",
        "  NCT00000001  Now completed (was recruiting): Trial 1.",
        "  NCT00000002  Now completed (was recruiting): Trial 2.",
        "New trials (1)",
        "  NCT00000003  New, completed: Trial 3.",
    ]
    tracker.file(SEARCH.format("/trials?intervention=naproxen"))
    tracker.trial(1, status="UNKNOWN", interventions=DRUG)
    assert told(tracker) == []  # it is no longer in the search
    tracker.file(SEARCH.format("/trials?intervention=celecoxib"))
    assert told(tracker) == []  # and what happened meanwhile is from before the edit
    tracker.trial(1, status="WITHDRAWN", interventions=DRUG)
    assert told(tracker)[1:] == ["  NCT00000001  Now withdrawn (was status unknown): Trial 1."]


def test_what_came_by_its_tags_still_waits_after_an_edit(tracker: Tracker) -> None:
    assert told(tracker) == []
    with open_store(tracker.settings.db) as store, store.atomic():
        store.db.execute("INSERT INTO trial_tags VALUES ('NCT00000002', 'celecoxib', 'intervention', 1)")
    tracker.file(SEARCH.format("/trials?intervention=celecoxib&status=RECRUITING"))
    assert told(tracker)[1:] == ["  NCT00000002  Came into this search, recruiting: Trial 2."]


def test_a_retracted_paper_of_a_trial_leads_and_is_told_once(tracker: Tracker) -> None:
    paper = (TrialReference(7, "RESULT"),)
    tracker.save(7)
    tracker.tag(7, "celecoxib")
    tracker.trial(1, status="RECRUITING", interventions=DRUG, references=paper)
    tracker.trial(2, status="RECRUITING", interventions=DRUG)
    assert len(told(tracker)) == 2
    tracker.save(7, 2, "RetractionIn")
    tracker.tag(7, "celecoxib")
    tracker.trial(2, status="COMPLETED", interventions=DRUG)
    headings = [line for line in told(tracker) if not line.startswith(" ")]
    assert headings == ["Trials whose paper has been retracted (1)", "Trials whose status changed (1)"]
    assert told(tracker) == []


def test_a_search_may_turn_from_articles_to_trials_and_back(tracker: Tracker) -> None:
    tracker.file(SEARCH.format("/articles"))
    assert told(tracker) == []
    tracker.file(SEARCH.format("/trials"))
    assert told(tracker) == []
    tracker.trial(1, status="COMPLETED", interventions=DRUG)
    assert len(told(tracker)) == 2
    tracker.file(SEARCH.format("/articles?intervention=celecoxib"))
    tracker.save(5)
    tracker.tag(5, "celecoxib")
    assert told(tracker)[0] == "New (1)"


def test_time_that_passes_brings_a_trial_into_a_search(tracker: Tracker) -> None:
    tracker.trial(3, status="COMPLETED", completion_date="2024-03-10")
    digest_step(tracker.settings, NOW)
    tracker.file(SEARCH.format("/trials?unpublished=yes"))
    assert told(tracker) == []
    assert told(tracker, 7) == []
    assert told(tracker, 9)[1:] == ["  NCT00000003  Came into this search, completed: Trial 3."]
    assert told(tracker, -9) == []  # a clock that was set back
    assert told(tracker, 9) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/trials?status=RECRUITNG", "there is no status of trials “RECRUITNG”; did you mean RECRUITING"),
        ("/trials?phase=5", "there is no phase of trials “5”"),
        ("/trials?kind=other", "there is no kind of trials “other”"),
        ("/trials?started=soon", "there is no year of start of trials “soon”"),
        ("/trials?intervention=celecoxibb", "there is no intervention “celecoxibb”; did you mean celecoxib"),
    ],
)
def test_a_value_that_there_is_not_is_said_in_a_line(tracker: Tracker, address: str, said: str) -> None:
    tracker.file(SEARCH.format(address))
    tracker.night()
    assert f"trials: {said}" in tracker.reasons()


@pytest.mark.parametrize(
    ("address", "saved"),
    [
        ("/trials?status=recruiting&phase=phase+2", "/trials?phase=PHASE2&status=RECRUITING"),
        ("/trials?intervention=Celecoxib&country=Norway", "/trials?country=Norway&intervention=celecoxib"),
        ("/trials?kind=About+ho&started=2027", "/trials?kind=about+HO&started=2027"),
    ],
)
def test_values_may_be_written_as_people_do(tracker: Tracker, address: str, saved: str) -> None:
    tracker.file(SEARCH.format(address))
    tracker.night()
    with open_store(tracker.settings.db) as store:
        assert store.db.execute("SELECT address FROM searches").fetchone() == (saved,)
