"""Decisions come back from screening tools, find their articles, and make the PRISMA numbers."""

from pathlib import Path

import pytest

from db.screening.decide import ImportReport, import_decisions, prisma_numbers
from db.screening.moments import moment
from db.screening.read import ScreeningFileError, read_screening_file
from db.screening.spreadsheet import decode_text
from db.screening.write import decision_lines
from db.select.filter import ArticleFilter
from db.store.people.decisions import decisions, record_decisions
from db.store.people.verdicts import Decision
from db.store.store import Store
from tests.support.made_up import add_article, add_concepts

NOW = "2026-02-01T00:00:00Z"


@pytest.fixture
def filled(store: Store) -> Store:
    """Five articles, one retracted, one not about HO, two with the same DOI."""
    conn = store.db.conn
    add_concepts(conn)
    add_article(conn, 101, doi="10.1/A", title="Indomethacin after hip surgery.", year=2015, first_author="Smith J")
    add_article(conn, 102, doi="10.1/b", title="Bone (in) muscle: a case.", year=2016)
    add_article(conn, 103, doi="10.1/C", title="Heterotopic ossification.", year=2017, retracted=1)
    add_article(conn, 104, doi="10.1/c", title="Heterotopic ossification.", year=2018)
    add_article(conn, 105, title="Heart valves.", topic="not_ho")
    conn.commit()
    return store


def bring(store: Store, path: Path, text: str, **options: object) -> ImportReport:
    path.write_text(text, encoding="utf-8", newline="")
    with store.atomic():
        return import_decisions(store, read_screening_file(path, **options), path.name, NOW)  # type: ignore[arg-type]


def kept(store: Store) -> list[tuple[int, str, str, str | None]]:
    return [(d.pmid, d.verdict, d.who, d.reason) for d in decisions(store)]


RAYYAN = (
    "key,title,year,authors,doi,pubmed_id,notes\r\n"
    'rayyan-101,Whatever,2015,X,,101,"RAYYAN-INCLUSION: {""Ann""=>""Included"", ""Bob""=>""Excluded""} | '
    'RAYYAN-LABELS: hip | RAYYAN-EXCLUSION-REASONS: wrong population,foreign language"\r\n'
    'rayyan-2,x,2016,X,10.1/B,,"USER-NOTES: {""Ann""=>[""see, \\""this\\""""]} | '
    'RAYYAN-INCLUSION: {""Ann""=>""Maybe""}"\r\n'
    'rayyan-3,Never heard of it,2016,X,,,"RAYYAN-INCLUSION: {""Ann""=>""Included""}"\r\n'
    "rayyan-4,Unscreened,2016,X,,104,\r\n"
)


def test_rayyan(filled: Store, tmp_path: Path) -> None:
    report = bring(filled, tmp_path / "articles.csv", RAYYAN)
    assert kept(filled) == [
        (101, "include", "Ann", None),
        (101, "exclude", "Bob", "wrong population; foreign language"),
        (102, "maybe", "Ann", None),
    ]
    assert (report.rows, report.matched, report.added, report.undecided) == (4, 2, 3, 1)
    assert report.unmatched == ["row 4: Never heard of it"]
    assert dict(report.matched_by) == {"PMID": 1, "DOI": 1}


def test_importing_twice_adds_nothing(filled: Store, tmp_path: Path) -> None:
    bring(filled, tmp_path / "articles.csv", RAYYAN)
    report = bring(filled, tmp_path / "articles.csv", RAYYAN)
    assert (report.added, report.known) == (0, 3)
    assert len(kept(filled)) == 3


COVIDENCE = (
    "\ufeffTitle,Authors,Abstract,Published Year,Accession Number,DOI,Ref,Covidence #,Study,Notes,Tags\n"
    'Indomethacin after hip surgery,S,,2015,,,1,#12,S 2015,"Exclusion reason: Wrong outcomes; Ann: hm",\n'
    "RETRACTED: x,S,,2017,103,,2,#13,S 2017,,\n"
)


@pytest.mark.parametrize(
    ("name", "verdict"), [("review_1_excluded_csv.csv", "exclude"), ("review_1_included_csv.csv", "include")]
)
def test_covidence_says_the_verdict_in_its_name(name: str, verdict: str, filled: Store, tmp_path: Path) -> None:
    bring(filled, tmp_path / name, COVIDENCE)
    assert kept(filled) == [(101, "exclude", "Covidence", "Wrong outcomes"), (103, verdict, "Covidence", None)]


def test_covidence_without_a_verdict_keeps_what_has_a_reason(filled: Store, tmp_path: Path) -> None:
    report = bring(filled, tmp_path / "list.csv", COVIDENCE, who="Team")
    assert kept(filled) == [(101, "exclude", "Team", "Wrong outcomes")]
    assert report.undecided == 1


