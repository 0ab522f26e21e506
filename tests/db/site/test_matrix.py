"""Every cell of the matrix equals a brute-force count and the list that it opens, under any filter and level."""

import csv
import re
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from db.evidence.effects.balance import Balance
from db.evidence.effects.findings_table import Tally
from db.evidence.effects.matrix import MatrixError, MatrixPage, read_matrix, together_filter
from db.evidence.index.article_index import ArticleIndex
from db.select.filter import ArticleFilter
from tests.support.evidence_oracle import EFFECTS, EvidenceOracle, Found

NSAIDS = "intervention:nsaids"


@pytest.mark.parametrize("view", ["effects", "risks"])
@pytest.mark.parametrize("seed", range(12))
def test_cells_equal_a_brute_force_count_for_random_filters(
    conn: sqlite3.Connection, index: ArticleIndex, oracle: EvidenceOracle, view: Any, seed: int
) -> None:
    asked = oracle.question(seed)
    asked.any_of.pop("aetiology", None)
    asked.all_of.pop("aetiology", None)
    matrix = read_matrix(conn, index, ArticleFilter.from_query(asked.pairs()), MatrixPage(view))
    if asked.retracted is None:
        asked.retracted = False
    inside = oracle.matching(asked)
    found = [finding for finding in oracle.found if finding.pmid in inside]
    for row, row_heading in enumerate(matrix.rows):
        for column, column_heading in enumerate(matrix.columns):
            behind = _behind(oracle, found, view, row_heading.id, column_heading.id)
            cell = matrix.cells.get((row, column))
            pmids = {finding.pmid for finding in behind}
            assert (cell.total if cell else 0) == len(pmids)
            if cell is None or cell.balance is None:
                continue
            assert dict(cell.balance.designs) == oracle.designs(pmids)
            assert told(cell.balance) == oracle.balance(behind)


def told(balance: Balance) -> dict[str | None, dict[str, Any]]:
    """A balance in the form of the oracle's."""

    def tally(of: Tally) -> dict[str, Any]:
        effects = dict(zip(EFFECTS, of.effects, strict=True))
        return {"articles": of.articles, **effects, "patients": of.patients, "sized": of.sized}

    return {
        entry.comparator_class: {"primary": tally(entry.primary), "reviews": tally(entry.reviews)}
        for entry in balance.classes
    }


def _behind(oracle: EvidenceOracle, found: list[Found], view: str, row: str, column: str) -> list[Found]:
    of_row = [finding for finding in found if row in finding.subjects]
    if view == "effects":
        return [finding for finding in of_row if column in finding.outcomes]
    return [finding for finding in of_row if column in oracle.values[finding.pmid]["aetiology"]]


@pytest.mark.parametrize("query", ["", "year=1990-2010", "study_design=cohort&aetiology=aetiology:arthroplasty"])
@pytest.mark.parametrize("view", ["effects", "risks"])
def test_the_list_behind_every_cell_has_its_number(
    conn: sqlite3.Connection, index: ArticleIndex, view: Any, query: str
) -> None:
    matrix = read_matrix(conn, index, ArticleFilter.from_query(parse_qsl(query)), MatrixPage(view))
    assert matrix.cells
    for (row, column), cell in matrix.cells.items():
        names = matrix.rows[row].id, matrix.columns[column].id
        assert _count(conn, together_filter(matrix, *names)) == cell.together
        if cell.balance is None:
            continue
        assert _count(conn, cell.balance.total.chosen) == cell.total
        for entry in cell.balance.classes:
            assert _count(conn, entry.chosen) == entry.articles
            for effect in EFFECTS:
                assert _count(conn, entry.listed(effect)) == entry.number(effect)
                assert _count(conn, entry.listed(effect, reviews=False)) == entry.primary.of(effect)
                assert _count(conn, entry.listed(effect, reviews=True)) == entry.reviews.of(effect)


def _count(conn: sqlite3.Connection, chosen: ArticleFilter) -> int:
    where, params = chosen.where()
    return int(conn.execute(f"SELECT count(*) FROM articles WHERE {where}", params).fetchone()[0])


def test_a_row_opens_into_itself_and_what_is_narrower(conn: sqlite3.Connection, index: ArticleIndex) -> None:
    matrix = read_matrix(conn, index, ArticleFilter(), MatrixPage(rows=NSAIDS))
    assert matrix.rows[0].id == NSAIDS
    assert {heading.id for heading in matrix.rows[1:]} == {
        "intervention:nonselective-nsaids",
        "intervention:cox-2-selective-nsaids",
    }
    whole = read_matrix(conn, index, ArticleFilter())
    place = [heading.id for heading in whole.rows].index(NSAIDS)
    assert matrix.rows[0].findings == whole.rows[place].findings


