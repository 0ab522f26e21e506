"""`.nbib` files to articles that can be stored and read again."""

from pathlib import Path

import pytest

from db.model import Article, BadRecord
from harvest.pubmed.errors import EmptyInputError, MissingFileError, PubmedInputError
from harvest.pubmed.medline.nbib import is_medline, parse_nbib
from harvest.pubmed.xml import parse_article

RECORD = """\
PMID- 90000801
OWN - NLM
STAT- MEDLINE
DCOM- 20170315
LR  - 20200104
IS  - 1432-5195 (Electronic)
IS  - 0341-2695 (Print)
IS  - 0341-2695 (Linking)
VI  - 40
IP  - 3
DP  - 2016 Mar-Apr
TI  - Short courses of indomethacin to prevent heterotopic ossification after total
      hip arthroplasty: p < 0.05 & more.
PG  - 487-93
LID - 10.5555/intorth.2016.0301 [doi]
AB  - BACKGROUND: The right dose is unsettled (HO). METHODS: We gave 25 mg to 62
      patients. NCT99990801 is its number. RESULTS: AIS A: no change was seen.
CI  - (c) 2016 Nobody.
FAU - van der Meulen, Joost P
AU  - van der Meulen JP
AUID- ORCID: 0000-0002-1825-0097
AD  - Department of Orthopaedic Surgery, Rijnstate, Arnhem, The Netherlands. A very
      long address.
AD  - Second place.
FAU - O'Hanlon, Siobhan
AU  - O'Hanlon S Jr
CN  - HO Study Group
LA  - eng
SI  - ClinicalTrials.gov/NCT99990802
GR  - R01 AR000000/AR/NIAMS NIH HHS/United States
PT  - Journal Article
PT  - Retracted Publication
TT  - Kurze Behandlung.
DEP - 20151228
PL  - Germany
TA  - Int Orthop
JT  - International orthopaedics
JID - 7705431
RN  - 0 (Anti-Inflammatory Agents, Non-Steroidal)
RN  - XXE1CET956 (Indomethacin)
MH  - *Arthroplasty, Replacement, Hip/adverse effects
MH  - Ossification, Heterotopic/etiology/*prevention & control
OTO - NOTNLM
OT  - *indomethacin
OT  - prophylaxis of heterotopic
      ossification
COIS- None declared.
RIN - Int Orthop. 2019 Jan;43(1):5. PMID: 90000802
EDAT- 2015/12/29 06:00
MHDA- 2017/03/16 06:00
PHST- 2015/06/02 00:00 [received]
PHST- 2015/12/29 06:00 [entrez]
AID - 10.5555/intorth.2016.0301 [doi]
AID - S0341 [pii]
PMC - PMC90000801
PST - ppublish
SO  - Int Orthop. 2016 Mar;40(3):487-93. doi: 10.5555/intorth.2016.0301.
"""


def read(path: Path, text: str) -> list[Article | BadRecord]:
    file = path / "export.nbib"
    file.write_text(text, encoding="utf-8")
    return list(parse_nbib(file))


@pytest.fixture
def article(tmp_path: Path) -> Article:
    [found] = read(tmp_path, RECORD)
    assert isinstance(found, Article)
    return found


def test_the_text_is_whole_and_its_labels_become_sections(article: Article) -> None:
    assert article.title.endswith("after total hip arthroplasty: p < 0.05 & more.")
    assert article.abstract is not None
    assert [(s.label, article.abstract[s.start : s.end]) for s in article.sections] == [
        ("BACKGROUND", "The right dose is unsettled (HO)."),
        ("METHODS", "We gave 25 mg to 62 patients. NCT99990801 is its number."),
        ("RESULTS", "AIS A: no change was seen."),
    ]
    assert article.vernacular_title == "Kurze Behandlung."
    assert article.abstract_copyright == "(c) 2016 Nobody."


def test_each_author_has_what_belongs_to_it(article: Article) -> None:
    first, second, group = article.authors
    assert (first.last_name, first.fore_name, first.initials) == ("van der Meulen", "Joost P", "JP")
    assert first.orcid == "0000-0002-1825-0097"
    assert first.affiliation is not None
    assert first.affiliation.endswith("The Netherlands. A very long address.; Second place.")
    assert (second.last_name, second.initials, second.suffix, second.affiliation) == ("O'Hanlon", "S", "Jr", None)
    assert group.collective_name == "HO Study Group"


