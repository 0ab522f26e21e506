"""Made-up records, each odd in one way that a citation list can get wrong."""

from collections.abc import Iterable
from dataclasses import replace

from db.model import (
    Article,
    ArticleId,
    Author,
    Book,
    Grant,
    HistoryDate,
    Keyword,
    MeshHeading,
    Notice,
    OtherAbstract,
    Qualifier,
    RegistryNumber,
    Term,
)
from db.sections import Section

_ABSTRACT = "Bone grew.\nWe looked at 20 hips (95% CI 1.2 to 3.4; p < 0.05 & more).\nIt helped."

PLAIN = Article(
    pmid=90000001,
    version=1,
    title="Indomethacin after hip replacement.",
    abstract=_ABSTRACT,
    xml=b"<PubmedArticle/>",
    sections=(
        Section("BACKGROUND", "BACKGROUND", 0, 10),
        Section("METHODS AND RESULTS", "METHODS", 11, 68),
        Section(None, "CONCLUSIONS", 69, 79),
    ),
    authors=(
        Author("Brandstätter", "Hanna M", "HM", orcid="0000-0002-1825-0097", affiliation="Clinic, Graz."),
        Author("van der Meulen", "Joost P", "JP", "Jr"),
        Author("Garcia de la Torre", "Ana", "A"),
        Author(collective_name="HO Prevention Study Group"),
        Author("O'Brien", None, "SK", "3rd"),
        Author("al-Rashid", "Omar", "O"),
        Author("Li"),
    ),
    journal="The Made-up journal of bone & joint surgery",
    iso_abbreviation="Made-up J Bone Joint Surg",
    medline_abbreviation="Made-up J Bone Joint Surg",
    nlm_unique_id="0000001",
    issn="1234-5679",
    issn_type="Print",
    issn_linking="1234-5679",
    country="Austria",
    volume="12",
    issue="Suppl 3",
    pages="487-93",
    year=2016,
    publication_date="2016-03-04",
    publication_date_verbatim="2016 Mar 4",
    electronic_date="2015-12-24",
    publication_model="Print-Electronic",
    publication_status="ppublish",
    languages=("eng",),
    doi="10.1000/(SICI)1097_4644<1::AID-X>3.0.CO;2-9",
    pmcid="PMC1234567",
    article_ids=(
        ArticleId("pii", "S1234(16)00001-2"),
        ArticleId("doi", "10.1000/(SICI)1097_4644<1::AID-X>3.0.CO;2-9"),
        ArticleId("pmc", "PMC1234567"),
    ),
    publication_types=(Term("D016428", "Journal Article"), Term("D016449", "Randomized Controlled Trial")),
    mesh_headings=(
        MeshHeading("D009999", "Ossification, Heterotopic", True, (Qualifier("Q1", "prevention & control", True),)),
        MeshHeading("D006801", "Humans", False),
        MeshHeading("D007213", "Indomethacin", True, (Qualifier("Q2", "adverse effects", False),)),
    ),
    chemicals=(Term("D007213", "Indomethacin", "XXE1CET956"), Term("D000894", "Anti-Inflammatory Agents")),
    keywords=(Keyword("heterotopic ossification", False, "NOTNLM"), Keyword("Brooker", True, "NOTNLM")),
    registry_numbers=(RegistryNumber("ClinicalTrials.gov", "NCT00000001", "databank"),),
    grants=(Grant("R01 1", "AR", "NIAMS NIH HHS", "United States"),),
    status="MEDLINE",
    completed_date="2016-09-01",
    revised_date="2018-01-02",
    entrez_date="2016-01-01",
    history=(
        HistoryDate("received", "2015-06-01"),
        HistoryDate("entrez", "2016-01-01"),
        HistoryDate("pubmed", "2016-01-02"),
    ),
    conflict_of_interest="None declared.",
)


def _odd(pmid: int, **values: object) -> Article:
    return replace(PLAIN, pmid=pmid, xml=f"<PubmedArticle>{pmid}</PubmedArticle>".encode(), **values)  # type: ignore[arg-type]


