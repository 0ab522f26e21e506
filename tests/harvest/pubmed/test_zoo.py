"""Odd records, each named for what is odd in it, and the rule that turns markup into text."""

import io
from html import escape
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.model import Article, HistoryDate, Notice, RegistryNumber
from harvest.pubmed.values.dates import parse_medline_date
from harvest.pubmed.values.registries import find_registry_numbers
from harvest.pubmed.xml import parse_article, parse_articles


def read(article: str = "", citation: str = "", data: str = "") -> Article:
    """Parses a record with the given children of Article, MedlineCitation and PubmedData."""
    xml = (
        f"<PubmedArticle><MedlineCitation><PMID>1</PMID><Article>{article}</Article>{citation}</MedlineCitation>"
        f"<PubmedData>{data}</PubmedData></PubmedArticle>"
    )
    return parse_article(xml.encode())


def date(inner: str) -> tuple[int | None, str | None, str | None]:
    article = read(f"<Journal><JournalIssue><PubDate>{inner}</PubDate></JournalIssue></Journal>")
    return article.year, article.publication_date, article.publication_date_verbatim


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<Year>2016</Year><Month>Mar</Month><Day>4</Day>", (2016, "2016-03-04", "2016 Mar 4")),
        ("<Year>2016</Year><Month>03</Month><Day>04</Day>", (2016, "2016-03-04", "2016 03 04")),
        ("<Year>2015</Year><Month>Feb</Month><Day>30</Day>", (2015, "2015-02", "2015 Feb 30")),
        ("<Year>1990</Year><Season>Spring</Season>", (1990, "1990", "1990 Spring")),
        ("<Year>1978</Year><Season>Nov-Dec</Season>", (1978, "1978-11", "1978 Nov-Dec")),
        ("<MedlineDate>1978 Nov-Dec</MedlineDate>", (1978, "1978-11", "1978 Nov-Dec")),
        ("<MedlineDate>1998-1999</MedlineDate>", (1998, "1998", "1998-1999")),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", (1998, "1998-12", "1998 Dec-1999 Jan")),
        ("<MedlineDate>2000 Jan 15-31</MedlineDate>", (2000, "2000-01-15", "2000 Jan 15-31")),
        ("<MedlineDate>Spring 2004</MedlineDate>", (2004, "2004", "Spring 2004")),
        ("<MedlineDate>2019 1st Quarter</MedlineDate>", (2019, "2019", "2019 1st Quarter")),
        ("<MedlineDate>15 Mar 2004</MedlineDate>", (2004, "2004-03-15", "15 Mar 2004")),
        ("<MedlineDate>undated</MedlineDate>", (None, None, "undated")),
        ("", (None, None, None)),
    ],
)
def test_every_form_of_date(inner: str, expected: tuple[int | None, str | None, str | None]) -> None:
    assert date(inner) == expected


def test_an_article_dated_only_online_takes_that_year() -> None:
    online = "<ArticleDate DateType='Electronic'><Year>2015</Year><Month>12</Month><Day>28</Day></ArticleDate>"
    article = read(online)
    assert (article.year, article.publication_date, article.electronic_date) == (2015, "2015-12-28", "2015-12-28")


def test_ids_come_from_the_article_and_never_from_its_references() -> None:
    article = read(
        '<ELocationID EIdType="doi" ValidYN="N">10.1/struck</ELocationID>'
        '<ELocationID EIdType="pii" ValidYN="Y">S1</ELocationID>',
        data="<ArticleIdList><ArticleId>1</ArticleId></ArticleIdList><ReferenceList><Reference><ArticleIdList>"
        '<ArticleId IdType="doi">10.1/foreign</ArticleId><ArticleId IdType="pmc">PMC9</ArticleId>'
        "</ArticleIdList></Reference></ReferenceList>",
    )
    assert (article.doi, article.pmcid, article.pii) == (None, None, "S1")


def test_an_id_is_brought_to_its_bare_form() -> None:
    ids = (
        '<ArticleIdList><ArticleId IdType="doi">https://doi.org/10.1/a</ArticleId>'
        '<ArticleId IdType="pmc">77</ArticleId></ArticleIdList>'
    )
    article = read('<ELocationID EIdType="doi">10.1/A</ELocationID>', data=ids)
    assert (article.doi, article.pmcid) == ("10.1/a", "PMC77")
    assert [known.kind for known in article.article_ids] == ["doi", "pmc"]


@pytest.mark.parametrize(
    "form",
    ["0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233x", "000000021694233X", "ORCID: 0000 0002 1694 233X"],
)
def test_an_orcid_in_any_form(form: str) -> None:
    author = f'<AuthorList><Author><LastName>A</LastName><Identifier Source="ORCID">{form}</Identifier></Author>'
    assert read(author + "</AuthorList>").authors[0].orcid == "0000-0002-1694-233X"


