"""`.nbib` files to articles that can be stored and read again."""

from pathlib import Path

import pytest

from db.model import Article, BadRecord
from harvest.pubmed.errors import EmptyInputError, MissingFileError, PubmedInputError
from harvest.pubmed.nbib import parse_nbib
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
    assert (article.issn, article.issn_type, article.issn_linking) == ("0341-2695", "Print", "0341-2695")
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
