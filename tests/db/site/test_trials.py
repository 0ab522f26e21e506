"""The pages of trials, and what other services say on the other pages: facets equal to a brute-force answer."""

import html
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from db.enriched import CitationRecord, FullTextAnswer, NoticeClaim, Trial, TrialReference
from db.model import Notice
from db.publish.publish import publish
from db.store.services.citations import join_citations, mark_citing_retracted, save_citations
from db.store.services.full_text import choose_links, save_full_text
from db.store.services.preprints import save_preprints
from db.store.services.said_notices import place_notices, save_claims
from db.store.services.trials import save_trials, tag_trials, tie_trials
from db.store.store import Store, open_store
from db.store.tags import save_concepts
from harvest.enrich.preprints import read_preprint
from tests.support.empties import empties
from tests.support.sites import Ask, asking
from tests.support.stores import AT, CONCEPTS, article, run, save

PREPRINT = 800_000_005
_TITLE = "{http://www.w3.org/2005/Atom}title"
STATUSES = ("RECRUITING", "COMPLETED", "TERMINATED", None)
COUNTRIES = ("Finland", "Spain", "Japan")


def made_trials() -> list[Trial]:
    chance = random.Random(5)
    old, new = "2020-01", (date.today() - timedelta(days=30)).isoformat()
    return [
        Trial(
            f"NCT{number:08d}",
            chance.choice(["about HO", "measures HO"]),
            f"Trial <{number}> of ossification",
            status=chance.choice(STATUSES),
            phase=chance.choice(["PHASE2", "NA", None]),
            countries=tuple(sorted(chance.sample(COUNTRIES, chance.randrange(3)))),
            interventions=tuple(chance.sample(["Drug: Indomethacin", "Drug: Other"], chance.randrange(3))),
            start_date=chance.choice(["2019-05", "2021", None]),
            completion_date=chance.choice([old, new]),
            has_results=chance.random() < 0.2,
            references=(TrialReference(1, "RESULT"),) if number % 7 == 0 else (),
        )
        for number in range(1, 60)
    ] + [FULL, BARE]


#: A trial of which everything is known, and one of which nothing is.
FULL = Trial(
    "NCT00000060", "measures HO", "Knees after trauma", status="TERMINATED", official_title="A trial of knees",
    phase="PHASE2/PHASE3", enrollment=1240, enrollment_type="ESTIMATED", sponsor="Sponsor & Sons", summary="What it is",
    start_date="2021-03", primary_completion_date="2022-04", completion_date="2022-05", first_posted="2020-12-01",
    results_posted="2023-06-07", last_update="2023-08-09", has_results=True, why_stopped="Slow <recruitment>",
    conditions=("Fracture",), interventions=("Drug: Indomethacin",), primary_outcomes=("Pain at rest",),
    outcomes=("Union", "Pain at rest"), countries=("Spain",), other_ids=("EU-1", "EU-2"), data_date="2023-09-10",
    references=(TrialReference(1, "RESULT"), TrialReference(9, "DERIVED")),
)  # fmt: skip
BARE = Trial("NCT00000061", "about HO", "Bare", official_title="Bare")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("trials")
    with open_store(folder / "ho.db") as store:
        fill(store)
    publish(folder / "ho.db", folder / "evidence.db")
    yield from asking(folder / "evidence.db")


def fill(store: Store) -> None:
    with store.atomic():
        save_concepts(store, CONCEPTS)
    save(
        store,
        article(1),
        article(2, title="Second"),
        article(3, title="Third", notices=(Notice("RetractionIn", 9, None, None),)),
    )
    with store.atomic():
        number = run(store)
        save_trials(store, number, made_trials(), AT)
        tie_trials(store)
        tag_trials(store, "v1", lambda text: ["indomethacin"] if "Indomethacin" in text else [])
        save_citations(store, [CitationRecord(1, 3, 1.5, 70.0, references=(3,)), CitationRecord(2, 40)], AT)
        join_citations(store)
        save_full_text(store, [FullTextAnswer(2, "europe pmc", "https://journal.example.org/2", "cc by")], AT)
        choose_links(store, "2026-01-01")
        claim = NoticeClaim(
            2, "retraction watch", "5", "RetractionIn", "2026-01-01", "Retraction Watch record 5", None, "Data"
        )
        save_claims(store, "retraction watch", [claim], AT, None)
        place_notices(store, number, AT)
        mark_citing_retracted(store, number, AT)
        entry = {"id": "PPR5", "source": "PPR", "title": "Early heterotopic ossification", "doi": "10.5555/p",
                 "bookOrReportDetails": {"publisher": "medRxiv"}}  # fmt: skip
        preprint = read_preprint(entry)
        assert preprint is not None
        save_preprints(store, number, [preprint], AT)


