"""Starred and seen articles: kept in the browser alone, listed and exported by the reader, absent without script."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.accessible import serious_findings
from tests.support.generate_articles import FIRST_PMID

pytestmark = pytest.mark.browser


def test_starred_and_seen_articles_are_kept_listed_and_exported(page: Any, site: str, tmp_path: Path) -> None:
    page.goto(f"{site}/articles")
    for place in (0, 2):
        page.locator(".row .star").nth(place).click()
    chosen = [page.locator("li.row").nth(place).get_attribute("data-pmid") for place in (0, 2)]
    page.goto(f"{site}/articles/{FIRST_PMID + 7}")
    page.locator("header .star").click()
    assert page.locator("header .star").get_attribute("aria-pressed") == "true"
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url))
    page.locator(".kept-count").click()
    page.wait_for_url("**/kept")
    assert page.locator(".kept-count").inner_text() == "★ 3"
    assert page.locator("#starred li").count() == 3
    assert page.locator("#seen li").count() == 1
    assert not [url for url in sent if chosen[0] in url]  # the page asks the site for nothing of it
    page.evaluate("document.activeElement.blur()")
    assert serious_findings(page) == []
    with page.expect_download() as waiting:
        page.locator("#starred a", has_text="RIS").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.read_text(encoding="utf-8").count("\nER  - ") == 3
    listed = parse_qs(urlsplit(page.locator("#starred a", has_text="Open as a list").get_attribute("href")).query)
    assert set(listed["pmids"][0].split(",")) == {*chosen, str(FIRST_PMID + 7)}
    page.locator("#starred li button").first.click()
    assert page.locator("#starred li").count() == 2
    page.locator("button[data-forget=seen]").click()
    assert page.locator("#seen .empty").is_visible()
    page.reload()
    assert page.locator("#starred li").count() == 2
    assert page.context.cookies() == []


@pytest.mark.parametrize(
    "kept", ["{", "null", '"text"', "[1, null, {}]", '[{"pmid": "1", "title": "<img src=x onerror=alert(1)>"}]']
)
def test_what_is_no_list_of_ours_is_as_if_nothing_were_kept(page: Any, site: str, kept: str) -> None:
    page.goto(f"{site}/help")
    page.evaluate("kept => localStorage.setItem('ho-tracker / starred', kept)", kept)
    page.goto(f"{site}/kept")
    assert page.locator("#starred .empty").is_visible()
    assert page.locator("#starred li").count() == 0


def test_a_kept_title_is_text_and_no_markup(page: Any, site: str) -> None:
    page.goto(f"{site}/help")
    entry = '[{"pmid": 5, "title": "<img src=x onerror=alert(1)>", "source": "<b>x</b>"}]'
    page.evaluate("kept => localStorage.setItem('ho-tracker / starred', kept)", entry)
    page.goto(f"{site}/kept")
    assert page.locator("#starred li a").inner_text() == "<img src=x onerror=alert(1)>"
    assert page.locator("#starred img").count() == 0


def test_without_script_nothing_of_it_is_there(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/articles")
    stars = page.locator(".star, .kept-count").count()
    page.goto(f"{site}/kept")
    told = page.locator("noscript").inner_text()
    lists = page.locator("#kept").is_visible()
    context.close()
    assert stars == 0
    assert "Without script nothing can be kept" in told
    assert not lists