RETRACTED = _odd(
    90000002,
    title="Radiation and bone.",
    notices=(
        Notice("RetractionIn", 90000099, "Made-up J. 2019 Jan;1(1):2"),
        Notice("CommentIn", 90000098, "J. 2017;1:1"),
    ),
    publication_types=(Term("D016428", "Journal Article"), Term("D016441", "Retracted Publication")),
)
ALREADY_MARKED = _odd(
    90000003, title="RETRACTED: Already said so.", publication_types=(Term("D016441", "Retracted Publication"),)
)
CONCERN = _odd(90000004, notices=(Notice("ErratumIn", None, "J. 2018;3:4."), Notice("ExpressionOfConcernIn", 5, None)))
CORRECTED = _odd(90000005, notices=(Notice("ErratumIn", 90000097, "Made-up J. 2018;3:4."),))
CORRECTED_WORD = _odd(
    90000018, title="Corrected calcium and bone.", notices=(Notice("ErratumIn", 90000097, "Made-up J. 2018;3:4."),)
)
QUESTION = _odd(
    90000019,
    title="Does radiation help?",
    journal="Bone & joint : the made-up journal",
    authors=(Author("Smith", "Ann", "A"), Author(collective_name="HO Study Group"), Author("Li")),
)
NO_AUTHOR = _odd(90000020, title="Bone in muscle.", authors=())
FOREIGN = _odd(
    90000006,
    title="[Ossification after hip surgery].",
    vernacular_title='Verknöcherung nach Hüft-Operation: 20 % "mehr".',
    languages=("ger", "fre"),
    other_abstracts=(OtherAbstract("Publisher", "ger", "Knochen wuchs.\nViel."),),
)
TEX = _odd(
    90000007,
    title=r"{Braces}, 50% & $5 of #1_a ^2 ~x \alpha \\ `quoted' ''twice'' a--b <i>not markup</i> @article{x, a=b}",
    abstract='100% \\textbf{bold} } { "x" -- y\n=1+1',
    sections=(),
    journal="Bone % & Joint_A {B}",
    authors=(Author("Smith and Sons", "A {B}", "AB"), Author(collective_name="Trauma, Bone and Joint Group {HO}")),
)
FORMULA = _odd(90000008, title="=HYPERLINK(1) in bone", abstract="-1 was @ +1", sections=(), journal="+Bone")
RIGHT_TO_LEFT = _odd(
    90000009, title="تعظم مغاير in שלום and e\u0301 + 𝛼 骨化 \u200f.", authors=(Author("Ünal", "Şükrü Ğ", "ŞĞ"),)
)
SEASON = _odd(90000010, publication_date="2004", publication_date_verbatim="Spring 2004", year=2004)
SPAN = _odd(90000011, publication_date="2004-11", publication_date_verbatim="2004 Nov-Dec", year=2004, pages="S12-9")
LONG_SPAN = _odd(
    90000012, publication_date="1998-12", publication_date_verbatim="1998 Dec-1999 Jan", year=1998, pages="117.e1-8"
)
ELECTRONIC = _odd(
    90000013,
    pages="e0123456",
    publication_model="Electronic",
    publication_status="epublish",
    publication_date="2020",
    publication_date_verbatim="2020",
    year=2020,
    volume=None,
    issue=None,
    doi="10.1000/e1",
    article_ids=(ArticleId("pii", "bone-20-1"), ArticleId("doi", "10.1000/e1"), ArticleId("pii", "e0123456")),
    authors=(Author("Ünal", "Ayşe", "A", affiliation="Clinic, Graz.; Dept of Bone; Joints, Wien."),),
)
NOTHING = Article(pmid=90000014, version=1, title="", abstract=None, xml=b"<PubmedArticle>14</PubmedArticle>")
_PEARLS = Book(
    "MadeUpPearls",
    "MadeUp Publishing",
    "Treasure Island (FL)",
    "2nd",
    ("9781234567897",),
    (Author("Editor", "Eve", "E"),),
    "Internet",
)
CHAPTER = _odd(
    90000015,
    title="Heterotopic Ossification",
    journal=None,
    iso_abbreviation=None,
    medline_abbreviation=None,
    issn=None,
    volume=None,
    issue=None,
    pages=None,
    book=_PEARLS,
)
BOOK = replace(CHAPTER, pmid=90000016, title="Bone: a book", xml=b"<b/>", book=replace(_PEARLS, title="Bone: a book"))
LONG = _odd(90000017, title="Word " * 200 + "end.", abstract="supercalifragilistic" * 20 + " and " * 50, sections=())

ZOO = (
    PLAIN, RETRACTED, ALREADY_MARKED, CONCERN, CORRECTED, FOREIGN, TEX, FORMULA, RIGHT_TO_LEFT, SEASON, SPAN, LONG_SPAN,
    ELECTRONIC, NOTHING, CHAPTER, BOOK, LONG, CORRECTED_WORD, QUESTION, NO_AUTHOR,
)  # fmt: skip


def by_pmid(articles: Iterable[Article]) -> dict[int, Article]:
    """The articles by PMID."""
    return {article.pmid: article for article in articles}