def test_struck_authors_are_left_out_and_affiliations_joined() -> None:
    article = read(
        '<AuthorList CompleteYN="N"><Author ValidYN="N"><LastName>Struck</LastName></Author>'
        "<Author ValidYN='Y'><LastName>Solo</LastName><AffiliationInfo><Affiliation>A.</Affiliation></AffiliationInfo>"
        "<AffiliationInfo><Affiliation>B <sup>2</sup></Affiliation></AffiliationInfo></Author>"
        "<Author><CollectiveName>HO <i>Group</i></CollectiveName></Author></AuthorList>"
    )
    solo, group = article.authors
    assert (solo.last_name, solo.fore_name, solo.affiliation) == ("Solo", None, "A.; B 2")
    assert group.collective_name == "HO Group"
    assert not article.authors_complete


def test_a_star_on_the_qualifier_makes_the_heading_major() -> None:
    [heading] = read(
        citation='<MeshHeadingList><MeshHeading><DescriptorName UI="D009999" MajorTopicYN="N">Ossification, Heterotopic'
        '</DescriptorName><QualifierName UI="Q000517" MajorTopicYN="Y">prevention &amp; control</QualifierName>'
        "</MeshHeading></MeshHeadingList>"
    ).mesh_headings
    assert heading.major
    assert [(q.term, q.major) for q in heading.qualifiers] == [("prevention & control", True)]


def test_sections_slice_the_abstract_and_copyright_is_no_text() -> None:
    article = read(
        "<Abstract><AbstractText Label='AIM' NlmCategory='OBJECTIVE'>One.</AbstractText><AbstractText Label='EMPTY'/>"
        "<AbstractText>Two <b>three</b>.</AbstractText><CopyrightInformation>(c)</CopyrightInformation></Abstract>"
    )
    assert article.abstract == "One.\nTwo three."
    assert [(s.label, s.category, article.abstract[s.start : s.end]) for s in article.sections] == [
        ("AIM", "OBJECTIVE", "One."),
        (None, None, "Two three."),
    ]
    assert article.abstract_copyright == "(c)"


def test_mathml_and_formulas_leave_their_text() -> None:
    math = '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:math>'
    assert read(f"<ArticleTitle>a {math} b<DispFormula>{math}</DispFormula>.</ArticleTitle>").title == "a x2 bx2."


@pytest.mark.parametrize("declared", [True, False])
def test_a_mathml_prefix_declared_at_the_root_or_nowhere_costs_nothing(declared: bool) -> None:
    name = ' xmlns:mml="http://www.w3.org/1998/Math/MathML"' if declared else ""
    xml = f"<PubmedArticleSet{name}><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle><mml:math>x"
    xml += "</mml:math></ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    [article] = parse_articles(io.BytesIO(xml.encode()))
    assert isinstance(article, Article)
    assert article.title == "x"
    assert parse_article(article.xml) == article


def test_a_missing_title_is_empty_and_a_missing_abstract_is_none() -> None:
    article = read()
    assert (article.title, article.abstract, article.authors, article.sections) == ("", None, (), ())


def test_history_revision_and_entrez_dates() -> None:
    entry = (
        "<PubMedPubDate PubStatus='entrez'><Year>2016</Year><Month>3</Month><Day>4</Day><Hour>6</Hour></PubMedPubDate>"
    )
    revised = "<DateRevised><Year>2019</Year><Month>06</Month><Day>09</Day></DateRevised>"
    article = read(citation=revised, data=f"<History>{entry}</History>")
    assert article.history == (HistoryDate("entrez", "2016-03-04"),)
    assert (article.entrez_date, article.revised_date) == ("2016-03-04", "2019-06-09")


def test_a_notice_without_a_pmid_keeps_its_source() -> None:
    entry = (
        "<CommentsCorrections RefType='RetractionIn'><RefSource>X. 2019</RefSource><Note>n</Note></CommentsCorrections>"
    )
    article = read(citation=f"<CommentsCorrectionsList>{entry}</CommentsCorrectionsList>")
    assert article.notices == (Notice("RetractionIn", None, "X. 2019", "n"),)
    assert article.retracted


