"""What the review page shows of an item: its sentence, the directions that it may have and what each means."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest

from db.publish.publish import publish
from db.store.store import open_store
from tests.support.review_desk import ABSTRACT, FIRST_PMID, Visitor, findings, make_desk, tag_all, visiting

NEWEST = FIRST_PMID + 2


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    desk = make_desk(tmp_path_factory.mktemp("shown"))
    first, second = findings()
    risk = replace(first, kind="risk", comparator_text=None, comparator_class=None, effect=None)
    other = replace(second, outcome_id=None, outcome_text="stiffness", conflict=None)
    with open_store(desk.store) as store:
        tag_all(store, "v2", (first, risk, other))
    site = desk.store.with_name("evidence.db")
    publish(desk.store, site)
    with visiting(desk, site) as visit:
        visitor = visit()
        visitor.take_session("ada")
        yield visitor


def items(ada: Visitor) -> dict[str, str]:
    """The pages of the findings of an article, by what they are read as."""
    whole = ada.get(f"/curate/articles/{NEWEST}").text
    found = {}
    for href in dict.fromkeys(re.findall(rf'href="(/curate/articles/{NEWEST}\?item=finding[^"]+)"', whole)):
        page = ada.get(unescape(href)).text
        found["risk" if "correct:no association" in page else "stiffness" if "stiffness" in page else "effect"] = page
    return found


def directions(page: str) -> dict[str, str]:
    """The buttons of directions: what each says, with what it means for the patient."""
    buttons = re.findall(r'<button name="verdict" value="correct:([^"]+)"[^>]*>(.*?)</button>', page, re.DOTALL)
    return {name: " ".join(re.sub("<kbd>.*?</kbd>|<[^>]+>", "", inside).split()) for name, inside in buttons}


def test_a_finding_may_have_the_directions_of_its_kind_and_each_says_what_it_means(ada: Visitor) -> None:
    pages = items(ada)
    assert directions(pages["effect"]) == {
        "decreases": "▼ decreases better", "increases": "▲ increases worse", "no difference": "= no difference",
    }  # fmt: skip
    assert directions(pages["stiffness"]) == {
        "decreases": "▼ decreases", "increases": "▲ increases", "no difference": "= no difference",
    }  # fmt: skip
    assert set(directions(pages["risk"])) == {"decreases", "increases", "no association", "unclear"}
    assert not any(re.search("better|worse", said) for said in directions(pages["risk"]).values())
    for page in pages.values():
        assert re.findall(r'value="correct:([^"]+)"[^>]*class="as-read"', page) == ["increases"]


def test_the_sentence_of_an_item_is_lit_and_no_other(ada: Visitor) -> None:
    start = findings()[0].sentence_start
    page = items(ada)["effect"]
    assert re.findall(r'<span class="s" id="([^"]+)"', page) == [f"a-{start}"]
    sentence = re.search(r'<span class="s" id="[^"]+" tabindex="-1">(.*?)</span>(?=[^<]|<mark|</p>)', page, re.DOTALL)
    assert sentence is not None
    words = re.sub("<[^>]+>", "", page[page.index('<span class="s"') :])
    assert words.startswith(ABSTRACT[start : start + 40])
    whole = ada.get(f"/curate/articles/{NEWEST}").text
    assert '<span class="s"' not in whole
    assert whole.count("<mark") >= 3


def test_a_tag_has_no_direction(ada: Visitor) -> None:
    page = ada.get("/curate/unsure").text
    assert directions(page) == {} or all(name in ("affirmed", "negated", "hedged") for name in directions(page))
    assert "decreases" not in directions(page)


def test_an_item_that_is_gone_is_said(ada: Visitor) -> None:
    answer = ada.get(f"/curate/articles/{NEWEST}?item=finding:0")
    assert answer.status_code == 404
    assert "no longer there" in answer.text
    assert ada.get("/curate/articles/9").status_code == 404
    assert ada.get("/curate/decide").status_code == 404


@pytest.mark.parametrize("address", ["findings", "unsure"])
def test_each_button_sends_what_it_says(ada: Visitor, address: str) -> None:
    page = ada.get(f"/curate/{address}").text
    form = page.partition('action="/curate/decide"')[2].partition("</form>")[0]
    sent = {
        " ".join(re.sub("<kbd>.*?</kbd>|<[^>]+>", "", words).split()): verdict
        for verdict, words in re.findall(r'<button name="verdict" value="([^"]+)"[^>]*>(.*?)</button>', form, re.DOTALL)
    }
    assert sent.pop("Save the correction", None) == "correct"
    assert sent.pop("Reject") == "reject"
    accepting = [words for words in sent if words.startswith("Accept")]
    assert [sent.pop(words) for words in accepting] == ["accept"]
    if address == "unsure":
        assert sent == {"affirms it": "correct:affirmed", "denies it": "correct:negated", "doubts it": "correct:hedged"}
    else:
        assert all(verdict.removeprefix("correct:") in words for words, verdict in sent.items())


def test_words_that_people_marked_stand_apart_from_what_they_decided(ada: Visitor) -> None:
    pmid = FIRST_PMID + 1
    address = f"/curate/articles/{pmid}"
    ada.post("/curate/decide", {**ada.form(address), "verdict": "accept"})
    ada.post("/curate/mark", {**ada.form(address, "/curate/mark"), "words": "Hips", "concept": "NSAIDs"})
    marked = ada.get(address).text.partition("mark words</h2>")[2].partition("</section>")[0]
    assert re.findall(r"<li>(\w+): ([^<]+) <span", marked) == [("Added", "NSAIDs at “Hips”")]


def test_what_somebody_else_decided_is_not_offered_to_be_undone(ada: Visitor) -> None:
    after = ada.decide("unsure", "accept").headers["location"]
    assert re.search(r"done=\d+", after)
    assert 'action="/curate/undo"' in ada.get(after).text
    bea = Visitor(ada.runner, ada.datasette)
    bea.take_session("bea")
    assert 'action="/curate/undo"' not in bea.get(after).text