def test_the_citation_is_complete(article: Article) -> None:
    assert (article.journal, article.iso_abbreviation, article.nlm_unique_id) == (
        "International orthopaedics",
        "Int Orthop",
        "7705431",
    )
    assert (article.volume, article.issue, article.pages) == ("40", "3", "487-93")
    assert (article.year, article.publication_date, article.publication_date_verbatim) == (
        2016,
        "2016-03",
        "2016 Mar-Apr",
    )
    assert (article.issn, article.issn_type, article.issn_linking) == ("1432-5195", "Electronic", "0341-2695")
    assert (article.doi, article.pmcid, article.pii) == ("10.5555/intorth.2016.0301", "PMC90000801", "S0341")
    assert (article.completed_date, article.revised_date, article.entrez_date, article.electronic_date) == (
        "2017-03-15",
        "2020-01-04",
        "2015-12-29",
        "2015-12-28",
    )


def test_indexing_and_notices_are_read(article: Article) -> None:
    assert article.retracted
    assert [(n.kind, n.ref_pmid, n.source) for n in article.notices] == [
        ("RetractionIn", 90000802, "Int Orthop. 2019 Jan;43(1):5")
    ]
    hip, ossification = article.mesh_headings
    assert (hip.term, hip.major, [q.term for q in hip.qualifiers]) == (
        "Arthroplasty, Replacement, Hip",
        True,
        ["adverse effects"],
    )
    assert ossification.major
    assert [(q.term, q.major) for q in ossification.qualifiers] == [("etiology", False), ("prevention & control", True)]
    assert [(k.term, k.major, k.owner) for k in article.keywords] == [
        ("indomethacin", True, "NOTNLM"),
        ("prophylaxis of heterotopic ossification", False, "NOTNLM"),
    ]
    assert {number.number for number in article.registry_numbers} == {"NCT99990801", "NCT99990802"}
    assert [(g.number, g.acronym, g.agency, g.country) for g in article.grants] == [
        ("R01 AR000000", "AR", "NIAMS NIH HHS", "United States")
    ]
    assert [(c.term, c.type) for c in article.chemicals] == [
        ("Anti-Inflammatory Agents, Non-Steroidal", None),
        ("Indomethacin", "XXE1CET956"),
    ]


def test_the_stored_form_gives_the_article_again(article: Article) -> None:
    assert parse_article(article.xml) == article


def test_windows_line_ends_and_a_mark_at_the_start_change_nothing(tmp_path: Path, article: Article) -> None:
    assert read(tmp_path, "\ufeff" + RECORD.replace("\n", "\r\n")) == [article]


def test_what_is_no_record_is_reported_and_the_rest_kept(tmp_path: Path, article: Article) -> None:
    found = read(tmp_path, f"{RECORD}\nid: 5 Error occurred: The following PMID is not available: 5\n\n{RECORD}")
    assert [type(item).__name__ for item in found] == ["Article", "BadRecord", "Article"]
    assert found[0] == found[2] == article


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.nbib"):
        list(parse_nbib(tmp_path / "none.nbib"))
    with pytest.raises(EmptyInputError, match=r"export\.nbib"):
        read(tmp_path, "\n")
    with pytest.raises(PubmedInputError, match="no MEDLINE record"):
        read(tmp_path, "TY  - JOUR\nER  -\n")


def made(path: Path, *lines: str) -> Article:
    """Reads one record with a PMID, a title and these lines."""
    [found] = read(path, "\n".join(["PMID- 1", "TI  - T.", *lines, ""]))
    assert isinstance(found, Article)
    return found


def kinds(found: list[Article | BadRecord]) -> list[tuple[str, int | None]]:
    return [(type(item).__name__, item.pmid) for item in found]


ONE, TWO = "PMID- 1\nOWN - NLM\nTI  - One\nDP  - 2020\n", "PMID- 2\nOWN - NLM\nTI  - Two\nDP  - 2021\n"


@pytest.mark.parametrize("pmid", ["000000000", "x", "", "9" * 5_000, "12345678901", "-5", "²"])
def test_a_record_without_a_pmid_costs_itself(tmp_path: Path, pmid: str) -> None:
    for between in ("\n", ""):
        found = read(tmp_path, f"{ONE}{between}{ONE.replace('PMID- 1', f'PMID- {pmid}')}{between}{TWO}")
        assert kinds(found) == [("Article", 1), ("BadRecord", None), ("Article", 2)]
        assert found[1].position == 2  # type: ignore[union-attr]


def test_a_damaged_pmid_line_does_not_mix_two_records(tmp_path: Path) -> None:
    for line in ("PMlD- 2", "", "PMID 2"):
        for between in ("\n", "\n\n", ""):
            found = read(tmp_path, f"{ONE}{between}{TWO.replace('PMID- 2', line)}\n{ONE}")
            assert found[0].title == "One"  # type: ignore[union-attr]
            assert [type(item).__name__ for item in found] == ["Article", "BadRecord", "Article"]


