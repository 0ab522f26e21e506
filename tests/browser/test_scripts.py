"""What each script adds to pages that work without it: every key, box, menu and copy, and what it leaves alone."""

import struct
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser
#: Row and column of the cell that has the focus, and how many stops of the matrix Tab has.
_FOCUS = """() => {
  const cell = document.activeElement.closest('td, th');
  const stops = [...document.querySelectorAll('table[data-grid] tbody *')].filter((one) => one.tabIndex === 0);
  return [cell.parentElement.sectionRowIndex, cell.cellIndex, stops.length];
}"""
#: How many entries an entry of a tree belongs to, with itself.
_DEPTH = "one => { let deep = 0; for (; one; one = one.parentElement.closest('#tree li')) deep += 1; return deep; }"
#: Whether a key that goes down is taken by a script.
_TAKEN = """([key, more]) => {
  const event = new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more});
  document.activeElement.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def _without(kind: str) -> Any:
    """What lets every request through but those of one kind."""
    return lambda route: route.abort() if route.request.resource_type == kind else route.continue_()


def test_every_key_of_the_matrix_leads_where_it_says(page: Any, site: str) -> None:
    page.goto(f"{site}/matrix")
    last_row, last = page.evaluate(
        "() => { const {rows} = document.querySelector('table[data-grid]').tBodies[0];"
        " return [rows.length - 1, rows[0].cells.length - 1]; }"
    )
    assert min(last_row, last) > 2
    page.locator("table[data-grid] tbody th a").first.focus()
    for key, row, column in (
        ("ArrowLeft", 0, 0), ("ArrowUp", 0, 0), ("End", 0, last), ("ArrowRight", 0, last), ("ArrowDown", 1, last),
        ("ArrowLeft", 1, last - 1), ("Home", 1, 0), ("ArrowRight", 1, 1), ("ArrowUp", 0, 1), ("ArrowDown", 1, 1),
        ("Control+End", last_row, last), ("ArrowDown", last_row, last), ("ArrowUp", last_row - 1, last),
        ("Control+Home", 0, 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert page.evaluate(_FOCUS) == [row, column, 1], key
    page.locator("table[data-grid] tbody tr").nth(2).locator("th a").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(_FOCUS) == [2, 1, 1]
    for key, more in (("ArrowLeft", {"altKey": True}), ("ArrowLeft", {"metaKey": True}), ("x", {})):
        assert not page.evaluate(_TAKEN, [key, more])


def test_a_plot_is_saved_twice_as_large_and_where_it_cannot_be_drawn_as_it_is(
    page: Any, browser: Any, site: str, tmp_path: Path
) -> None:
    page.goto(f"{site}/plots/risk/all")
    link = page.locator(".downloads a[data-png]").first
    size = page.evaluate("() => [...document.querySelectorAll('svg.forest')].map((one) => one.getAttribute('width'))")
    with page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename == link.get_attribute("data-png")
    waiting.value.save_as(tmp_path / "plot.png")
    width, height = struct.unpack(">II", (tmp_path / "plot.png").read_bytes()[16:24])
    assert width == 2 * int(size[0])
    assert height > 100
    other = browser.new_context().new_page()
    other.goto(f"{site}/plots/risk/all")
    other.route("**/*.svg*", _without("image"))
    with other.expect_download() as waiting:
        other.locator(".downloads a[data-png]").first.click()
    assert waiting.value.suggested_filename.endswith(".svg")
    other.context.close()


def test_a_finding_lights_its_sentence_only_while_it_is_pointed_at_or_read(page: Any, site: str) -> None:
    page.goto(f"{site}/articles?estimate=yes")
    with page.expect_navigation():
        page.locator(".row-finding a").first.click()
    row = page.locator(".findings tr[data-sentence]").first
    both = page.locator(f".lit:is(tr, #{row.get_attribute('data-sentence')})")
    counts = [both.count()]
    row.hover()
    counts.append(both.count())
    page.locator("footer").hover()
    counts.append(both.count())
    row.locator("a", has_text="sentence").focus()
    counts.append(both.count())
    page.locator("#q").focus()
    counts.append(both.count())
    assert counts == [0, 2, 0, 2, 0]


def test_a_box_asks_for_other_names_once_and_late_answers_are_left_aside(page: Any, site: str) -> None:
    held: list[Any] = []
    page.route("**/suggest.json*", lambda route: held.append(route))
    page.goto(f"{site}/interventions")
    box, shown = page.locator("#find-concept"), page.locator("#tree li:visible")
    every = shown.count()
    box.fill("c")
    page.wait_for_timeout(200)
    box.fill(" Q&A #1 ")
    page.wait_for_timeout(200)
    assert [parse_qs(urlsplit(one.request.url).query) for one in held] == [{"q": ["q&a #1"]}]
    assert shown.count() == 0
    box.fill("zzz")
    page.wait_for_timeout(200)
    inner = page.locator("#tree li li").first
    answer = {"ok": True, "rows": [{"id": inner.get_attribute("data-id")}]}
    held[0].fulfill(json=answer)
    page.wait_for_timeout(50)
    assert shown.count() == 0
    held[1].fulfill(json=answer)
    inner.wait_for(state="visible")
    assert shown.count() == inner.evaluate(_DEPTH)  # what it belongs to is shown with it, and nothing else
    box.fill("")
    assert shown.count() == every


def test_all_values_come_into_their_place_or_open_as_a_page(page: Any, browser: Any, site: str) -> None:
    page.goto(f"{site}/articles")
    facet = page.locator("#f-intervention")
    link = facet.locator("[data-all-values]")
    name, all_of_them = facet.locator("h2").inner_text(), int(link.inner_text().split()[1])
    with page.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    opened.value.close()
    assert facet.locator("li.value").count() < all_of_them
    link.click()
    box = facet.get_by_label(f"Look for one of the {name}")
    box.wait_for()
    assert box.evaluate("one => one === document.activeElement")
    assert facet.locator("li.value").count() == all_of_them
    first = facet.locator("li.value .name").first.inner_text()
    box.fill(first.upper())
    assert first in facet.locator("li.value:visible .name").all_inner_texts()
    assert facet.locator("li.value:visible").count() < all_of_them
    other = browser.new_context().new_page()
    other.goto(f"{site}/articles")
    other.route("**/values/*", _without("fetch"))
    other.locator("[data-all-values]").first.click()
    other.wait_for_url("**/articles/values/*")
    other.context.close()


def test_a_citation_is_copied_as_the_file_has_it(page: Any, site: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/articles")
    link = page.locator("a.cite").nth(1)
    whole = page.request.get(site + link.get_attribute("href")).text()
    link.click()
    page.locator("a.cite", has_text="copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == whole.strip()
    assert page.url == f"{site}/articles"


def test_keys_and_clicks_open_and_close_what_they_should(page: Any, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "suggest.json" in request.url else None)
    page.goto(f"{site}/articles")
    menu = page.locator("details.exports")
    menu.locator("summary").click()
    menu.locator("ul").dispatch_event("click")
    page.keyboard.press("x")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("one => one === document.activeElement")
    menu.locator("summary").click()
    page.locator("h1").click()
    assert menu.get_attribute("open") is None
    for more in ({"metaKey": True}, {"ctrlKey": True}):
        assert not page.evaluate(_TAKEN, ["/", more])
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("q&a/#1")
    assert page.locator("#q").input_value() == "q&a/#1"
    page.wait_for_timeout(200)
    assert [parse_qs(urlsplit(url).query)["q"] for url in asked] == [["q&a/#1"]]
    page.locator("#q").fill("celecoxib")
    option = page.locator("#q-names option[value=celecoxib]")
    option.wait_for(state="attached")
    count = page.request.get(f"{site}/articles.json?intervention=celecoxib").json()["filtered_table_rows_count"]
    assert option.get_attribute("label") == f"intervention, {count}"


def test_the_drawer_of_a_phone_is_open_where_a_filter_was_chosen_and_nowhere_else(page: Any, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    states = []
    for place in ("", "#rows", "#f-year", "#no'[such"):
        page.goto("about:blank")
        page.goto(f"{site}/articles{place}")
        states.append(page.locator("#facets").is_visible())
    assert states == [False, False, True, False]
