"""Every page of the demonstration in a real browser: axe in light and dark, a phone's width, print, weight."""

import re
from typing import Any

import pytest

from tests.support.accessible import serious_findings

pytestmark = pytest.mark.browser
_PICTURES = re.compile(rb"<svg.*?</svg>", re.DOTALL)
#: What the made-up articles of the other browser tests have no page of.
PAGES = [
    "/articles?preprint=yes",
    "/articles/90000032",
    "/answer?q=does+celecoxib+reduce+HO+after+hip+replacement",
    "/answer?q=how+do+I+bake+bread",
    "/concepts/celecoxib",
    "/plots/effect?intervention=nsaids&outcome=ho-occurrence",
    "/overview",
    "/trials",
    "/trials?unpublished=yes",
    "/overlap",
    "/kept",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_the_demonstration_is_for_everyone(page: Any, demo: str, address: str) -> None:
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(_PICTURES.sub(b"", answer.body()))))
    page.goto(demo + address, wait_until="networkidle")
    assert serious_findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_findings(page, "color-contrast") == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert 0 < sum(weights) < 200_000


def test_a_trial_is_a_page_for_everyone(page: Any, demo: str) -> None:
    page.goto(f"{demo}/trials")
    page.locator(".row-title a").first.click()
    page.wait_for_url("**/trials/NCT*")
    assert serious_findings(page) == []


def test_the_lines_that_save_a_list_of_trials_are_for_everyone(page: Any, demo: str) -> None:
    page.goto(f"{demo}/trials?status=RECRUITING")
    with page.expect_navigation():
        page.locator("a", has_text="save this search").click()
    page.locator("#save summary").click()
    lines = page.locator("#save pre")
    assert lines.is_visible()
    assert 'address = "/trials?status=RECRUITING"' in lines.inner_text()
    assert serious_findings(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "address", ["/trials?status=soon", "/nowhere", "/concepts/nothing", "/articles?year=soon", "/articles/1"]
)
def test_a_page_that_says_what_went_wrong_is_for_everyone(browser: Any, demo: str, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(demo + address)
    found = serious_findings(page)
    text = page.locator("main").inner_text()
    context.close()
    assert answer.status in (400, 404)
    assert found == []
    assert "Traceback" not in text


def test_findings_begin_with_what_readers_ask_about(page: Any, demo: str) -> None:
    page.goto(f"{demo}/articles/90000022")
    heads = page.locator(".outcome-head").all_inner_texts()
    assert heads.index("HO incidence") < heads.index("function") < heads.index("bleeding")
    assert "(−0.4 to 0.2)" in page.locator(".findings").inner_text()


def test_a_box_that_narrows_a_list_knows_other_names(page: Any, demo: str) -> None:
    page.goto(f"{demo}/interventions")
    page.locator("#find-concept").fill("Celebrex")
    page.locator("#tree li[data-id=celecoxib]").wait_for(state="visible")
    assert not page.locator("#tree li[data-id=radiotherapy]").is_visible()
    assert page.locator("#tree li[data-id=nsaids] > .name").is_visible()
