"""What readers once were told wrongly, or not at all, and are told now."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlite_utils import Database

from tests.support.generate_articles import FIRST_PMID, make_evidence
from tests.support.sites import asking

API = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.mark.parametrize("address", ["/", "/matrix", "/matrix?view=risks", "/overview", "/interventions", "/methods"])
def test_nothing_found_is_not_called_no_study_or_a_gap(ask: Any, address: str) -> None:
    text = re.sub(r"<[^>]*>", " ", ask(address).text)
    told = re.sub(r"not (?:mean )?that there is no study", "", text)
    assert not re.search(r"\bno stud(?:y|ies)\b|\bgaps?\b", told, re.IGNORECASE)


def test_a_box_for_values_knows_every_name(tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    make_evidence(path, 40)
    with Database(path).conn as conn:
        conn.execute("UPDATE concepts SET synonyms = '[\"Celebrex\"]' WHERE id = 'intervention:celecoxib'")
    for ask in asking(path):
        page = ask("/articles/values/intervention?find=celebrex").text
        assert re.findall(r'<li data-id="([^"]+)"', page)[-1:] == ["intervention:celecoxib"]
        rows = ask("/suggest.json?q=celebrex").json()["rows"]
        assert [row["id"] for row in rows] == ["intervention:celecoxib"]


def test_a_tag_leads_to_its_first_place_in_the_text(ask: Any) -> None:
    page = ask(f"/articles/{FIRST_PMID}").text
    places = re.findall(r'class="times" href="#([^"]+)"', page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert places
    assert all(ids.count(place) == 1 for place in places)


def test_every_landmark_of_a_cell_is_a_text_and_no_title(ask: Any) -> None:
    cells = re.findall(r"<td><a href=.*?</td>", ask("/matrix").text, re.DOTALL)
    assert cells
    for cell in cells:
        assert "title=" not in cell
        if "<b>" in cell and "cell-class" in cell:
            assert re.search(r'class="vh">[^<]*(?:against|comparator not read|another dose)', cell)


def test_a_page_without_a_twin_says_so_and_names_no_database(ask: Any) -> None:
    for address in ("/new.json", "/runs/1.json", "/plots.json", "/plots/time.json", "/articles/values/journal.json"):
        answer = ask(address)
        assert answer.status_code == 404
        assert "nothing for programs at this address" in answer.json()["error"]


def test_every_address_of_the_api_that_needs_no_sample_is_there(ask: Any) -> None:
    named = re.findall(r"curl 'http://127\.0\.0\.1:8001(/[^']+)'", API.read_text(encoding="utf-8"))
    assert len(named) > 15
    for address in named:
        path = re.sub(r"\?.*", "", address)
        if not re.search(r"900000|NCT|indomethacin|male-sex|/searches/|/pool", path):
            assert ask(path).status_code == 200, path


def test_what_is_closed_is_said_on_a_page_of_ours_and_as_json(ask: Any) -> None:
    page = ask("/evidence?sql=select+1")
    assert page.status_code == 403
    assert "This is not open to visitors" in page.text
    assert 'class="foot"' in page.text
    refused = ask(f"/evidence/{quote('_sqlite_migrations')}.json")
    assert refused.status_code == 403
    assert json.loads(unescape(refused.text))["title"] == "This is not open to visitors"


def test_a_page_says_where_a_retraction_stands_that_the_title_alone_tells(tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    make_evidence(path, 40)
    with Database(path).conn as conn:
        conn.execute("UPDATE articles SET retracted = 1, title = 'WITHDRAWN: ' || title WHERE pmid = ?", [FIRST_PMID])
        conn.execute("DELETE FROM notices WHERE pmid = ?", [FIRST_PMID])
    for ask in asking(path):
        page = ask(f"/articles/{FIRST_PMID}").text
        band = re.sub(r"<[^>]*>", "", page.split('<div class="band retracted"')[1].split("</div>")[0])
        assert "retracted. Its title says that it was withdrawn" in band
