"""Pages of saved searches: the same digest as the mail, nobody's address, any hostile name or path answered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links
from db.publish.publish import publish
from db.select.filter import ArticleFilter
from db.store.store import open_store
from harvest.app.searches.file import find_search, read_searches
from harvest.app.searches.tell import look_at_search
from tests.support.sites import asking
from tests.support.tracker import NOW, SEARCH, Tracker

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = 'Celecoxib <img src=x onerror=alert(1)> "&" lowered HO'


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Tracker:
    """A tracker with a told digest, and a later one that waits in the published file."""
    made = Tracker(tmp_path_factory.mktemp("searches"), site_url="http://localhost")
    made.save(1)
    made.tag(1, "celecoxib")
    people = 'who = ["ada.private@example.org"]\n'
    made.file(
        SEARCH + people, SEARCH.replace('"cox"', '"Größe, (a.b)"').replace("celecoxib", "naproxen&year=2015-") + people
    )
    made.night()
    made.save(2, title=HOSTILE)
    made.tag(2, "celecoxib")
    made.save(1, 2, "RetractionIn")
    made.tag(1, "celecoxib")
    publish(made.settings.db, made.settings.site)
    return made


@pytest.fixture(scope="module")
def ask(tracker: Tracker) -> Iterator[Any]:
    """Asks the site over the published file."""
    yield from asking(tracker.settings.site)


def test_the_published_file_names_nobody(tracker: Tracker, ask: Any) -> None:
    held = tracker.settings.site.read_bytes()
    assert b"ada.private" not in held
    assert b"Celecoxib" in held
    for address in ("", "/cox", ".json", "/cox/feed.atom"):
        assert "ada.private" not in ask(f"/searches{address}").text
    assert ask("/evidence/deliveries").status_code == 404


def test_the_list_of_searches_and_their_pages(ask: Any) -> None:
    page = ask("/searches").text
    assert 'href="/searches/cox"' in page
    assert f'href="/searches/{quote("Größe, (a.b)", safe="")}"' in page
    other, cox = ask("/searches.json").json()["searches"]
    assert (other["name"], other["articles"]) == ("Größe, (a.b)", 0)
    assert (cox["name"], cox["articles"]) == ("cox", 2)
    assert ask(cox["list"].removeprefix("http://localhost")).status_code == 200
    assert ask(other["page"].removeprefix("http://localhost")).status_code == 200
    assert "nothing changed" in ask(other["digest"].removeprefix("http://localhost").replace("json", "txt")).text


def test_the_page_is_the_digest_that_the_mail_will_be(tracker: Tracker, ask: Any) -> None:
    search = find_search(tracker.settings.searches, "cox")
    with open_store(tracker.settings.db) as store:
        digest, _ = look_at_search(store, search, tracker.settings, NOW)
    for form in FORMATS.values():
        assert ask(f"/searches/cox/digest.{form.ending}").text == form(digest, Links("http://localhost"))
    page = ask("/searches/cox").text
    assert page.index("Retracted (1)") < page.index("New (1)")
    assert "<img src=x" not in page
    assert "Earlier digests" in page


def test_no_format_lets_a_title_be_markup(ask: Any) -> None:
    told = {form.ending: ask(f"/searches/cox/digest.{form.ending}").text for form in FORMATS.values()}
    assert "<img" not in told["html"]
    assert "\\<img" in told["md"]
    assert json.loads(told["json"])["articles"][1]["title"] == HOSTILE
    titles = [one.text or "" for one in ElementTree.fromstring(told["atom"]).iter(f"{ATOM}title")]  # noqa: S314
    assert any(HOSTILE in title for title in titles)


def test_earlier_digests_are_pages_and_stay_in_the_feed(ask: Any) -> None:
    (number,) = {int(part.split('"')[0]) for part in ask("/searches/cox").text.split("/digests/")[1:]}
    page = ask(f"/searches/cox/digests/{number}")
    assert page.status_code == 200
    assert "New (1)" in page.text
    assert "Articles are shown as they stand today" in page.text
    assert "/digest.html" not in page.text
    now = ask("/searches/cox").text
    assert "as they stand today" not in now
    assert re.findall(r'href="/searches/cox/digest\.(\w+)"', now) == [form.ending for form in FORMATS.values()]
    assert ask(f"/searches/cox/digests/{number + 7}").status_code == 404
    other = quote("Größe, (a.b)", safe="")
    assert ask(f"/searches/{other}/digests/{number}").status_code in (302, 404)  # Datasette asks again without "%"
    feed = ElementTree.fromstring(ask("/searches/cox/feed.atom").content)  # noqa: S314 - our own answer
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in feed.findall(f"{ATOM}entry")]
    assert [title.partition(":")[0] for title in titles] == ["Retracted", "New", "New"]
    times = [one.text or "" for one in feed.iter(f"{ATOM}updated")]
    assert times[0] == max(times) == max(times[1:])
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(set(ids)) == 3


def test_an_entry_keeps_its_id_when_its_digest_is_written(tracker: Tracker, ask: Any, tmp_path: Path) -> None:
    def ids(answer: Any) -> list[str | None]:
        entries = ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314 - our own answer
        return [entry.findtext(f"{ATOM}id") for entry in entries]

    before = ids(ask("/searches/cox/feed.atom"))
    tracker.night()
    later = tmp_path / "later.db"
    publish(tracker.settings.db, later)
    for asked in asking(later):
        assert ids(asked("/searches/cox/feed.atom")) == before


@pytest.mark.parametrize(
    "query", ["", "?intervention=celecoxib&year=2015-", '?q=%22a"b%5C&run=last', "?as_of=2026-01-01"]
)
def test_a_list_shows_the_lines_that_save_it(ask: Any, query: str, tmp_path: Path) -> None:
    page = ask(f"/articles{query}").text
    lines = page.partition("<pre")[2].partition(">")[2].partition("</pre>")[0]
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        lines = lines.replace(entity, char)
    file = tmp_path / "searches.toml"
    file.write_text(lines, encoding="utf-8")
    read = read_searches(file)
    assert read.bad == ()
    (search,) = read.searches
    assert isinstance(search.chosen, ArticleFilter)
    assert search.chosen.run is search.chosen.as_of is None
    assert search.address.startswith("/articles")


@given(
    name=st.text(max_size=40),
    tail=st.sampled_from(["", "/digest.json", "/feed.atom", "/digests/1", "/digests/999999999", "/digest.pdf", "//"]),
    query=st.text(max_size=30),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_address_is_answered_in_words(ask: Any, name: str, tail: str, query: str) -> None:
    answer = ask(f"/searches/{quote(name, safe='')}{tail}?{quote(query, safe='=&')}")
    assert answer.status_code in (200, 302, 304, 400, 404, 414)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("query", ["before=0", "before=x", "before=99999999999", "before=1"])
def test_pages_of_digests_are_bounded(ask: Any, query: str) -> None:
    assert ask(f"/searches/cox?{query}").status_code == (200 if query == "before=1" else 400)


def test_the_json_digest_is_what_programs_read(ask: Any) -> None:
    told = json.loads(ask("/searches/cox/digest.json").text)
    assert told["search"]["name"] == "cox"
    assert [entry["change"] for entry in told["articles"]] == ["retracted", "new"]
    assert told["articles"][0]["finding"] is None
    assert told["articles"][1]["finding"]["value"] == 0.46