@pytest.mark.parametrize(
    ("text", "registry", "number"),
    [
        ("registered (NCT01234567).", "ClinicalTrials.gov", "NCT01234567"),
        ("NCT 01234567", "ClinicalTrials.gov", "NCT01234567"),
        ("ISRCTN12345678", "ISRCTN", "ISRCTN12345678"),
        ("ChiCTR-TRC-09000411", "ChiCTR", "ChiCTR-TRC-09000411"),
        ("ChiCTR2000030000;", "ChiCTR", "ChiCTR2000030000"),
        ("EudraCT 2004-000446-20", "EudraCT", "2004-000446-20"),
        ("ACTRN12605000013606", "ANZCTR", "ACTRN12605000013606"),
        ("DRKS00012345", "DRKS", "DRKS00012345"),
        ("UMIN000012345", "UMIN-CTR", "UMIN000012345"),
        ("CTRI/2018/01/011111", "CTRI", "CTRI/2018/01/011111"),
        ("NTR1234", "NTR", "NTR1234"),
        ("IRCT2014010101234N5", "IRCT", "IRCT2014010101234N5"),
        ("KCT0001234", "CRiS", "KCT0001234"),
        ("PROSPERO CRD42020123456", "PROSPERO", "CRD42020123456"),
        ("jRCTs031180000", "jRCT", "jRCTs031180000"),
    ],
)
def test_trial_numbers_stand_in_prose(text: str, registry: str, number: str) -> None:
    assert find_registry_numbers(text, "abstract") == [RegistryNumber(registry, number, "abstract")]
    assert read(f"<ArticleTitle>{text}</ArticleTitle>").registry_numbers == (RegistryNumber(registry, number, "title"),)


@pytest.mark.parametrize("text", ["FUNCTION 12345678", "XNCT01234567", "NCT012345678", "12345 patients", "CRD 42"])
def test_other_numbers_are_no_trial_numbers(text: str) -> None:
    assert find_registry_numbers(text, "title") == []


def test_a_number_in_bank_and_text_counts_once_as_the_banks() -> None:
    bank = (
        "<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList><AccessionNumber>"
    )
    bank += "NCT01234567</AccessionNumber></AccessionNumberList></DataBank></DataBankList>"
    article = read(f"<Abstract><AbstractText>NCT01234567</AbstractText></Abstract>{bank}")
    assert article.registry_numbers == (RegistryNumber("ClinicalTrials.gov", "NCT01234567", "databank"),)


def test_a_whole_book_takes_the_books_title_and_authors() -> None:
    xml = (
        "<PubmedBookArticle><BookDocument><PMID>5</PMID><Book><Publisher><PublisherName>P</PublisherName></Publisher>"
        "<BookTitle>Whole <i>book</i></BookTitle><PubDate><Year>2020</Year></PubDate><AuthorList Type='authors'>"
        "<Author><LastName>A</LastName></Author></AuthorList>"
        "<AuthorList Type='editors'><Author><LastName>E</LastName></Author>"
        "</AuthorList></Book><ContributionDate><Year>2019</Year></ContributionDate></BookDocument></PubmedBookArticle>"
    )
    article = parse_article(xml.encode())
    assert (article.title, article.year, article.created_date) == ("Whole book", 2020, "2019")
    assert [author.last_name for author in article.authors] == ["A"]
    assert article.book is not None
    assert [editor.last_name for editor in article.book.editors] == ["E"]


#: Mixed content as a tree: a text, or a tag with children.
_LEAVES = st.text(st.sampled_from("ab<&>\"' \t\n\r\u00a0\u202fé−\U0001d6fc"), max_size=12)
_TREES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.tuples(st.sampled_from(["i", "b", "u", "sup", "sub", "DispFormula"]), st.lists(inner, max_size=3)),
    max_leaves=8,
)


def as_xml(tree: Any) -> str:
    return (
        escape(tree).replace("\r", "&#13;")
        if isinstance(tree, str)
        else f"<{tree[0]}>{''.join(map(as_xml, tree[1]))}</{tree[0]}>"
    )


def as_text(tree: Any) -> str:
    return tree if isinstance(tree, str) else "".join(map(as_text, tree[1]))


@settings(deadline=None)
@given(st.lists(_TREES, max_size=4))
@example(["\n"])
@example(["\n", ("i", ["\r"])])
@example([("DispFormula", ["\n"]), "\r\n"])
def test_text_is_all_text_nodes_joined_and_folded(trees: list[Any]) -> None:
    expected = " ".join("".join(map(as_text, trees)).split())
    article = read(f"<ArticleTitle>{''.join(map(as_xml, trees))}</ArticleTitle>")
    assert article.title == expected
    assert parse_article(article.xml) == article


@pytest.mark.parametrize(
    "space", ["\n", "\r", "\r\n", " \n ", "&#10;", "&#13;", "<!-- -->\n", "<![CDATA[\n]]>", "\n<?a b?>"]
)
@pytest.mark.parametrize("text", ["{}", "{}x{}", "{}<i>x</i>{}", "<i>{}</i>", "<DispFormula>{}</DispFormula>{}"])
def test_the_stored_form_is_stored_as_it_stands(space: str, text: str) -> None:
    article = read(f"<ArticleTitle>{text.replace('{}', space)}</ArticleTitle>{space}", citation=space)
    assert parse_article(article.xml) == article
    assert list(parse_articles(io.BytesIO(b"<PubmedArticleSet>" + article.xml + b"</PubmedArticleSet>"))) == [article]