def test_records_need_no_blank_line_between(tmp_path: Path) -> None:
    assert kinds(read(tmp_path, ONE + TWO + ONE)) == [("Article", 1), ("Article", 2), ("Article", 1)]


@pytest.mark.parametrize("line", range(2, RECORD.count("\n")))
def test_a_blank_line_inside_a_record_ends_nothing(tmp_path: Path, article: Article, line: int) -> None:
    lines = RECORD.split("\n")
    broken = "\n".join([*lines[:line], "", *lines[line:]])
    assert read(tmp_path, broken + "\n" + TWO)[:1] == [article]


def test_bytes_that_are_no_utf8_cost_their_record(tmp_path: Path) -> None:
    file = tmp_path / "export.nbib"
    file.write_bytes(f"{ONE}\n".encode() + TWO.replace("Two", "Zw\xf6lf").encode("latin-1") + f"\n{ONE}".encode())
    assert kinds(list(parse_nbib(file))) == [("Article", 1), ("BadRecord", 2), ("Article", 1)]
    file.write_bytes(f"{ONE}\n{TWO}".encode("utf-16"))
    assert kinds(list(parse_nbib(file))) == [("Article", 1), ("Article", 2)]


def test_signs_that_xml_cannot_hold_are_blanks(tmp_path: Path) -> None:
    assert made(tmp_path, "AB  - a\x00b\x0bc\ufffe d").abstract == "a b c d"


@pytest.mark.parametrize(
    "tag", ["VI", "DP", "MH", "PHST", "IS", "GR", "RN", "SI", "AID", "AU", "FAU", "CIN", "DEP", "AD"]
)
def test_an_odd_value_costs_itself(tmp_path: Path, tag: str) -> None:
    for value in (
        "",
        "x",
        "9" * 5_000,
        "[",
        "/",
        "()",
        "2020/99/99 [x]",
        "*",
        "(Print)",
        "- -",
        "PMID: " + "9" * 5_000,
    ):
        assert made(tmp_path, f"{tag:<4}- {value}").title == "T."


def test_affiliation_before_the_names_is_the_first_authors(tmp_path: Path) -> None:
    article = made(
        tmp_path, "AD  - First Place.", "FAU - Adler, Jana", "AU  - Adler J", "FAU - Berg, Carl", "AU  - Berg C"
    )
    assert [author.affiliation for author in article.authors] == ["First Place.", None]


def test_et_al_is_no_author(tmp_path: Path) -> None:
    for lines in (
        ["AU  - et al."],
        ["FAU - et al.", "AU  - et al."],
        ["AU  - et al"],
        ["FAU - et, al.", "AU  - et al."],
    ):
        article = made(tmp_path, "FAU - Adler, J", "AU  - Adler J", *lines)
        assert [author.last_name for author in article.authors] == ["Adler"]
        assert article.authors_complete is False


@pytest.mark.parametrize(
    ("full", "short", "expected"),
    [
        ("Garcia, Juan Jr", "Garcia J Jr", ("Garcia", "Juan", "J", "Jr")),
        (
            "O'Brien-Smith, Mary-Ann Louise 3rd",
            "O'Brien-Smith ML 3rd",
            ("O'Brien-Smith", "Mary-Ann Louise", "ML", "3rd"),
        ),
        ("Smith, John A III", "Smith JA III", ("Smith", "John A", "JA", "III")),
        ("Madonna", "Madonna", ("Madonna", None, None, None)),
        ("van der Berg, A B C", "van der Berg ABC", ("van der Berg", "A B C", "ABC", None)),
        ("Núñez y Prado, María del Mar", "Núñez y Prado MDM", ("Núñez y Prado", "María del Mar", "MDM", None)),
        ("Ivanov, Igor V", "Ivanov IV", ("Ivanov", "Igor V", "IV", None)),
        (None, "van der Berg AB Jr", ("van der Berg", None, "AB", "Jr")),
        (None, "Adler", ("Adler", None, None, None)),
        (None, "LI", ("LI", None, None, None)),
        ("Smith, III", "Smith III", ("Smith", None, None, "III")),
    ],
)
def test_names_are_parted_as_the_xml_has_them(
    tmp_path: Path, full: str | None, short: str, expected: tuple[str | None, ...]
) -> None:
    article = made(tmp_path, *([f"FAU - {full}"] if full else []), f"AU  - {short}")
    [name] = article.authors
    assert (name.last_name, name.fore_name, name.initials, name.suffix) == expected


