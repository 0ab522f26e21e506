"""The evidence pages in a real browser: keyboard, downloads, narrow screens, accessibility, nothing from elsewhere."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.accessible import serious_findings
from tests.support.generate_articles import FIRST_PMID

pytestmark = pytest.mark.browser
PAGES = [
    "/",
    "/articles",
    "/articles?q=ossification+-mouse&study_design=cohort",
    "/articles?q=nosuchword",
    f"/articles/{FIRST_PMID}",
    "/articles/values/journal",
    "/answer",
    "/answer?q=does+indomethacin+reduce+HO+occurrence+after+arthroplasty",
    "/help",
    "/overview",
    "/matrix",
    "/matrix?view=risks",
    "/interventions",
    "/concepts/intervention%3Ansaids",
    "/concepts/site%3Ahip",
    "/plots",
    "/plots/risk/all",
    "/plots/time",
    "/methods",
    "/new",
    "/runs/2",
    "/trials",
    "/review",
    "/searches",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_for_everyone(page: Any, site: str, address: str) -> None:
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(answer.body())))
    page.goto(site + address, wait_until="networkidle")
    assert serious_findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_findings(page, "color-contrast") == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert 0 < sum(weights) < 200_000


def test_arrow_keys_walk_the_matrix_and_a_cell_opens_its_list(page: Any, site: str) -> None:
    page.goto(f"{site}/matrix")
    page.locator("table[data-grid] tbody th a").first.focus()
    page.keyboard.press("ArrowRight")
    focused = page.locator("table[data-grid] td a:focus")
    number = focused.locator("b").inner_text()
    assert page.evaluate("document.querySelectorAll('table[data-grid] a[tabindex=\"0\"]').length") == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles?**")
    assert page.locator("h1").inner_text().startswith(f"{number} article")


def test_a_plot_downloads_as_svg_png_and_csv(page: Any, site: str, tmp_path: Path) -> None:
    page.goto(f"{site}/plots/risk/all")
    assert page.locator("svg.forest g").count() > 5
    for name, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("CSV", b"pmid,")):
        with page.expect_download() as waiting:
            page.locator(".downloads a", has_text=name).first.click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.read_bytes().startswith(start)


def test_a_search_is_narrowed_by_or_inside_a_facet_and_by_and_across(page: Any, site: str) -> None:
    page.goto(f"{site}/articles")
    page.locator("header input[name=q]").fill("ossification")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles?q=ossification")
    counts = [_articles_in(page)]
    for place in (0, 1):
        values = page.locator(".facet:has(h2.k-intervention) .value:not(.on) > a:first-child")
        with page.expect_navigation():
            values.nth(place).click()
        counts.append(_articles_in(page))
    with page.expect_navigation():
        page.locator(".facet:has(h2.k-outcome) .value > a:first-child").nth(3).click()
    counts.append(_articles_in(page))
    every, one, either, both = counts
    assert every >= either >= one > 0
    assert both <= either
    assert page.locator(".active .removable").count() == 4
    with page.expect_navigation():
        page.locator(".active .removable").first.click()
    assert page.locator(".active .removable").count() == 3


def test_a_finding_opens_its_sentence_and_marks_it(page: Any, site: str) -> None:
    page.goto(f"{site}/articles?estimate=yes")
    with page.expect_navigation():
        page.locator(".row-finding a").first.click()
    row = page.locator(".findings tr[data-sentence]").first
    row.locator("a", has_text="sentence").click()
    place = page.url.split("#")[1]
    sentence = page.locator(f"#{place}")
    assert sentence.evaluate("element => element.matches(':target')")
    assert sentence.locator("mark").count() > 0
    row.hover()
    assert page.locator(f"#{row.get_attribute('data-sentence')}.lit").count() == 1


def test_a_list_downloads_whole(page: Any, site: str, tmp_path: Path) -> None:
    page.goto(f"{site}/articles?study_design=randomized+controlled+trial")
    total = _articles_in(page)
    page.locator(".exports summary").click()
    with page.expect_download() as waiting:
        page.locator(".exports a", has_text="RIS").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.read_text(encoding="utf-8").count("\nER  - ") == total > 0


def test_facets_are_a_drawer_on_a_phone(page: Any, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/articles?study_design=cohort")
    assert "1 on" in page.locator("label.drawer").inner_text()
    assert not page.locator("#facets").is_visible()
    page.locator("label.drawer").click()
    assert page.locator("#facets").is_visible()


def test_lists_and_sentences_need_no_script(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/articles?q=ossification")
    with page.expect_navigation():
        page.locator(".facet:has(h2.k-intervention) .value > a:first-child").first.click()
    assert _articles_in(page) > 0
    with page.expect_navigation():
        page.locator(".row-title a").first.click()
    assert page.locator(".abstract").count() == 1
    context.close()


def _articles_in(page: Any) -> int:
    return int("".join(filter(str.isdigit, page.locator("h1.list-title").inner_text())))


def test_the_results_are_a_few_stops_away(page: Any, site: str) -> None:
    page.goto(f"{site}/articles?q=ossification")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert "results" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    stops = 0
    while stops < 7:
        stops += 1
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('.row-title')"):
            break
    assert stops <= 5


def test_the_matrix_prints_from_its_first_page(page: Any, site: str) -> None:
    page.goto(f"{site}/matrix")
    page.emulate_media(media="print")
    # a page of its own for main alone would leave the first sheet with nothing but the head
    assert page.evaluate("getComputedStyle(document.body).page") == "wide"
    assert page.evaluate("getComputedStyle(document.querySelector('main')).page") == "auto"


def test_a_phone_gets_the_plot_that_fits(page: Any, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/plots/risk/all")
    assert page.locator("svg.forest.narrow").is_visible()
    assert not page.locator(".wide-plot").is_visible()


def test_names_are_suggested_while_typing(page: Any, site: str) -> None:
    page.goto(f"{site}/articles")
    page.locator("#q").fill("celeco")
    first = page.locator("#q-names option").first
    first.wait_for(state="attached")
    assert first.get_attribute("value") == "celecoxib"


def test_the_drawer_stays_open_while_filters_are_chosen(page: Any, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/articles")
    page.locator("label.drawer").click()
    page.locator(".facet:has(h2.k-intervention) .value > a:first-child").first.click()
    page.wait_for_url("**/articles?**")
    facets = page.locator("#facets")
    assert facets.is_visible()
    page.locator("label.drawer").click()
    assert not facets.is_visible()
    page.locator("label.drawer").click()
    shows = page.locator(".show-n a")
    assert shows.inner_text() == f"Show {page.locator('h1.list-title').inner_text()}"
    shows.click()
    assert not facets.is_visible()
    assert page.locator("h1.list-title").is_visible()


def test_a_chosen_filter_is_seen_in_high_contrast(browser: Any, site: str) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, forced_colors="active")
    page = context.new_page()
    page.goto(f"{site}/articles?study_design=cohort")
    fill = "element => getComputedStyle(element, '::before').backgroundColor"
    chosen = page.locator(".value.on > a:first-child").first.evaluate(fill)
    others = page.locator(".value:not(.on) > a:first-child").first.evaluate(fill)
    context.close()
    assert chosen != others


@pytest.mark.parametrize(
    "address",
    ["/evidence", "/evidence/articles", f"/evidence/articles/{FIRST_PMID}", "/evidence/findings_of?concept=nsaids"],
)
def test_the_raw_tables_are_readable_by_all(page: Any, site: str, address: str) -> None:
    page.goto(site + address)
    assert serious_findings(page) == []
    assert page.locator("dl.column-descriptions:visible").count() == 0