@pytest.mark.parametrize("column", ["included", "asreview_label", "label_included"])
def test_asreview(column: str, filled: Store, tmp_path: Path) -> None:
    rows = "a,,101,1,,2026-01-05\nb,,102,0,animals,\nc,,104,,,\nd,,,-1,,\n"
    text = f"title,doi,pmid,{column},asreview_note,asreview_time\n{rows}"
    report = bring(filled, tmp_path / "asreview.csv", text)
    assert kept(filled) == [(101, "include", "ASReview", None), (102, "exclude", "ASReview", "animals")]
    assert next(iter(decisions(filled))).when == "2026-01-05"
    assert report.undecided == 2


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("N1  - ASReview_relevant", [(101, "include", "ASReview", None)]),
        ("N1  - ASReview_irrelevant", [(101, "exclude", "ASReview", None)]),
        ("N1  - ASReview_not_seen", []),
        (
            'N1  - RAYYAN-INCLUSION: {"Ann"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: dogs',
            [(101, "exclude", "Ann", "dogs")],
        ),
        ("KW  - bone\r\nKW  - Exclude: wrong design", [(101, "exclude", "imported", "wrong design")]),
        ("KW  - included", [(101, "include", "imported", None)]),
        ("KW  - no\r\nKW  - 1", []),
        ("N1  - ho-tracker: decision=exclude; reason=mice", [(101, "exclude", "imported", "mice")]),
    ],
)
def test_labelled_ris(lines: str, found: list[tuple[int, str, str, str | None]], filled: Store, tmp_path: Path) -> None:
    bring(filled, tmp_path / "x.ris", f"TY  - JOUR\r\nTI  - x\r\nAN  - 101\r\n{lines}\r\nER  - \r\n\r\n")
    assert kept(filled) == found


@pytest.mark.parametrize(
    ("cells", "how"),
    [
        (("PMID", "101", "", "", ""), "PMID"),
        (("PMID in words", "PMID: 101", "", "", ""), "PMID"),
        (("DOI", "", "https://doi.org/10.1/a", "", ""), "DOI"),
        (("key", "", "", "Smith2015-101", ""), "key"),
        (("title", "", "", "", "CORRECTED: Indomethacin – after HIP surgery"), "title"),
        (("title twice", "", "", "", "Heterotopic ossification"), None),
        (("same DOI twice", "", "10.1/c", "", ""), None),
        (("foreign key", "", "", "rayyan-101", ""), None),
        (("nothing", "", "", "", ""), None),
        (("unknown PMID, known DOI", "999", "10.1/A", "", ""), "DOI"),
    ],
)
def test_matching(cells: tuple[str, ...], how: str | None, filled: Store, tmp_path: Path) -> None:
    _, pmid, doi, key, title = cells
    report = bring(filled, tmp_path / "x.csv", f"pmid,doi,key,title,included\n{pmid},{doi},{key},{title},1\n")
    assert list(report.matched_by) == ([how] if how else [])
    assert len(report.unmatched) == (0 if how else 1)