def test_the_two_dates_of_entry_are_two(tmp_path: Path) -> None:
    tags = ("EDAT- 2022/02/08 06:00", "MHDA- 2022/02/09 06:01", "CRDT- 2022/02/05 05:37", "PMCR- 2023/04/17")
    entries = (
        "PHST- 2022/02/05 05:37 [entrez]",
        "PHST- 2022/02/08 06:00 [pubmed]",
        "PHST- 2023/04/17 00:00 [pmc-release]",
    )
    for lines in (tags, entries, tags + entries):
        article = made(tmp_path, *lines)
        assert article.entrez_date == "2022-02-05"
        dates = {entry.status: entry.date for entry in article.history}
        assert (dates["pubmed"], dates["pmc-release"]) == ("2022-02-08", "2023-04-17")
        assert len(dates) == len(article.history)


BOOK = (
    "STAT- Publisher", "CTDT- 20080718", "PB  - Example Press", "DP  - 2009", "BTI - Handbook of Spinal Injury",
    "FED - Editor, Douglas L", "ED  - Editor DL", "FAU - Adler, Jana", "AU  - Adler J", "PT  - Review",
    "PT  - Book Chapter", "PL  - Bethesda (MD)", "ISBN- 9781860163593", "EN  - 2",
)  # fmt: skip


def test_a_chapter_stands_in_its_book(tmp_path: Path) -> None:
    article = made(tmp_path, *BOOK)
    assert article.book is not None
    book = article.book
    assert (book.title, book.publisher, book.place) == ("Handbook of Spinal Injury", "Example Press", "Bethesda (MD)")
    assert (book.edition, book.isbn) == ("2", ("9781860163593",))
    assert [(name.last_name, name.initials) for name in article.book.editors] == [("Editor", "DL")]
    assert [name.last_name for name in article.authors] == ["Adler"]
    assert (article.title, article.country, article.created_date) == ("T.", None, "2008-07-18")
    assert [term.term for term in article.publication_types] == ["Review"]
    assert parse_article(article.xml) == article


def test_a_whole_book_has_its_own_title(tmp_path: Path) -> None:
    [book] = read(tmp_path, "PMID- 5\nBTI - The whole\nPT  - Book\n")
    assert isinstance(book, Article)
    assert (book.title, book.book and book.book.title) == ("The whole", "The whole")


@pytest.mark.parametrize(
    ("abstract", "labels"),
    [
        (
            "Background: A. Methods: B. Results: C. Discussion/Conclusion: D.",
            "Background Methods Results Discussion/Conclusion",
        ),
        ("BACKGROUND: A. METHODS: B. HO: c. RESULTS: D (NSAID: 3).", "BACKGROUND METHODS RESULTS"),
        ("Aim(s): A. Material & methods: B. Main results: C.", "Aim(s) Material_&_methods Main_results"),
        ("Objectives of this study: A. Patients and methods: B.", "Objectives_of_this_study Patients_and_methods"),
        ("INTRODUCTION AND HYPOTHESIS: A. METHODS: B.", "INTRODUCTION_AND_HYPOTHESIS METHODS"),
        ("We saw this: bone. Results: none.", ""),
        ("Methods were these: none.", ""),
        ("Bone: a tissue. Results: none.", ""),
        ("Background : A.", ""),
    ],
)
def test_labels_are_found_whatever_their_case(tmp_path: Path, abstract: str, labels: str) -> None:
    article = made(tmp_path, f"AB  - {abstract}")
    assert [str(part.label).replace(" ", "_") for part in article.sections] == labels.split()
    if not labels:
        assert article.abstract == abstract


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("084229/Z/07/Z/Wellcome Trust/United Kingdom", ("084229/Z/07/Z", None, "Wellcome Trust", "United Kingdom")),
        ("R01 NS039600/NS/NINDS NIH HHS/United States", ("R01 NS039600", "NS", "NINDS NIH HHS", "United States")),
        ("RG/18/9/33887/BHF_/British Heart Foundation/United Kingdom",
         ("RG/18/9/33887", "BHF_", "British Heart Foundation", "United Kingdom")),
        ("Z01 CP1/ImNIH/Intramural NIH HHS/United States", ("Z01 CP1", "ImNIH", "Intramural NIH HHS", "United States")),
        ("Wellcome Trust/United Kingdom", (None, None, "Wellcome Trust", "United Kingdom")),
        ("DH_/Department of Health/United Kingdom", (None, "DH_", "Department of Health", "United Kingdom")),
        ("Own funds", (None, None, "Own funds", None)),
    ],
)  # fmt: skip
def test_grants_are_parted(tmp_path: Path, line: str, expected: tuple[str | None, ...]) -> None:
    [grant] = made(tmp_path, f"GR  - {line}").grants
    assert (grant.number, grant.acronym, grant.agency, grant.country) == expected


