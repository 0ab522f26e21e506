"""Pages of saved searches of trials: the same digest as the mail, the lines that save a list, wrong values in words."""

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from db.enriched import TrialReference
from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links
from db.publish.publish import publish
from db.store.store import open_store
from harvest.app.searches.file import find_search, read_searches
from harvest.app.searches.tell import look_at_search
from tests.support.sites import asking
from tests.support.tracker import NOW, SEARCH, Tracker

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = 'Slow <img src=x onerror=alert(1)> "&"'
DRUG = ("Drug: celecoxib",)


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Tracker:
    """A tracker with a told digest of trials, and a later one that waits in the published file."""
    made = Tracker(tmp_path_factory.mktemp("searches"), site_url="http://localhost")
    made.save(7)
    made.tag(7, "celecoxib")
    made.trial(1, status="RECRUITING", interventions=DRUG)
    made.night()
    made.file(SEARCH.replace("/articles", "/trials"))
    made.night()
    made.trial(1, status="TERMINATED", why_stopped=HOSTILE, interventions=DRUG)
    made.night()
    paper = (TrialReference(7, "RESULT"), TrialReference(99, "RESULT"))
    made.trial(1, status="TERMINATED", why_stopped=HOSTILE, has_results=True, interventions=DRUG, references=paper)
    made.trial(2, status="COMPLETED", interventions=DRUG, phase="PHASE3", enrollment=1200)
    publish(made.settings.db, made.settings.site)
    return made


@pytest.fixture(scope="module")
def ask(tracker: Tracker) -> Iterator[Any]:
    """Asks the site over the published file."""
    yield from asking(tracker.settings.site)


def test_the_page_is_the_digest_that_the_mail_will_be(tracker: Tracker, ask: Any) -> None:
    search = find_search(tracker.settings.searches, "cox")
    with open_store(tracker.settings.db) as store:
        digest, _ = look_at_search(store, search, tracker.settings, NOW)
    for form in FORMATS.values():
        assert ask(f"/searches/cox/digest.{form.ending}").text == form(digest, Links("http://localhost"))
    page = ask("/searches/cox").text
    assert page.index("Trials with results posted in the registry (1)") < page.index("New trials (1)")
    assert "2 trials" in page
    for wanted in (
        "phase 3 · n 1,200 · Drug: celecoxib", 'href="/trials/NCT00000002"', 'href="/articles/7"',
        "https://clinicaltrials.gov/study/NCT00000001", "https://pubmed.ncbi.nlm.nih.gov/99/", "A paper: PMID 7",
    ):  # fmt: skip
        assert wanted in page


def test_earlier_digests_say_what_was_told_and_count_trials(ask: Any) -> None:
    page = ask("/searches/cox").text
    newest, _ = (part.partition('"')[0] for part in page.split("/digests/")[1:])
    assert "1 trial</li>" in page.partition("Earlier digests")[2]
    told = ask(f"/searches/cox/digests/{newest}").text
    assert "Trials whose status changed (1)" in told
    assert "Trials are shown as they stand today" in told
    assert "(was recruiting)" in told
    assert "<img src=x" not in told
    feed = ElementTree.fromstring(ask("/searches/cox/feed.atom").content)  # noqa: S314 - our own answer
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in feed.findall(f"{ATOM}entry")]
    assert [title[:19] for title in titles] == ["NCT00000002: New, c", "NCT00000001: Result", "NCT00000001: A pape",
                                                "NCT00000001: Now te"]  # fmt: skip
    ids = {entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")}
    assert len(ids) == 4


def test_the_list_of_searches_counts_trials(ask: Any) -> None:
    (search,) = ask("/searches.json").json()["searches"]
    assert (search["trials"], search["words"]) == (2, "trials; intervention: celecoxib")
    assert ask(search["list"].removeprefix("http://localhost")).status_code == 200
    assert "2 trials" in ask("/searches").text
    told = json.loads(ask("/searches/cox/digest.json").text)["trials"]
    assert [(trial["nct_id"], trial["change"]) for trial in told] == [
        ("NCT00000002", "new"), ("NCT00000001", "results posted"), ("NCT00000001", "published"),
    ]  # fmt: skip
    assert [paper["url"] for paper in told[2]["papers"]] == [
        "http://localhost/articles/7", "https://pubmed.ncbi.nlm.nih.gov/99/",
    ]  # fmt: skip


@pytest.mark.parametrize("query", ["", "?status=RECRUITING&intervention=celecoxib", "?unpublished=yes&country=%22a%5C"])
def test_a_list_of_trials_shows_the_lines_that_save_it(ask: Any, query: str, tmp_path: Path) -> None:
    page = ask(f"/trials{query}").text.partition("<main")[2]
    file = tmp_path / "searches.toml"
    file.write_text(html.unescape(page.partition("<pre")[2].partition(">")[2].partition("</pre>")[0]), "utf-8")
    read = read_searches(file)
    assert read.bad == ()
    (search,) = read.searches
    assert search.address.startswith("/trials")
    assert ask(search.address).text.partition("<main")[2] == page


@pytest.mark.parametrize("tail", ["", ".json", ".atom"])
@pytest.mark.parametrize("query", ["status=soon", "phase=9", "intervention=nothing", "unpublished=perhaps", "q=hip"])
def test_a_filter_that_cannot_be_is_said(ask: Any, tail: str, query: str) -> None:
    answer = ask(f"/trials{tail}?{query}")
    assert answer.status_code == 400
    assert "here is no" in answer.text or "unpublished cannot be" in answer.text.lower()


def test_the_page_of_a_trial_tells_every_change(ask: Any) -> None:
    page = ask("/trials/NCT00000001").text
    assert page.index("New, recruiting") < page.index("Now terminated") < page.index("Results posted")