@pytest.mark.parametrize("text", ["", "only one column\nx\n", "title,doi\nx,10.1/a\n"])
def test_a_file_without_decisions_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(ScreeningFileError) as error:
        list(read_screening_file(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("header", ["pmid,verdict", "pmid,notes", "pmid,included", "pmid,covidence #,notes"])
def test_a_row_that_ends_early_is_undecided(header: str, filled: Store, tmp_path: Path) -> None:
    report = bring(filled, tmp_path / "x.csv", f"{header}\n101\n\n102,\n")
    assert (report.rows, report.undecided, kept(filled)) == (2, 2, [])


def test_a_quote_that_never_ends_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('pmid,included,reason\n101,1,"' + "x" * 10_000_001)
    with pytest.raises(ScreeningFileError, match="quote"):
        list(read_screening_file(path))


def test_a_binary_or_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    for wrong in (path, tmp_path / "missing.csv"):
        with pytest.raises(ScreeningFileError):
            read_screening_file(wrong)


def test_prisma_numbers(filled: Store, tmp_path: Path) -> None:
    bring(filled, tmp_path / "articles.csv", RAYYAN)
    bring(filled, tmp_path / "x.csv", "pmid,included,reason\n103,0,retracted\n104,1,\n", who="Ann")
    assert prisma_numbers(filled.db.conn, ArticleFilter()) == {
        "identified": 5,
        "duplicates": 1,
        "not_about_ho": 1,
        "retracted": 1,
        "retracted_left_out": 0,
        "listed": 4,
        "screened": 4,
        "not_screened": 0,
        "included": 1,
        "excluded": 1,
        "maybe": 1,
        "conflict": 1,
        "exclusion_reasons": {"retracted": 1},
    }
    numbers = prisma_numbers(filled.db.conn, ArticleFilter(year_from=2016).switched("retracted", False))
    assert (numbers["identified"], numbers["listed"], numbers["retracted_left_out"]) == (3, 2, 1)


def test_the_newest_decision_of_a_person_counts(filled: Store, tmp_path: Path) -> None:
    bring(filled, tmp_path / "a.csv", "pmid,included\n101,1\n", who="Ann")
    bring(filled, tmp_path / "b.csv", "pmid,included\n101,0\n", who="Ann")
    numbers = prisma_numbers(filled.db.conn, ArticleFilter())
    assert (numbers["included"], numbers["excluded"], numbers["conflict"]) == (0, 1, 0)


TABLE = "pmid,title,included,reason\r\n101,a,1,\r\n102,b,0,mice\r\n"
EXPECTED = [(101, "include", "ASReview", None), (102, "exclude", "ASReview", "mice")]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TABLE, "utf-8"),
        (TABLE, "utf-8-sig"),
        (TABLE.replace(",", "\t"), "utf-16"),
        (TABLE.replace(",", ";"), "cp1252"),
        (TABLE.replace(",", ";").replace("mice", "Mäuse").replace(";b", ";ü"), "cp1252"),
        ("sep=;\r\n" + TABLE.replace(",", ";"), "utf-8-sig"),
        ("\r\n" + TABLE, "utf-8"),
        (TABLE.replace("\r\n", "\r"), "utf-8"),
        (TABLE.replace("\r\n", ",,\r\n") + ",,,,,\r\n", "utf-8"),
        (TABLE.replace(",1,", ',"1,0",').replace(",0,", ',"0,0",').replace("102", "102.0"), "utf-8"),
        (TABLE.replace(",", ";").replace(";1;", ";1,0;").replace(";0;", ";0,00;").replace("101", "101,0"), "utf-8"),
        (TABLE.replace(",1,", ",TRUE,").replace(",0,", ",FALSE,"), "utf-8"),
        (TABLE.replace(",", ";").replace(";1;", ";WAHR;").replace(";0;", ";FALSCH;"), "utf-8"),
        (TABLE.replace("101", '"=""101"""'), "utf-8"),
        ("included,reason,title,pmid\r\n1,,a,101\r\n0,mice,b,102\r\n", "utf-8"),
        ('pmid,"title; abstract; keywords; year",included,reason\r\n101,a,1,\r\n102,b,0,mice\r\n', "utf-8"),
    ],
)
def test_tables_as_excel_leaves_them(text: str, encoding: str, filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "asreview.csv"
    path.write_bytes(text.encode(encoding))
    with filled.atomic():
        report = import_decisions(filled, read_screening_file(path), path.name, NOW)
    assert [(p, v, w, r and r.replace("Mäuse", "mice")) for p, v, w, r in kept(filled)] == EXPECTED
    assert report.rows == 2


@pytest.mark.parametrize(
    ("cell", "pmid"),
    [
        ("31000001", 31000001), ("31000001.0", 31000001), ("31000001,00", 31000001), ("31 000 001", 31000001),
        ("31,000,001", 31000001), ("31.000.001", 31000001), ("31\u00a0000\u00a0001", 31000001), ("PMID: 101", 101),
        ("3,1E+07", None), ("3.1E+07", None), ("31000001.5", None), ("", None), ("#NUM!", None), ("0", None),
    ],
)  # fmt: skip
def test_pmids_as_cells_show_them(cell: str, pmid: int | None, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f'pmid;included\n"{cell}";1\n', encoding="utf-8")
    assert [row.pmid for row in read_screening_file(path)] == [pmid]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("ends", [True, False])
def test_ris_records_need_no_end(end: str, ends: bool, filled: Store, tmp_path: Path) -> None:
    records = [
        ["TY  - JOUR", "TI  - first", "AN  - 101", "N1  - included"],
        ["TY  - JOUR", "TI  - second", "AN  - 102", "N1  - excluded: wrong population"],
    ]
    lines = [line for record in records for line in [*record, *(["ER  - ", ""] if ends else [])]]
    report = bring(filled, tmp_path / "x.ris", "\ufeff" + end.join(lines) + end)
    assert kept(filled) == [(101, "include", "imported", None), (102, "exclude", "imported", "wrong population")]
    assert report.rows == 2


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T14:30:00Z", "2026-03-01T14:30:00Z"),
        ("2026-03-01T14:30:00.123Z", "2026-03-01T14:30:00.123Z"),
        ("2026-03-01 14:30", "2026-03-01T14:30:00Z"),
        ("2026-03-01T14:30:00+02:00", "2026-03-01T12:30:00Z"),
        ("31.12.2025", "2025-12-31T00:00:00Z"),
        ("01.02.2025 09:05", "2025-02-01T09:05:00Z"),
        ("31/12/2025 14:03:59", "2025-12-31T14:03:59Z"),
        ("12/31/2025 2:03 PM", "2025-12-31T14:03:00Z"),
        ("12/31/2025, 12:03 am", "2025-12-31T00:03:00Z"),
        ("2025/12/31", "2025-12-31T00:00:00Z"),
        ("46022", "2025-12-31T00:00:00Z"),
        ("46022,5", "2025-12-31T12:00:00Z"),
        ("1767182400", "2025-12-31T12:00:00Z"),
        ("5/5/2025", "2025-05-05T00:00:00Z"),
        ("03/04/2025", None),
        ("31.13.2025", None),
        ("yesterday", None),
        ("12", None),
        ("2026", None),
        ("99999999999999999999", None),
    ],
)
def test_when_somebody_decided_is_brought_into_one_form(text: str, at: str | None) -> None:
    assert moment(text) == at


