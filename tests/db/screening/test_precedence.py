"""Where a file, its name and whoever imports it each say something: which one counts, and at which edge."""

from pathlib import Path

import pytest

from db.screening.brought import read_brought
from db.screening.decide import prisma_numbers
from db.screening.match import match_rows
from db.screening.moments import moment
from db.screening.pmid_list import read_pmids
from db.screening.read import PersonVerdict, ScreenedRow, read_screening_text
from db.screening.spreadsheet import read_table
from db.screening.write import decision_lines
from db.select.filter import ArticleFilter
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision
from db.store.store import Store
from tests.support.made_up import add_article

RIS = "TY  - JOUR\nTI  - x\n{}\nER  - \n"
RAYYAN = 'N1  - RAYYAN-INCLUSION: {"Ann"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: dogs,cats'
COVIDENCE = "Title,Accession Number,Covidence #,Notes\nA,101,#12,Exclusion reason: dogs\nB,102,#13,\n"
AT = "2026-01-01"
Said = tuple[int | None, str, str, str | None]


def said(text: str, name: str = "list.csv", **given: str) -> list[Said]:
    """Each decision of a file: PMID, who, what, and why."""
    rows = read_screening_text(Path(name), text, **given)  # type: ignore[arg-type]
    return [(row.pmid, one.who, one.verdict, one.reason) for row in rows for one in row.verdicts]


def test_what_a_row_says_itself_counts_before_what_is_said_of_the_whole_file() -> None:
    text = "pmid,verdict,who,reason\n1,include,Ann,fits\n2,exclude - mice,,\n3,exclude - dogs,,cats\n"
    own: list[Said] = [(1, "Ann", "include", "fits"), (2, "Bob", "exclude", "mice"), (3, "Bob", "exclude", "cats")]
    assert said(text, who="Bob") == own
    text = "pmid,included,asreview_user_name,asreview_note,reason\n1,1,Ann,,\n2,0,,dogs,cats\n3,exclude: mice,,,\n"
    own = [(1, "Ann", "include", None), (2, "Bob", "exclude", "dogs"), (3, "Bob", "exclude", "mice")]
    assert said(text, who="Bob") == own
    assert said(RIS.format("N1  - included"), "a.ris", who="Bob", verdict="exclude") == [(None, "Bob", "include", None)]


def test_what_is_asked_for_counts_before_the_name_of_the_file_and_a_reason_before_both() -> None:
    assert said(COVIDENCE, "all_excluded.csv", verdict="include") == [
        (101, "Covidence", "exclude", "dogs"),
        (102, "Covidence", "include", None),
    ]


@pytest.mark.parametrize("more", ["\nN1  - read again: later", " | RAYYAN-LABELS: hip", "\nKW  - bone"])
def test_other_notes_are_no_reason(more: str) -> None:
    assert said(RIS.format(RAYYAN + more), "a.ris") == [(None, "Ann", "exclude", "dogs; cats")]


def test_every_address_of_a_record_may_be_the_one_in_pubmed() -> None:
    addresses = "UR  - https://example.org/9\nUR  - https://pubmed.ncbi.nlm.nih.gov/7/\nN1  - included"
    assert [row.pmid for row in read_screening_text(Path("a.ris"), RIS.format(addresses))] == [7]


@pytest.mark.parametrize(
    ("cell", "pmid"), [("800123456", 800123456), ("1800123456", None), ("12345678", 12345678), ("1/1", None)]
)
def test_numbers_of_preprints_name_an_article_as_pmids_do(cell: str, pmid: int | None) -> None:
    assert [row.pmid for row in read_screening_text(Path("a.csv"), f"pmid,included\n{cell},1\n")] == [pmid]


def test_between_records_of_nbib_nothing_belongs_to_a_title() -> None:
    text = "PMID- 1\nTI  - Bone\n      in muscle\nfound on a Monday\n\nPMID- 2\nTI  - Nails\n"
    assert [row.title for row in read_brought("a.nbib", text.encode())] == ["Bone in muscle", "Nails"]


