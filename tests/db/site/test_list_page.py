"""The page of a list: what takes a filter away, turns the page, sorts, and says how words were read."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from db.select.filter import ArticleFilter
from db.site.routes.lists.articles import PAGE_SIZE


def hrefs(text: str, pattern: str) -> list[str]:
    return [unescape(href) for href in re.findall(pattern, text, re.DOTALL)]


def test_every_piece_of_a_filter_can_be_taken_away_and_the_order_stays(ask: Any) -> None:
    query = "q=report&intervention=intervention%3Ansaids&not_site=site%3Ahip&year=1990-2020"
    text = ask(f"/articles?{query}&sort=oldest").text
    chips = hrefs(text, r'<a class="chip removable[^"]*" href="([^"]+)"')
    pairs = query.split("&")
    assert chips == [f"/articles?{'&'.join(p for p in pairs if p != pair)}&sort=oldest" for pair in pairs]
    assert '<a href="/articles">Remove all</a>' in text
    assert "4 on</span>" in text
    one = ask("/articles?year=1990-2020").text
    assert hrefs(one, r'<a class="chip removable[^"]*" href="([^"]+)"') == ["/articles"]
    assert "Remove all" not in one


@pytest.mark.parametrize(
    ("query", "order"),
    [("sort=oldest", "sort=oldest"), ("year=1990-&sort=newest", ""), ("q=report&sort=newest", "sort=newest"),
     ("q=report&sort=relevance", "")],
)  # fmt: skip
def test_pages_lead_to_their_neighbours_and_keep_the_order(ask: Any, query: str, order: str) -> None:
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("sort="))
    total = ask(f"/articles.json?{kept}").json()["filtered_table_rows_count"]
    last = -(-total // PAGE_SIZE)
    assert last > 3

    def address(number: int) -> str:
        parts = [kept, order, f"page={number}" if number > 1 else ""]
        asked = "&".join(filter(None, parts))
        return f"/articles{'?' if asked else ''}{asked}"

    for number in (1, 2, 3, last):
        text = ask(f"/articles?{query}&page={number}").text
        back = hrefs(text, r'<a href="([^"]+)" rel="prev">')
        on = hrefs(text, r'<a href="([^"]+)" rel="next">')
        assert back == ([address(number - 1)] if number > 1 else [])
        assert on == ([address(number + 1)] if number < last else [])
        assert hrefs(text, r'<link rel="prev" href="([^"]+)">') == back
        assert hrefs(text, r'<link rel="next" href="([^"]+)">') == on
        assert f'start="{(number - 1) * PAGE_SIZE + 1}"' in text
        assert text.count('<li class="row') == min(PAGE_SIZE, total - (number - 1) * PAGE_SIZE)
    beyond = ask(f"/articles?{query}&page={last + 1}")
    assert beyond.status_code == 404
    assert hrefs(beyond.text, r'<a href="([^"]+)">Go to the last one') == [address(last)]
    assert 'rel="prev"' not in beyond.text
    assert 'rel="next"' not in beyond.text


def test_a_list_is_sorted_by_relevance_only_where_words_are_sought(ask: Any) -> None:
    for query, default, others in (("", "newest", 5), ("q=report", "relevance", 6), ("q=-report", "newest", 5)):
        text = ask(f"/articles?{query}").text
        line = re.search(r'<p class="sorts">(.*?)</p>', text, re.DOTALL)
        assert line is not None
        names = {"newest": "newest first", "relevance": "relevance"}
        assert f'<strong aria-current="true">{names[default]}</strong>' in line[1]
        assert ("relevance" in line[1]) == (default == "relevance")
        links = hrefs(line[1], 'href="([^"]+)"')
        assert len(links) == others
        assert all("sort=" in link for link in links)
        sorted_so = ask(links[-1]).text
        assert f"/articles{'?' if query else ''}{query}" in hrefs(
            sorted_so, r'<a href="(/articles[^"]*)">(?:newest|rel)'
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!!!", "Searched for: nothing: the text holds no word to look for"),
        ("report -mouse", "Searched for: report NOT mouse"),
        ("report OR mouse", "Searched for: (report OR mouse)"),
        ("report mouse2", None), ("report", None),
        ("does celecoxib reduce pain", "Left out, since they ask rather than name: does, reduce"),
        ("reprot2 foo:x", "There is no field foo"),
    ],
)  # fmt: skip
def test_how_words_were_read_is_said_where_it_is_not_plain(ask: Any, text: str, said: str | None) -> None:
    page = unescape(ask("/articles", params={"q": text}).text)
    if said is None:
        assert "Searched for:" not in page
    else:
        assert said in page


def test_words_read_as_a_concept_can_be_searched_alone(ask: Any) -> None:
    text = ask("/articles", params={"q": "report NSAIDS elbow -celecoxib"}).text
    read = re.findall(r'“([^”]+)” is read as <a class="chip [^"]+" href="/concepts/([^"]+)">', text)
    assert read == [
        ("NSAIDS", "intervention%3Ansaids"), ("elbow", "site%3Aelbow"), ("celecoxib", "intervention%3Acelecoxib"),
    ]  # fmt: skip
    alone = hrefs(text, r'<a href="([^"]+)">Search the words alone')
    assert ArticleFilter.from_query([("q", 'report "NSAIDS" elbow -celecoxib')]).query_string() in alone[0]
    assert ArticleFilter.from_query([("q", 'report NSAIDS "elbow" -celecoxib')]).query_string() in alone[1]
    page = ask(alone[0]).text
    assert "“NSAIDS” is read as" not in page
    assert "“elbow” is read as" in page


def test_sought_words_are_lit_and_others_are_not(ask: Any) -> None:
    lit = set(re.findall(r'<mark class="hit">([^<]+)</mark>', ask("/articles?q=report+-zzz").text))
    assert {word.casefold() for word in lit} == {"report"}
    assert '<mark class="hit">' not in ask("/articles?q=-report").text


def test_a_list_offers_itself_in_every_format_and_as_a_feed(ask: Any) -> None:
    query = "intervention=intervention%3Ansaids&year=1990-2020"
    text = unescape(ask(f"/articles?{query}&sort=oldest&page=1").text)
    for address in (f"/export/ris?{query}", f"/export/apa?{query}", f"/feed.atom?{query}"):
        assert f'href="{address}"' in text
    plain = unescape(ask("/articles").text)
    assert 'href="/export/ris"' in plain
    assert 'href="/feed.atom"' in plain


def test_nothing_found_says_what_to_take_away(ask: Any) -> None:
    text = unescape(ask("/articles?year=1801&species=human").text)
    assert "No article matches all of this" in text
    loose = re.findall(r'<li><a href="([^"]+)">without ([^<]+)</a>', text)
    assert loose == [("/articles?year=1801", "species: human"), ("/articles?species=human", "year: 1801")]


def test_all_values_of_a_facet_are_there_and_one_can_be_looked_for(ask: Any) -> None:
    counts = ask("/articles.json?_facets=on&year=1990-2020").json()["facet_results"]
    for facet in ("journal", "intervention"):
        text = ask(f"/articles/values/{facet}?year=1990-2020").text
        assert set(hrefs(text, r'<li data-id="([^"]+)"')) >= set(counts[facet])
        assert 'href="/articles?year=1990-2020">‹ Back to the list' in text
        name = max(counts[facet], key=lambda value: (counts[facet][value], value))
        part = name.split(":")[-1][:5].upper()
        found = ask(f"/articles/values/{facet}", params={"year": "1990-2020", "find": part}).text
        assert name in hrefs(found, r'<li data-id="([^"]+)"')
        assert all(part.casefold() in value.casefold() for value in hrefs(found, r'<li data-id="([^"]+)"'))
        assert "No value with this text" in ask(f"/articles/values/{facet}?find=zzzzz").text


def test_the_row_of_a_list_has_the_facts_of_its_article(ask: Any) -> None:
    told = {row["pmid"]: row for row in ask("/articles.json?_size=25").json()["rows"]}
    rows = re.findall(r'<li class="row[^"]*" data-pmid="(\d+)">(.*?)</li>', ask("/articles").text, re.DOTALL)
    assert [int(pmid) for pmid, _ in rows] == list(told)
    for pmid, html in rows:
        row = told[int(pmid)]
        facts = unescape(re.sub("<[^>]+>", "", re.search(r'class="row-facts">(.*?)</p>', html, re.DOTALL)[1]))  # type: ignore[index]
        said = [part.strip().replace("\u202f", "") for part in facts.split(" · ")]
        assert said[0] == (row["study_design"] or "design not stated")
        assert (f"n {row['sample_size']}" in said) == (row["sample_size"] is not None)
        assert (row["species"] in said) == (row["species"] != "human")
        assert (f"level {row['evidence_level']}" in said) == (row["evidence_level"] is not None)
        chips = hrefs(html, r'<a class="chip [^"]*" href="/concepts/([^"]+)"')
        tags = [tag["id"].replace(":", "%3A") for tag in row["tags"] if tag["kind"] in
                ("intervention", "risk factor", "outcome")]  # fmt: skip
        assert chips == tags[:3]
        assert (f"+ {len(tags) - 3}</span>" in html) == (len(tags) > 3)
        finding = row["strongest_finding"]
        assert ("row-finding" in html) == (finding is not None)
        if finding:
            line = unescape(re.sub("<[^>]+>", "", html[html.index('class="row-finding"') :]))
            risk = finding["kind"] == "risk"
            assert ("as a risk factor" in line) == risk
            assert (" on " in line.partition("(")[0]) != risk
            assert f"({'▲' if finding['direction'] == 'increases' else ''}" in line
            assert finding["direction"] in line
            assert finding["sentence"][:60] in line
            if finding["comparator_text"]:
                assert f"v {finding['comparator_text']}" in line


@pytest.mark.parametrize(
    ("query", "told", "plot"),
    [
        ("", None, "plots/risk/all"),
        ("year=2000-", None, "plots/risk/all?year=2000-"),
        ("intervention=intervention:nsaids", "concepts/intervention%3Ansaids",
         "plots/effect?intervention=intervention%3Ansaids"),
        ("outcome=outcome:pain&year=2000-", "concepts/outcome%3Apain?year=2000-",
         "plots/effect?year=2000-&outcome=outcome%3Apain"),
        ("intervention=intervention:nsaids&outcome=outcome:pain",
         "concepts/intervention%3Ansaids?outcome=outcome%3Apain",
         "plots/effect?intervention=intervention%3Ansaids&outcome=outcome%3Apain"),
        ("risk_factor=risk-factor:male-sex&species=human", "concepts/risk-factor%3Amale-sex?species=human",
         "plots/risk/risk-factor%3Amale-sex?species=human"),
        ("site=site:hip", None, "plots/risk/all?site=site%3Ahip"),
        ("q=celecoxib&year=2000-", "answer?q=celecoxib", "plots/risk/all?q=celecoxib&year=2000-"),
        ("finding_of=intervention:nsaids&intervention=intervention:nsaids", "concepts/intervention%3Ansaids",
         "plots/effect?finding_of=intervention%3Ansaids&intervention=intervention%3Ansaids"),
    ],
)  # fmt: skip
def test_the_tabs_show_the_same_selection_another_way(ask: Any, query: str, told: str | None, plot: str) -> None:
    text = ask(f"/articles?{query}").text
    nav = re.search(r'<nav class="tabs".*?</nav>', text, re.DOTALL)
    assert nav is not None
    tabs = {words: unescape(href) for href, words in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', nav[0])}
    own = ArticleFilter.from_query(parse_qsl(query)).query_string()
    asked = f"?{own}" if own else ""
    wanted = {"List": f"/articles{asked}", "Matrix": f"/matrix{asked}", "Timeline": f"/plots/time{asked}"}
    wanted |= {"Plot": f"/{plot}"} | ({"Evidence": f"/{told}"} if told else {})
    assert tabs == wanted
    assert re.findall(r'aria-current="page">([^<]+)<', nav[0]) == ["List"]


def test_choices_of_a_facet_are_joined_by_or_until_all_are_required(ask: Any) -> None:
    two = "intervention=intervention%3Acelecoxib&intervention=intervention%3Ansaids"
    text = ask(f"/articles?{two}").text
    every = hrefs(text, r'<strong>any</strong> · <a href="([^"#]+)')
    required = two.replace("intervention=", "all_intervention=")
    assert every == [f"/articles?{required}"]
    assert hrefs(ask(every[0]).text, r'<a href="([^"#]+)[^"]*" rel="nofollow">any</a> · <strong>all') == [
        f"/articles?{two}"
    ]
    assert (
        "<strong>any</strong>"
        not in ask("/articles?intervention=intervention:nsaids&species=human&species=animal").text
    )
    chosen = re.findall(r'<li class="value[^"]* on state-(\w+)"><a href="([^"#]+)', text)
    assert [state for state, _ in chosen] == ["any", "any"]
    assert {unescape(href) for _, href in chosen} == {f"/articles?{part}" for part in two.split("&")}
    excluded = hrefs(text, r'<a class="exclude" href="([^"#]+)[^"]*" rel="nofollow" aria-label="Exclude NSAIDs')
    assert excluded == ["/articles?intervention=intervention%3Acelecoxib&not_intervention=intervention%3Ansaids"]
    gone = ask(excluded[0]).text
    assert "state-not" in gone
    assert 'NSAIDs<span class="vh"> (excluded)</span>' in gone


def test_no_link_asks_for_a_value_and_excludes_it(ask: Any) -> None:
    two = "all_intervention=intervention%3Ansaids&all_intervention=intervention%3Aradiotherapy"
    for query in (two, "intervention=intervention%3Ansaids&not_intervention=intervention%3Aradiotherapy"):
        page = ask(f"/articles?{query}&topic=all").text
        asked = [parse_qs(urlsplit(unescape(href)).query) for href in re.findall(r'href="(/articles\?[^"]+)"', page)]
        excluding = [one for one in asked if "intervention:nsaids" in one.get("not_intervention", ())]
        assert excluding
        for one in asked:
            chosen = {*one.get("intervention", ()), *one.get("all_intervention", ())}
            assert not chosen & {*one.get("not_intervention", ())}


def test_a_switch_leads_to_its_list_and_back(ask: Any) -> None:
    text = ask("/articles?year=2000-").text
    switches = dict(re.findall(
        r'<a href="([^"]+)#f-more"[^>]*><span class="name">([^<]+)</span> <span class="count">', text
    ))  # fmt: skip
    wanted = {
        "new in the last run": "run=last", "has an effect estimate": "estimate=yes",
        "corrected or retracted": "notice=yes",
        "retracted only": "retracted=yes", "without retracted": "retracted=no", "cites a retracted article":
        "cites_retracted=yes", "free full text": "free_text=yes", "has a registered trial": "trial=yes",
        "preprints only": "preprint=yes", "without preprints": "preprint=no", "also those not about HO": "topic=all",
    }  # fmt: skip
    assert {words: unescape(href) for href, words in switches.items()} == {
        words: f"/articles?year=2000-&{part}" for words, part in wanted.items()
    }
    for part in ("run=last", "estimate=yes", "retracted=no", "topic=all"):
        on = ask(f"/articles?year=2000-&{part}").text
        assert re.findall(r'<li class="value on"><a href="([^"#]+)#f-more"', on) == ["/articles?year=2000-"]


def test_every_form_of_a_list_keeps_the_filter_in_force(ask: Any) -> None:
    query = "q=report&intervention=intervention%3Ansaids&not_site=site%3Ahip&year=1970-2020&with_retracted=yes"
    pairs = parse_qsl(query)
    text = ask(f"/articles?{query}&sort=oldest").text
    forms = re.findall(r'<form[^>]* (class="[^"]+")[^>]*>(.*?)</form>', text, re.DOTALL)
    kept = []
    for name, inside in forms:
        hidden = [(unescape(key), unescape(value)) for key, value in re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)">', inside
        )]  # fmt: skip
        kept.append((name, hidden))
    told = dict(kept)
    assert told['class="search"'] == [pair for pair in pairs if pair[0] != "q"]
    assert told['class="years-form"'] == [pair for pair in pairs if pair[0] != "year"]
    assert told['class="jump"'] == [*pairs, ("sort", "oldest")]
    assert 'name="q" type="search" maxlength="1000" placeholder="Search articles" value="report"' in text
    assert re.search(r'name="year" [^>]*value="1970-2020"', text)
    values = ask(f"/articles/values/journal?{query}&find=bone").text
    find = re.search(r'<form [^>]*class="find">(.*?)</form>', values, re.DOTALL)
    assert find is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', find[1])
    assert [(key, unescape(value)) for key, value in hidden] == pairs
    assert 'value="bone"' in find[1]