def listed(site: Ask, **params: str) -> tuple[set[str], dict[str, dict[str, int]]]:
    answer = site("/trials.json", params=params).json()
    facets = {name: {value["value"]: value["count"] for value in values} for name, values in answer["facets"].items()}
    return {row["nct_id"] for row in answer["rows"]}, facets


def test_lists_and_facets_equal_a_brute_force_answer(site: Ask) -> None:
    trials = made_trials()
    values = {
        "status": lambda t: {t.status or "not stated"},
        "phase": lambda t: {t.phase or "not stated"},
        "kind": lambda t: {t.kind},
        "country": lambda t: set(t.countries) or {"not stated"},
        "started": lambda t: {t.start_date[:4] if t.start_date else "not stated"},
        "intervention": lambda t: (
            {"indomethacin", "nonselective-nsaids", "nsaids"} if "Drug: Indomethacin" in t.interventions else set()
        ),
    }
    chance = random.Random(1)
    for _ in range(25):
        chosen = {}
        for facet in chance.sample(sorted(values), chance.randrange(3)):
            known = sorted({value for t in trials for value in values[facet](t)})
            chosen[facet] = chance.choice(known)

        def fits(t: Trial, without: str = "", chosen: dict[str, str] = chosen) -> bool:
            return all(name == without or value in values[name](t) for name, value in chosen.items())

        rows, facets = listed(site, **chosen)
        assert rows == {t.nct_id for t in trials if fits(t)}
        for facet, of in values.items():
            expected: dict[str, int] = {}
            for t in trials:
                for value in of(t) if fits(t, facet) else ():
                    expected[value] = expected.get(value, 0) + 1
            found = {value: count for value, count in facets[facet].items() if count}
            assert found == expected, facet


def test_without_publication_on_the_page(site: Ask) -> None:
    rows, _ = listed(site, unpublished="yes")
    silent = {
        t.nct_id
        for t in made_trials()
        if t.status == "COMPLETED" and t.completion_date == "2020-01" and not t.has_results and not t.references
    }
    assert rows == silent
    assert f"{len(silent)} completed more than 24 months ago" in site("/trials").text


def test_pages_escape_and_link(site: Ask) -> None:
    page = site("/trials")
    assert page.status_code == 200
    assert "Trial &lt;1&gt;" in page.text
    one = site("/trials/nct00000007")
    assert one.status_code == 200
    assert "named by the sponsor as its result" in one.text
    assert "/articles/1" in one.text
    assert site("/trials/NCT99999999").status_code == 404
    assert site("/trials", params={"colour": "red"}).status_code == 400
    assert site("/trials/NCT00000007.json").json()["trial"]["nct_id"] == "NCT00000007"


def shown(text: str) -> str:
    """The words of a stretch of a page."""
    return " ".join(html.unescape(re.sub("<[^>]*>", "", text)).split())


def test_all_that_is_known_of_a_trial_stands_on_its_page_and_nothing_else(site: Ask) -> None:
    page = site("/trials/NCT00000060").text.partition("<article>")[2]
    assert shown(page.partition('class="facts">')[2].partition("</p>")[0]) == (
        "Terminated: Slow <recruitment> · phase 2/3 · n 1 240 planned · Sponsor & Sons"
    )
    assert shown(page.partition("<h1>")[2].partition("</p>")[0]) == "Knees after trauma A trial of knees"
    links = page.partition('<ul class="links">')[2].partition("</ul>")[0]
    assert "https://clinicaltrials.gov/study/NCT00000060" in links
    assert shown(links.replace("</li>", " ")) == "NCT00000060 in ClinicalTrials.gov EU-1 EU-2"
    assert re.findall(r'<tr><th scope="row">([^<]+)</th><td>([^<]*)</td></tr>', page) == [
        ("Conditions", "Fracture"), ("Interventions", "Drug: Indomethacin"), ("Primary outcomes", "Pain at rest"),
        ("All outcomes", "Union; Pain at rest"), ("Countries", "Spain"), ("Start", "2021-03"),
        ("Primary completion", "2022-04"), ("Completion", "2022-05"), ("First posted", "2020-12-01"),
        ("Results posted", "2023-06-07"), ("Last update", "2023-08-09"),
    ]  # fmt: skip
    assert "<p>What it is</p>" in page
    assert '<a class="chip k-intervention" href="/concepts/indomethacin"' in page
    assert "data of 10 September 2023. Trials are tagged by machine." in page
    bare = site("/trials/NCT00000061").text.partition("<article>")[2]
    assert shown(bare.partition('class="facts">')[2].partition("</p>")[0]) == "Status not stated · phase not stated"
    assert shown(bare.partition("<h1>")[2].partition("<p")[0]) == "Bare"
    assert "<tr>" not in bare
    assert "No article is tied to this trial." in bare
    assert "data of" not in bare