def test_numbers_in_quotes_are_numbers_apart() -> None:
    assert read_pmids("\"1\"'2'PMID:3\n", "list") == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("12/05/2025", None),
        ("05/12/2025", None),
        ("13/12/2025", "2025-12-13T00:00:00Z"),
        ("12/12/2025", "2025-12-12T00:00:00Z"),
        ("12.05.2025 12:00", "2025-05-12T12:00:00Z"),
        ("100000000", "1973-03-03T09:46:40Z"),
        ("30000", "1982-02-18T00:00:00Z"),
        ("29999", None),
        ("79999", "2119-01-10T00:00:00Z"),
        ("80000", None),
    ],
)
def test_days_at_the_edges_of_what_can_be_told(text: str, at: str | None) -> None:
    assert moment(text) == at


def test_a_separator_that_is_named_counts_whatever_the_header_holds() -> None:
    names, rows = read_table("sep=;\ntitle, in full, with all;pmid\na, b;1\n")
    assert (names, list(rows)) == (["title, in full, with all", "pmid"], [(2, {names[0]: "a, b", "pmid": "1"})])


@pytest.mark.parametrize("title", ["'t Hooft on bone", "'=guarded", "'Quoted'"])
def test_only_the_guard_of_a_formula_goes_from_a_cell(title: str) -> None:
    [row] = read_screening_text(Path("a.csv"), f"title,included\n{title},1\n")
    assert row.title == (title[1:] if title == "'=guarded" else title)


def test_maybe_beside_an_include_is_no_conflict_and_a_tag_says_nothing_of_the_article(store: Store) -> None:
    for pmid in (1, 2, 3):
        add_article(store.db.conn, pmid)
    rows = [
        ScreenedRow(place, pmid, None, None, None, (PersonVerdict(who, verdict, concept_id=concept),))  # type: ignore[arg-type]
        for place, (pmid, who, verdict, concept) in enumerate(
            (
                (1, "ada", "include", None),
                (1, "bea", "maybe", None),
                (2, "ada", "maybe", None),
                (2, "bea", "exclude", None),
                (3, "ada", "include", "hip"),
            )
        )
    ]
    found = match_rows(store.db.conn, rows)
    assert (found.included, found.excluded, found.undecided, found.conflict) == ([1], [2], [3], [])
    assert dict(found.matched_by) == {"PMID": 3}


@pytest.fixture
def screened(store: Store) -> Store:
    """Decisions on articles in and beside the topic."""
    conn = store.db.conn
    for pmid in range(1, 7):
        add_article(conn, pmid, year=2000 + pmid, title="=1+1", **({"topic": "not_ho"} if pmid in (5, 6) else {}))
    made = [
        Decision(pmid, "exclude", "ada", AT, reason=reason)
        for pmid, reason in ((1, "b"), (2, "z"), (3, "z"), (4, "a"), (5, "z"))
    ]
    with store.atomic():
        record_decisions(store, made)
    return store


def test_the_chart_counts_the_decisions_on_its_list_and_the_commonest_reason_first(screened: Store) -> None:
    numbers = prisma_numbers(screened.db.conn, ArticleFilter())
    assert (numbers["screened"], numbers["excluded"], numbers["identified"]) == (4, 4, 6)
    assert list(numbers["exclusion_reasons"].items()) == [("z", 2), ("a", 1), ("b", 1)]
    numbers = prisma_numbers(screened.db.conn, ArticleFilter(year_from=2003))
    assert (numbers["screened"], numbers["not_screened"]) == (2, 0)


def test_the_chart_of_a_list_beside_the_topic_identifies_that_list_alone(screened: Store) -> None:
    numbers = prisma_numbers(screened.db.conn, ArticleFilter(topic="beside"))
    assert (numbers["identified"], numbers["listed"], numbers["not_about_ho"]) == (2, 2, 0)


def test_no_cell_of_a_file_of_decisions_is_a_formula(screened: Store) -> None:
    with screened.atomic():
        record_decisions(screened, [Decision(6, "maybe", "@ada", AT, reason="-1+cmd")])
    cells = list(decision_lines(screened))[-1].strip().split(",")
    assert [cell[0] for cell in cells if cell.lstrip("'").startswith(("=", "@", "-", "+"))] == ["'", "'", "'"]
