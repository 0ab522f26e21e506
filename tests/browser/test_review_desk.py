"""The review page in real browsers: two people at once, keys alone, marked words, ten corrections, phones, axe."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.store.people.decisions import decisions
from db.store.store import open_store
from tests.support.accessible import serious_findings
from tests.support.review_desk import FIRST_PMID, PASSWORD, SECRET, make_desk
from tests.support.sites import serving

pytestmark = pytest.mark.browser
ARTICLES = 14
_SERVE = """import sys
from pathlib import Path
from db.site.server import serve
from db.site.serving.desk import ReviewDesk
folder = Path(sys.argv[2])
desk = ReviewDesk(folder / "ho.db", sys.argv[3], folder / "reviewers.txt")
serve(folder / "evidence.db", "127.0.0.1", int(sys.argv[1]), desk=desk)"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("desk")
    make_desk(made, ARTICLES)
    return made


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    yield from serving(_SERVE, str(folder), SECRET)


@pytest.fixture(scope="module")
def sessions(browser: Any, site: str) -> dict[str, Any]:
    """The cookies of each reviewer, who signed in by the form."""
    found = {}
    for name in ("ada", "bea"):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{site}/curate")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/curate")
        found[name] = context.storage_state()
        context.close()
    return found


def opened(browser: Any, state: Any, **options: Any) -> Any:
    return browser.new_context(storage_state=state, **options).new_page()


def kept(folder: Path) -> list[tuple[int, str, str]]:
    with open_store(folder / "ho.db") as store:
        return [(one.pmid, one.who, one.verdict) for one in decisions(store)]


def test_two_people_at_once_decide_on_the_same_and_both_are_kept(
    browser: Any, site: str, sessions: Any, folder: Path
) -> None:
    ada, bea = opened(browser, sessions["ada"]), opened(browser, sessions["bea"])
    for page in (ada, bea):
        page.goto(f"{site}/curate/findings")
    assert ada.locator("input[name=item]").first.input_value() == bea.locator("input[name=item]").first.input_value()
    before = len(kept(folder))
    ada.get_by_role("button", name="Accept").click(no_wait_after=True)
    bea.get_by_role("button", name="Reject").click(no_wait_after=True)
    for page in (ada, bea):
        page.wait_for_url("**/curate/findings?after=*")
    made = kept(folder)[before:]
    assert sorted(entry[1:] for entry in made) == [("ada", "accept"), ("bea", "reject")]
    bea.goto(f"{site}/curate/disputed")
    said = bea.locator(".what-was-read .decisions").inner_text()
    assert "ada" in said
    assert "bea" in said