def test_no_page_of_trials_leaves_anything_empty(site: Ask) -> None:
    for address in ("/trials", "/trials?status=RECRUITING", "/trials/NCT00000060", "/trials/NCT00000061", "/overlap"):
        assert empties(site(address).text) == [], address


def test_a_row_of_the_list_of_trials_says_what_its_page_says(site: Ask) -> None:
    rows = {
        row.partition('href="/trials/')[2][:11]: [shown(line) for line in re.findall("<p.*?</p>", row, re.DOTALL)]
        for row in site("/trials").text.split('<li class="row">')[1:]
    }
    assert rows["NCT00000060"] == [
        "NCT00000060 · Sponsor & Sons · Spain",
        "terminated · n 1 240 planned · since 2021-03 · until 2022-05 · results posted · 2 articles · only measures HO",
        "Drug: Indomethacin",
        "Stopped: Slow <recruitment>",
    ]
    assert rows["NCT00000061"][:2] == ["NCT00000061", "status not stated"]


def test_each_tie_of_an_article_says_where_it_comes_from(tmp_path: Path) -> None:
    with open_store(tmp_path / "ho.db") as store:
        fill(store)
        trial, ties = "NCT00000008", [(1, "databank", None), (1, "text", None), (2, "registry", "DERIVED"),
                                      (3, "registry", "RESULT"), (4, "registry", "BACKGROUND")]  # fmt: skip
        with store.atomic():
            store.db.conn.executemany("INSERT INTO trial_articles (nct_id, pmid, source, kind) VALUES (?, ?, ?, ?)",
                                      [(trial, *tie) for tie in ties])  # fmt: skip
            store.db.execute("UPDATE trials SET vanished = 1, kind = 'measures HO' WHERE nct_id = ?", [trial])
    publish(tmp_path / "ho.db", tmp_path / "evidence.db")
    for site in asking(tmp_path / "evidence.db"):
        text = site(f"/trials/{trial}").text
        lines = re.findall(r'<li>(<a href="[^"]*/\d+/?">.*?) <span class="hint">([^<]*)</span></li>', text)
        said = {int(re.search(r"/(\d+)/?\"", link)[1]): (html.unescape(words), "not held here" in link)  # type: ignore[index]
                for link, words in lines}  # fmt: skip
        assert said == {
            1: ("the article’s databank list; its number stands in the text", False),
            2: ("found by the registry to name the trial", False),
            3: ("named by the sponsor as its result", False),
            4: ("background, named in the trial’s entry", True),
        }
        assert "The registry no longer lists this trial" in text
        assert "This trial is about something else" in text
        other = site("/trials/NCT00000009").text
        assert "The registry no longer lists" not in other