def test_retracted_articles_count_only_when_asked_for(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    path.write_bytes(evidence.read_bytes())
    with sqlite3.connect(path) as own:
        own.execute("UPDATE articles SET retracted = 1 WHERE pmid % 2")
        own.commit()
        index = ArticleIndex(own)
        numbers = []
        for more in (False, True):
            matrix = read_matrix(own, index, ArticleFilter(with_retracted=more))
            numbers.append(sum(cell.total for cell in matrix.cells.values()))
        assert 0 < numbers[0] < numbers[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"view": "nothing"}, "no matrix"),
        ({"rows": "intervention:nsaid"}, "did you mean"),
        ({"columns": NSAIDS}, "no outcome"),
        ({"row_page": 99}, "no page 99"),
    ],
)
def test_what_does_not_exist_is_said(
    conn: sqlite3.Connection, index: ArticleIndex, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(MatrixError, match=said):
        read_matrix(conn, index, ArticleFilter(), MatrixPage(**options))


def test_links_of_the_page_open_lists_of_their_number(ask: Any) -> None:
    text = ask("/matrix").text
    cells = re.findall(r'<td><a href="([^"]+)"><b>([\d\u202f]+)</b>', text)
    assert len(cells) > 20
    for address, number in cells[::17]:
        listed = ask(address.replace("&amp;", "&").replace("/articles?", "/articles.json?")).json()
        assert listed["filtered_table_rows_count"] == int(number.replace("\u202f", ""))


def test_filters_stay_while_walking_the_matrix(ask: Any) -> None:
    text = ask("/matrix?study_design=cohort&year=2000-").text
    for address in re.findall(r'class="open" href="([^"]+)"', text)[:5]:
        pairs = parse_qsl(urlsplit(address.replace("&amp;", "&")).query)
        assert ("study_design", "cohort") in pairs
        assert ("year", "2000-") in pairs


def test_csv_and_json_hold_what_the_page_shows(ask: Any) -> None:
    told = ask("/matrix.json?view=risks").json()
    assert told["ok"] is True
    lines = ask("/matrix.csv?view=risks").text.splitlines()
    assert len(lines) == 1 + len(told["rows"]) * len(told["columns"])  # risk factors have one class, of none
    rows = list(csv.DictReader(lines))
    assert sum(cell["articles"] for cell in told["cells"]) == sum(int(row["articles with a finding"]) for row in rows)
    effects = ask("/matrix.json").json()
    rows = list(csv.DictReader(ask("/matrix.csv").text.splitlines()))
    for effect in EFFECTS:
        of_cells = sum(entry[effect.replace(" ", "_")] for cell in effects["cells"] for entry in cell["by_comparator"])
        assert of_cells == sum(int(row[effect]) for row in rows) > 0
    assert ask("/matrix.json?view=x").status_code == 400
    assert ask("/matrix.json?view=x").json()["ok"] is False


def test_headings_open_what_is_narrower_and_lead_back_up(ask: Any, conn: sqlite3.Connection) -> None:
    parents = {row[0] for row in conn.execute("SELECT DISTINCT parent_id FROM concepts")}
    told = ask("/matrix.json").json()
    shown = [heading["id"] for heading in (*told["rows"], *told["columns"])]
    text = ask("/matrix?year=1960-").text
    opened = [unescape(href) for href in re.findall(r'class="open" href="([^"]+)"', text)]
    rows = {heading["id"] for heading in told["rows"]}
    wanted = [
        f"/matrix?year=1960-&{'rows' if one in rows else 'columns'}={quote(one, safe='')}"
        for one in shown
        if one in parents
    ]
    assert sorted(opened) == sorted(wanted)
    inside = ask(f"/matrix?rows={NSAIDS}&columns=outcome:ho-occurrence").text
    assert 'aria-label="Open NSAIDs"' not in inside
    ups = re.findall(r'<a href="([^"]+)">‹ All ([a-z]+)</a>', inside)
    assert [(unescape(href), what) for href, what in ups] == [
        ("/matrix?columns=outcome%3Aho-occurrence", "interventions"),
        (f"/matrix?rows={quote(NSAIDS, safe='')}", "outcomes"),
    ]  # fmt: skip


def test_pages_of_the_matrix_hold_every_row_once(ask: Any) -> None:
    first = ask("/matrix.json?year=1960-").json()
    assert first["row_count"] > 25
    rows: list[str] = []
    address: str | None = "/matrix?year=1960-"
    before: str | None = None
    while address:
        query = address.partition("?")[2]
        told = ask(f"/matrix.json?{query}").json()
        rows += [heading["id"] for heading in told["rows"]]
        text = ask(address).text
        line = re.search(r"Interventions (\d+)–(\d+) of (\d+):(.*?)</p>", text, re.DOTALL)
        assert line is not None
        assert (int(line[1]), int(line[2]), int(line[3])) == (
            len(rows) - len(told["rows"]) + 1, len(rows), first["row_count"]
        )  # fmt: skip
        back = re.search(r'<a href="([^"]+)">‹ those before', line[4])
        assert (unescape(back[1]) if back else None) == before
        on = re.search(r'<a href="([^"]+)">those after', line[4])
        before = f"/matrix?year=1960-&row_page={len(rows) // 25}" if on else None
        address = unescape(on[1]) if on else None
    assert len(rows) == len(set(rows)) == first["row_count"]


def test_an_empty_cell_and_one_of_both_say_so(ask: Any) -> None:
    told = ask("/matrix.json").json()
    cells = {(cell["row"], cell["column"]): cell for cell in told["cells"]}
    text = ask("/matrix").text
    every = len(told["rows"]) * len(told["columns"])
    both = [cell for cell in cells.values() if not cell["by_comparator"]]
    assert text.count(">none found</td>") == every - len(cells)
    assert text.count(" both</a></td>") == len(both)
    for cell in both[:3]:
        listed = ask("/articles.json?" + cell["list"].partition("?")[2]).json()["filtered_table_rows_count"]
        assert listed == cell["naming_both"] > 0