@given(st.text(max_size=30))
def test_no_words_for_a_date_make_the_reader_fail(words: str) -> None:
    found = parse_medline_date(words)
    assert (found.year is None) == (found.iso is None)


PII = '<ELocationID EIdType="pii" ValidYN="{}">e42692</ELocationID>'
PAGES = "<Pagination><MedlinePgn>{}</MedlinePgn></Pagination>"


def test_without_pages_an_article_stands_at_its_number() -> None:
    assert read(PII.format("Y")).pages == "e42692"
    assert read(PAGES.format("11-9") + PII.format("Y")).pages == "11-9"
    assert read(PAGES.format("") + PII.format("Y")).pages == "e42692"
    assert read(PII.format("N")).pages is None
    listed = "<ArticleIdList><ArticleId IdType='pii'>S0341</ArticleId></ArticleIdList>"
    assert read(data=listed).pages is None
    assert read(PII.format("N") + PII.format("Y").replace("e42692", "e1"), data=listed).pages == "e1"


VERNACULAR = "<VernacularTitle>Heterotop ossifikation.</VernacularTitle>"


@pytest.mark.parametrize("title", ["", "[Not Available].", "  "])
def test_without_a_title_the_vernacular_one_stands(title: str) -> None:
    article = read(f"<ArticleTitle>{title}</ArticleTitle>{VERNACULAR}")
    assert article.title == article.vernacular_title == "Heterotop ossifikation."
    assert read(f"<ArticleTitle>{title}</ArticleTitle>").title == title.strip()
    assert read(f"<ArticleTitle>[Own].</ArticleTitle>{VERNACULAR}").title == "[Own]."


def test_without_an_iso_abbreviation_medlines_stands() -> None:
    info = "<MedlineJournalInfo><MedlineTA>Nurse Test</MedlineTA></MedlineJournalInfo>"
    assert read(citation=info).iso_abbreviation == "Nurse Test"
    own = "<Journal><ISOAbbreviation>Nurs. Test</ISOAbbreviation></Journal>"
    article = read(own, citation=info)
    assert (article.iso_abbreviation, article.medline_abbreviation) == ("Nurs. Test", "Nurse Test")


def test_languages_are_in_small_letters() -> None:
    assert read("<Language>ENG</Language><Language>Ger</Language>").languages == ("eng", "ger")


@pytest.mark.parametrize(
    ("kind", "value", "bare"),
    [
        ("doi", "https://doi.org/10.1/x", "10.1/x"),
        ("doi", "http://dx.doi.org/10.1/x", "10.1/x"),
        ("doi", "doi.org/10.1/x", "10.1/x"),
        ("doi", "DOI: 10.1/x", "10.1/x"),
        ("doi", "doi:https://doi.org/10.1/x", "10.1/x"),
        ("doi", "https://doi.org/10.1002/%28SICI%291097%3A4%3C718%3E", "10.1002/(SICI)1097:4<718>"),
        ("doi", "10.1/a%20b", "10.1/a%20b"),
        ("doi", "DOI: 10.1/x. ", "10.1/x"),
        ("pmc", "123", "PMC123"),
        ("pmc", "pmc123", "PMC123"),
        ("pmc", "PMC123.2", "PMC123.2"),
    ],
)
def test_ids_are_in_one_form(kind: str, value: str, bare: str) -> None:
    data = f"<ArticleIdList><ArticleId IdType='{kind}'>{escape(value)}</ArticleId></ArticleIdList>"
    assert [(known.kind, known.value) for known in read(data=data).article_ids] == [(kind, bare)]


@pytest.mark.parametrize("name", ["Retracted Publication", "Retracted publication"])
def test_a_retraction_counts_though_its_type_has_a_name_alone(name: str) -> None:
    article = read(f"<PublicationTypeList><PublicationType>{name}</PublicationType></PublicationTypeList>")
    assert article.retracted
    assert [term.term for term in article.publication_types] == [name]


def test_an_author_without_any_name_is_none() -> None:
    article = read(
        "<AuthorList><Author><CollectiveName> </CollectiveName></Author><Author><Initials>J</Initials></Author>"
        "<Author><LastName>Adler</LastName></Author></AuthorList>"
    )
    assert [author.last_name for author in article.authors] == ["Adler"]


def test_an_issn_is_in_one_form() -> None:
    article = read(
        "<Journal><ISSN>1471214x</ISSN></Journal>",
        "<MedlineJournalInfo><ISSNLinking>0021935X</ISSNLinking></MedlineJournalInfo>",
    )
    assert (article.issn, article.issn_linking) == ("1471-214X", "0021-935X")