def test_the_feed_of_trials_is_atom(site: Ask) -> None:
    answer = site("/trials.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    titles = [title.text for title in ElementTree.fromstring(answer.text).iter(_TITLE)]  # noqa: S314 - our own
    assert len(titles) == 62
    assert any((title or "").endswith("Trial <7> of ossification") for title in titles)


def test_a_filter_of_trials_can_be_followed(site: Ask) -> None:
    asked = {"status": "RECRUITING", "country": "Finland"}
    wanted = {t.nct_id for t in made_trials() if t.status == "RECRUITING" and "Finland" in t.countries}
    assert wanted
    assert 'href="/trials.atom?country=Finland&amp;status=RECRUITING"' in site("/trials", params=asked).text
    feed = ElementTree.fromstring(site("/trials.atom", params=asked).text)  # noqa: S314 - our own
    places = [link.get("href") or "" for link in feed.iter("{http://www.w3.org/2005/Atom}link")]
    assert {place.rsplit("/", 1)[1] for place in places if "/trials/NCT" in place} == wanted
    assert "Finland" in (next(feed.iter(_TITLE)).text or "")
    assert site("/trials.atom", params={"colour": "red"}).status_code == 400


def test_reviews_have_a_page(site: Ask) -> None:
    assert site("/overlap").status_code == 200
    assert site("/overlap.json").json()["reviews"] == {}
    assert site("/overlap", params={"colour": "red"}).status_code == 400


def test_a_concept_shows_its_trials_under_way(site: Ask) -> None:
    under_way = [t for t in made_trials() if t.status == "RECRUITING" and "Drug: Indomethacin" in t.interventions]
    text = site("/concepts/nsaids").text
    assert under_way
    assert "Trials under way" in text
    assert f"/trials/{under_way[-1].nct_id}" in text
    assert "Trials under way" not in site("/concepts/ho").text


def test_an_article_says_what_others_know(site: Ask) -> None:
    first, second = site("/articles/1").text, site("/articles/2").text
    assert "Cited 3 times; relative citation ratio 1.5, percentile 70 <span" in first
    assert "Cites an article that has been retracted" in first
    assert "NCT00000007" in first
    assert "https://journal.example.org/2" in second
    assert "by Europe PMC, cc by</span>" in second
    assert "This article has been retracted" in second
    assert "Retraction Watch record 5" in second
    assert "reasons: Data" in second


def test_lists_filter_by_what_others_know_and_sort_by_citations(site: Ask) -> None:
    def count(**params: str) -> int:
        text = site("/articles", params={"topic": "all", **params}).text
        return sum(f'href="/articles/{pmid}"' in text for pmid in (1, 2, 3, PREPRINT))

    assert [count(free_text="yes"), count(cites_retracted="yes"), count(preprint="yes"), count(trial="yes")] == [1] * 4
    assert (count(), count(preprint="no"), count(free_text="no")) == (4, 3, 3)
    text = site("/articles", params={"topic": "all", "sort": "citations"}).text
    assert text.index('href="/articles/2"') < text.index('href="/articles/1"') < text.index('href="/articles/3"')


def test_a_preprint_is_marked_and_leads_to_its_own_record(site: Ask) -> None:
    page = site(f"/articles/{PREPRINT}").text
    assert "This is a preprint" in page
    assert "https://europepmc.org/article/PPR/PPR5" in page
    assert "pubmed.ncbi.nlm.nih.gov/800000005" not in page
    assert site("/articles", params={"topic": "all"}).text.count("preprint, not peer reviewed") == 1
    assert "This is a preprint" not in site("/articles/1").text
    ris = site("/export/ris", params={"topic": "all"}).text
    assert "TY  - UNPB" in ris
    assert ris.count("L1  - https://journal.example.org/2") == 1
    for form in ("ris", "csljson", "bibtex"):
        written = site(f"/export/{form}", params={"topic": "all", "pmids": str(PREPRINT)}).text
        assert "europepmc.org/article/PPR/PPR5" in written, form


def test_an_answer_names_the_trials_under_way_on_what_was_asked(site: Ask) -> None:
    page = site("/answer?q=indomethacin+HO").text
    recruiting = [trial for trial in made_trials() if trial.status == "RECRUITING" and trial.interventions]
    named = [trial for trial in recruiting if "Drug: Indomethacin" in trial.interventions]
    assert ("Trials under way on" in page) == bool(named)
    assert named
    assert "Trials under way" not in site("/answer?q=radiotherapy+HO").text


def test_facets_of_trials_toggle_and_the_rest_stays(site: Ask) -> None:
    text = site("/trials", params={"country": "Finland", "unpublished": "no"}).text
    links = {
        html.unescape(href) for href in re.findall(r'<li class="value"><a href="([^"#]+)#facet', text)
    }  # fmt: skip
    assert "/trials?country=Finland&status=RECRUITING" in links
    assert "/trials?country=Finland&country=Spain" in links
    assert re.findall(r'<li class="value on"><a href="([^"#]+)#facet', text) == ["/trials"]
    silent = re.search(r'<a href="([^"]+)">(\d+) completed more than 24 months ago', text)
    assert silent is not None
    assert html.unescape(silent[1]) == "/trials?country=Finland&unpublished=yes"
    rows, _ = listed(site, country="Finland", unpublished="yes")
    assert int(silent[2]) == len(rows)
    told = site("/trials", params={"country": "Finland", "unpublished": "yes"}).text
    assert 'href="/trials?country=Finland">All trials' in told
    assert told.count("Trial &lt;") >= len(rows)