def test_enzymes_are_substances(tmp_path: Path) -> None:
    article = made(
        tmp_path, "RN  - EC 3.1.3.1 (Alkaline Phosphatase)", "RN  - EC 2.7.11.30 (Activin Receptors, Type I)"
    )
    assert [(term.term, term.type) for term in article.chemicals] == [
        ("Alkaline Phosphatase", "EC 3.1.3.1"),
        ("Activin Receptors, Type I", "EC 2.7.11.30"),
    ]


def test_the_electronic_issn_is_the_records_own(tmp_path: Path) -> None:
    article = made(tmp_path, "IS  - 1471-2145 (Print)", "IS  - 1471-2148 (Electronic)", "IS  - 1471-2145 (Linking)")
    assert (article.issn, article.issn_type, article.issn_linking) == ("1471-2148", "Electronic", "1471-2145")


def test_an_article_number_is_the_place(tmp_path: Path) -> None:
    lines = ("LID - 1042 [pii]", "LID - 10.9999/a.1042 [doi]", "AID - 1042 [pii]", "AID - 10.9999/a.1042 [doi]")
    assert made(tmp_path, *lines).pages == "1042"
    assert made(tmp_path, "PG  - 11-9", *lines).pages == "11-9"
    assert made(tmp_path, *lines[2:]).pages is None


@pytest.mark.parametrize("word", ["CORRECTED", "RETRACTED", "EXPRESSION OF CONCERN"])
def test_only_our_own_mark_is_taken_off_a_title(tmp_path: Path, word: str) -> None:
    text = f"PMID- 1\nTI  - {word}: Bone\n"
    for lines, title in (("", f"{word}: Bone"), (f"GN  - ho-tracker: title marked {word}\n", "Bone")):
        [article] = read(tmp_path, text + lines)
        assert isinstance(article, Article)
        assert article.title == title


def test_our_own_tags_are_no_keywords(tmp_path: Path) -> None:
    article = made(tmp_path, "OTO - NOTNLM", "OT  - bone", "OTO - ho-tracker", "OT  - indomethacin")
    assert [keyword.term for keyword in article.keywords] == ["bone"]


@pytest.mark.parametrize(
    ("source", "status", "model"),
    [
        ("J. 2016 Apr 19;5:67. eCollection 2016.", "epublish", "Electronic-eCollection"),
        ("J. 2016 Apr 19;5:67. Print 2016 May.", "ppublish", "Electronic-Print"),
        ("J. 2006 Jan 10;7:10.", "epublish", "Electronic"),
        ("J. 2006 Mar;7:10. Epub 2005 Dec 3.", "ppublish", "Print-Electronic"),
        ("J. 2006 Mar 3. Online ahead of print.", "aheadofprint", "Print-Electronic"),
        ("J. 2006 Mar;7:10.", "ppublish", "Print"),
    ],
)
def test_the_source_tells_how_it_was_published(tmp_path: Path, source: str, status: str, model: str) -> None:
    assert made(tmp_path, f"PST - {status}", f"SO  - {source}").publication_model == model


def test_what_begins_as_medline_is_medline() -> None:
    for head in (b"PMID- 1", b"\n\nPMID- 1", b"\xef\xbb\xbfPMID- 1", "\ufeffPMID- 1".encode("utf-16-le"), b"PMID - 1"):
        assert is_medline(head)
    for head in (b"", b"<PubmedArticleSet>", b"TY  - JOUR\nPMID- 1", b"PMID", b"pmid,title\n1,x"):
        assert not is_medline(head)


def test_files_that_were_put_together_each_with_its_mark(tmp_path: Path) -> None:
    assert kinds(read(tmp_path, f"\ufeff{ONE}\ufeff{TWO}\n\ufeff{ONE}")) == [
        ("Article", 1),
        ("Article", 2),
        ("Article", 1),
    ]


def test_an_article_that_is_only_online_has_its_whole_date(tmp_path: Path) -> None:
    article = made(tmp_path, "DEP - 20200105")
    assert (article.year, article.publication_date, article.publication_date_verbatim) == (2020, "2020-01-05", None)


def test_issns_and_dois_are_in_one_form(tmp_path: Path) -> None:
    article = made(tmp_path, "IS  - 1471214x (Electronic)", "LID - 10.1000/ABC.1. [doi]", "AID - 10.1000/abc.1 [doi]")
    assert (article.issn, article.doi, len(article.article_ids)) == ("1471-214X", "10.1000/abc.1", 1)