def test_keys_alone_decide_correct_undo_and_go_on(browser: Any, site: str, sessions: Any, folder: Path) -> None:
    page = opened(browser, sessions["ada"])
    page.goto(f"{site}/curate/unsure")
    before = kept(folder)
    first = page.locator("input[name=place]").first.input_value()
    page.keyboard.press("a")
    page.wait_for_url("**after=*")
    assert kept(folder)[len(before) :] == [(int(first) // 100_000, "ada", "accept")]
    page.keyboard.press("u")
    page.wait_for_url("**at=*")
    assert page.locator("input[name=place]").first.input_value() == first
    page.keyboard.press("2")
    page.wait_for_url("**after=*")
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.id") == "concept"
    page.keyboard.type("indomethacin")
    with page.expect_navigation():  # until its script has run: keys are heard from then on, not from the first words
        page.keyboard.press("Enter")
    assert "to indomethacin" in page.locator(".done").inner_text()
    verdicts = [verdict for _, _, verdict in kept(folder)[len(before) :]]
    assert verdicts == ["accept", "withdraw", "correct", "correct"]
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None
    page.locator("#keys-on").uncheck()
    page.locator("h1").click()
    page.keyboard.press("a")
    page.reload()
    page.keyboard.press("r")
    assert len(kept(folder)) == len(before) + 4


def test_words_marked_in_the_text_become_a_mention_at_their_place(
    browser: Any, site: str, sessions: Any, folder: Path
) -> None:
    page = opened(browser, sessions["ada"])
    page.goto(f"{site}/curate/articles/{FIRST_PMID}")
    page.evaluate(
        """() => {
          const block = document.querySelector('[data-field=abstract]');
          const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
          let node; const all = []; while ((node = walker.nextNode())) all.push(node);
          const last = all.filter((one) => one.textContent.includes('placebo')).at(-1);
          const at = last.textContent.indexOf('placebo');
          const range = document.createRange(); range.setStart(last, at); range.setEnd(last, at + 7);
          getSelection().removeAllRanges(); getSelection().addRange(range);
          document.dispatchEvent(new MouseEvent('mouseup', {bubbles: true}));
        }"""
    )
    assert page.locator("#mark-words").input_value() == "placebo"
    page.fill("#mark-concept", "NSAIDs")
    page.get_by_role("button", name="Add the mention").click()
    page.wait_for_selector(".done >> text=placebo")
    with open_store(folder / "ho.db") as store:
        row = store.db.execute(
            "SELECT start, text, abstract FROM mentions JOIN articles USING (pmid) WHERE mentions.source = 'person'"
        ).fetchone()
    assert row[2][row[0] : row[0] + 7] == row[1] == "placebo"
    assert row[0] == row[2].rindex("placebo")


def test_a_form_is_sent_once_however_often_its_button_is_hit(browser: Any, site: str, sessions: Any) -> None:
    page = opened(browser, sessions["bea"])
    page.goto(f"{site}/curate/articles/{FIRST_PMID + 3}")
    stopped = page.evaluate(
        """() => {
          const stopped = [];
          addEventListener('submit', (event) => { stopped.push(event.defaultPrevented); event.preventDefault(); });
          const hit = () => document.querySelector('button[value=accept]').click();
          hit(); hit(); dispatchEvent(new PageTransitionEvent('pageshow')); hit();
          return stopped;
        }"""
    )
    assert stopped == [False, True, False]
    page.context.close()


def test_a_key_is_heard_only_where_it_is_meant(browser: Any, site: str, sessions: Any, folder: Path) -> None:
    page = opened(browser, sessions["bea"])
    page.goto(f"{site}/curate/findings")
    before = len(kept(folder))
    taken = """([key, more]) => {
      const event = new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more});
      document.activeElement.dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    for held in ("ctrlKey", "metaKey", "altKey", "none of them"):
        assert not page.evaluate(taken, ["z" if held.startswith("none") else "a", {held: True}])
    page.fill("#reason", "")
    page.locator("#reason").press_sequentially("ar1")
    assert page.input_value("#reason") == "ar1"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("e")
    assert page.evaluate("[document.activeElement.id, getSelection().toString()]") == ["reason", "ar1"]
    page.keyboard.press("Escape")
    heard = [page.evaluate(taken, ["?", {}])]
    for step in ("uncheck", "reload", "check", "reload"):
        if step == "reload":
            page.reload()
        else:
            page.evaluate("() => { document.getElementById('keys').open = true; }")
            getattr(page.locator("#keys-on"), step)()
        heard.append(page.evaluate(taken, ["?", {}]))
    assert heard == [True, False, False, True, True]
    assert len(kept(folder)) == before
    page.context.close()


def test_the_place_of_marked_words_counts_what_the_text_has(browser: Any, site: str, sessions: Any) -> None:
    page = opened(browser, sessions["bea"])
    page.goto(f"{site}/curate/articles/{FIRST_PMID}")
    mark = """([first, from, last, to]) => {
      const block = (field) => document.querySelector(`[data-field=${field}]`);
      const blocks = {title: block('title'), abstract: block('abstract')};
      for (const block of Object.values(blocks)) {
        const hidden = document.createElement('span');
        hidden.className = 'vh'; hidden.textContent = '[negated]';
        block.replaceChildren('😀 one ', hidden, ' two three', ' x'.repeat(400));
      }
      blocks.abstract.dataset.start = '100';
      const range = document.createRange();
      range.setStart(blocks[first].childNodes[2], from); range.setEnd(blocks[last].lastChild, to);
      getSelection().removeAllRanges(); getSelection().addRange(range);
      document.dispatchEvent(new KeyboardEvent('keyup', {key: 'Shift', bubbles: true}));
      const {words, field, start} = document.getElementById('mark').elements;
      return [words.value, field.value, start.value];
    }"""
    nothing = ["", "", ""]
    assert page.evaluate(mark, ["title", 0, "abstract", 2]) == nothing  # over two texts
    assert page.evaluate(mark, ["title", 0, "title", 700]) == nothing  # more than a mention has
    assert page.evaluate(mark, ["abstract", 0, "abstract", 4]) == ["two three x x", "abstract", "107"]
    assert page.evaluate(mark, ["title", 4, "title", 2]) == ["three x", "title", "11"]
    page.locator("#mark-words").press_sequentially("s")
    left = (
        "() => { const {field, start} = document.getElementById('mark').elements; return field.value + start.value; }"
    )
    assert page.evaluate(left) == ""
    page.context.close()


def test_ten_findings_are_corrected_in_at_most_thirty_clicks(
    browser: Any, site: str, sessions: Any, folder: Path
) -> None:
    page = opened(browser, sessions["bea"])
    before = len(kept(folder))
    clicks = 0
    page.goto(f"{site}/curate")
    page.get_by_role("link", name="New findings").last.click()
    for number in range(10):
        page.locator("button:not(.as-read)", has_text="decreases").click()
        clicks += 1
        page.wait_for_selector(f".queue-head >> text={ARTICLES - 2 - number} left")
    assert clicks <= 30
    assert [entry[1:] for entry in kept(folder)[before:]] == [("bea", "correct")] * 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    ["/curate", "/curate/findings", "/curate/conflicts", "/curate/unsure", f"/curate/articles/{FIRST_PMID + 1}",
     "/curate/login", "/curate/articles/1"],
)  # fmt: skip
def test_accessible_and_no_wider_than_a_phone(
    browser: Any, site: str, sessions: Any, address: str, scheme: str
) -> None:
    state = None if address.endswith("login") else sessions["ada"]
    page = opened(browser, state, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page.goto(site + address)
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_every_button_works_without_a_script(browser: Any, site: str, sessions: Any, folder: Path) -> None:
    page = opened(browser, sessions["ada"], java_script_enabled=False)
    before = len(kept(folder))
    page.goto(f"{site}/curate/conflicts")
    page.get_by_role("button", name="no difference").click()
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_role("button", name="Next, undecided").click()
    page.goto(f"{site}/curate/articles/{FIRST_PMID + 2}")
    page.fill("#mark-words", "Hips")
    page.fill("#mark-concept", "NSAIDs")
    page.get_by_role("button", name="Add the mention").click()
    assert [verdict for _, _, verdict in kept(folder)[before:]] == ["correct", "withdraw", "add"]
