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


_KEPT = "name => JSON.parse(localStorage.getItem(`ho-tracker / ${name}`))"
_KEEP = "([name, kept]) => localStorage.setItem(`ho-tracker / ${name}`, JSON.stringify(kept))"


def test_so_many_are_kept_and_none_is_lost_for_another(page: Any, site: str) -> None:
    starred, seen = (
        [{"pmid": n, "title": f"Title {n}", "source": ""} for n in range(1, most + 1)] for most in (500, 50)
    )
    page.goto(f"{site}/help")
    for name, kept in (("starred", starred), ("seen", seen)):
        page.evaluate(_KEEP, [name, kept])
    for _ in range(2):
        page.goto(f"{site}/articles/{FIRST_PMID + 7}")
    star = page.locator("header .star")
    star.click()
    assert "500 are starred, no more fit" in star.inner_text()
    assert page.evaluate(_KEPT, "starred") == starred
    assert [entry["pmid"] for entry in page.evaluate(_KEPT, "seen")] == [FIRST_PMID + 7, *range(1, 50)]
    page.evaluate(_KEEP, ["starred", starred[1:]])
    star.click()
    assert [entry["pmid"] for entry in page.evaluate(_KEPT, "starred")] == [FIRST_PMID + 7, *range(2, 501)]


def test_what_is_retracted_is_kept_as_that_and_a_star_is_taken_away_again(page: Any, site: str) -> None:
    page.goto(f"{site}/articles?retracted=yes")
    row = page.locator("li.row").first
    row.locator(".star").click()
    (entry,) = page.evaluate(_KEPT, "starred")
    assert entry["title"].startswith("Retracted: ")
    assert not entry["title"].casefold().startswith("retracted: retracted")
    assert entry["source"].rpartition(" ")[0] == row.locator("cite").inner_text()
    assert f" · {entry['source'].rpartition(' ')[2]} · " in row.locator(".row-source").inner_text()
    page.goto(f"{site}/articles/{entry['pmid']}")
    assert page.evaluate(_KEPT, "seen") == [entry]
    star = page.locator("header .star")
    shown = [(star.inner_text(), star.get_attribute("aria-pressed"), page.locator(".kept-count").inner_text())]
    star.click()
    shown.append((star.inner_text(), star.get_attribute("aria-pressed"), page.locator(".kept-count").inner_text()))
    assert shown == [("★ starred", "true", "★ 1"), ("☆ star", "false", "★ 0")]
    assert page.evaluate(_KEPT, "starred") == []


def test_two_sites_of_one_host_keep_apart(page: Any, site: str) -> None:
    def below(route: Any) -> None:
        answer = route.fetch()
        told = answer.text().replace('class="brand" href="/"', 'class="brand" href="/bone/"')
        route.fulfill(response=answer, body=told)

    page.route(f"{site}/articles", below)
    page.goto(f"{site}/articles")
    page.locator(".row .star").first.click()
    assert page.evaluate("Object.keys(localStorage).sort()") == ["ho-tracker /bone/ seen", "ho-tracker /bone/ starred"]
    assert page.locator(".kept-count").get_attribute("href") == "/bone/kept"


def test_each_list_opens_and_is_exported_whole_and_is_forgotten_alone(page: Any, site: str) -> None:
    page.goto(f"{site}/help")
    kept = {"starred": [7, 5, 6], "seen": [9, 8]}
    files = ["/export/ris", "/export/bibtex", "/export/vancouver", "/export/csv"]
    for name, pmids in kept.items():
        page.evaluate(_KEEP, [name, [{"pmid": pmid, "title": f"Title {pmid}"} for pmid in pmids]])
    page.goto(f"{site}/kept")
    for name, pmids in kept.items():
        links = page.locator(f"#{name} .kept-tools a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        assert [urlsplit(link).path for link in links] == ["/articles", *(files if name == "starred" else [])]
        for link in links:
            asked = {"pmids": [",".join(map(str, pmids))], "topic": ["all"], "vanished": ["yes"]}
            assert parse_qs(urlsplit(link).query) == asked
        shown = page.locator(f"#{name} li a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        assert shown == [f"/articles/{pmid}" for pmid in pmids]
        assert page.locator(f"#{name} li a").all_inner_texts() == [f"Title {pmid}" for pmid in pmids]
    page.locator("#starred li button").nth(1).click()
    assert [entry["pmid"] for entry in page.evaluate(_KEPT, "starred")] == [7, 6]
    page.locator("button[data-forget=starred]").click()
    assert page.evaluate(_KEPT, "starred") == []
    assert [entry["pmid"] for entry in page.evaluate(_KEPT, "seen")] == [9, 8]
    assert not page.locator("#starred .kept-tools").is_visible()
    assert page.locator("#seen .kept-tools").is_visible()


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