def test_a_table_that_a_spreadsheet_saved_overturns_no_newer_decision(filled: Store, tmp_path: Path) -> None:
    """Written with the day first, an older decision would sort after every newer one."""
    path = tmp_path / "d.csv"
    head = "pmid;verdict;who;when\n"
    assert bring(filled, path, f"{head}101;exclude;Ada;2026-01-01T00:00:00Z\n").added == 1
    assert bring(filled, path, f"{head}101;include;Ada;31.12.2025 10:00\n").added == 0
    assert [verdict for _, verdict, _, _ in kept(filled)] == ["exclude"]
    with pytest.raises(ScreeningFileError, match=r"d\.csv, line 2: '03/04/2026' is no time .*; write 2026-03-01"):
        bring(filled, path, f"{head}101;include;Ada;03/04/2026\n")


@pytest.mark.parametrize(
    "cell", ["https://pubmed.ncbi.nlm.nih.gov/1/", "http://www.ncbi.nlm.nih.gov/pubmed/1", "pubmed:1", "PMID 1"]
)
def test_a_pmid_may_stand_as_an_address(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"pmid,verdict,who\n{cell},include,Ada\n")
    assert [row.pmid for row in read_screening_file(path)] == [1]


def test_a_table_without_a_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("1,include,Ada\n2,exclude,Ada\n")
    with pytest.raises(ScreeningFileError, match="neither CSV with a header"):
        list(read_screening_file(path))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("naïve “x” – €".encode("cp1252"), "naïve “x” – €"),
        ("naïve “x” – €".encode(), "naïve “x” – €"),
        ("naïve “x” – €".encode("utf-8-sig"), "naïve “x” – €"),
        ("naïve “x” – €".encode("utf-16"), "naïve “x” – €"),
    ],
)
def test_a_file_is_read_in_the_encoding_that_spreadsheets_write(data: bytes, text: str) -> None:
    assert decode_text(data) == text


def test_what_a_file_of_decisions_says_comes_back_whole(filled: Store, tmp_path: Path) -> None:
    made = [
        Decision(101, "include", "Ann", "2026-01-01T00:00:00Z", reason="fits", source="x", text_hash="h1"),
        Decision(102, "correct", "Ann", "2026-01-02T00:00:00Z", "celecoxib", "intervention", None, "x", "h2",
                 None, '{"assertion": "negated"}', '{"assertion": "affirmed"}'),
    ]  # fmt: skip
    with filled.atomic():
        record_decisions(filled, made)
    path = tmp_path / "decisions.csv"
    path.write_text("".join(decision_lines(filled)), encoding="utf-8", newline="")
    [first, second] = read_screening_file(path)
    brought = [row.verdicts[0] for row in (first, second)]
    assert [
        (one.verdict, one.who, one.when, one.concept_id, one.reason, one.text_hash, one.value, one.was)
        for one in brought
    ] == [(d.verdict, d.who, d.when, d.concept_id, d.reason, d.text_hash, d.value, d.was) for d in made]
    with filled.atomic():
        filled.db.execute("DELETE FROM decisions")
        import_decisions(filled, read_screening_file(path), path.name, NOW)
    for before, after in zip(made, decisions(filled), strict=True):
        names = "pmid verdict who when concept_id reason text_hash target value was".split()
        assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]


def test_the_retracted_that_a_list_leaves_out_are_not_counted_as_beside_the_topic(filled: Store) -> None:
    numbers = prisma_numbers(filled.db.conn, ArticleFilter().switched("retracted", False))
    assert (numbers["identified"], numbers["not_about_ho"], numbers["retracted_left_out"], numbers["listed"]) == (
        5, 1, 1, 3,
    )  # fmt: skip


def test_a_title_without_a_letter_names_no_article(filled: Store, tmp_path: Path) -> None:
    add_article(filled.db.conn, 106, title="[...]")
    filled.db.conn.commit()
    report = bring(filled, tmp_path / "a.csv", "title,doi,included\n***,,1\n")
    assert (report.matched, len(report.unmatched)) == (0, 1)
