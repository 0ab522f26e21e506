"""Generated articles for property tests: every field, with texts as PubMed could send them."""

from typing import Any

from hypothesis import strategies as st

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
from db.sections import SECTION_SEPARATOR, Section

#: Words with the characters that get lost or doubled: markup, quotes, accents, signs beyond the basic plane.
_WORDS = st.text(st.sampled_from("abcXYZ019<>&\"'éß≥−µ\U0001d6fc.;,()-"), min_size=1, max_size=8)
texts = st.lists(_WORDS, min_size=1, max_size=6).map(" ".join)
maybe_text = st.none() | texts
dates = st.sampled_from(["1978", "2004-11", "2016-02-29", "1999-12-31"])
maybe_date = st.none() | dates
uis = st.from_regex(r"[DCQ]\d{6}", fullmatch=True)
languages = st.sampled_from(["eng", "ger", "fre", "chi"])
orcids = st.from_regex(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", fullmatch=True)

people = st.builds(
    Author,
    last_name=texts,
    fore_name=maybe_text,
    initials=maybe_text,
    suffix=maybe_text,
    orcid=st.none() | orcids,
    affiliation=maybe_text,
) | st.builds(Author, collective_name=texts)
some_people = st.lists(people, max_size=3).map(tuple)
terms = st.builds(Term, ui=uis, term=texts)
typed_terms = st.builds(Term, ui=uis, term=texts, type=st.sampled_from([None, "Disease"]))
chemicals = st.builds(Term, ui=uis, term=texts, type=st.sampled_from([None, "42VZT0U6YR"]))
qualifiers = st.builds(Qualifier, ui=uis, term=texts, major=st.booleans())


@st.composite
def headings(draw: st.DrawFn) -> MeshHeading:
    subheadings = tuple(draw(st.lists(qualifiers, max_size=2)))
    major = any(qualifier.major for qualifier in subheadings) or draw(st.booleans())
    return MeshHeading(draw(uis), draw(texts), major, subheadings)


@st.composite
def abstracts(draw: st.DrawFn) -> tuple[str | None, tuple[Section, ...]]:
    parts = draw(st.lists(st.tuples(maybe_text, maybe_text, texts), max_size=3))
    if not parts:
        return None, ()
    sections, start = [], 0
    for label, category, text in parts:
        sections.append(Section(label, category, start, start + len(text)))
        start += len(text) + len(SECTION_SEPARATOR)
    if len(parts) == 1 and not parts[0][0] and not parts[0][1]:
        sections = []
    return SECTION_SEPARATOR.join(text for _, _, text in parts), tuple(sections)


@st.composite
def publication_dates(draw: st.DrawFn) -> tuple[int, str, str]:
    return draw(
        st.sampled_from(
            [
                (2004, "2004", "2004"),
                (2004, "2004-03", "2004 Mar"),
                (2004, "2004-03-05", "2004 Mar 5"),
                (1978, "1978-11", "1978 Nov-Dec"),
                (1998, "1998", "1998-1999"),
                (2004, "2004", "Spring 2004"),
            ]
        )
    )


_IDS = st.tuples(
    st.none() | texts.map(lambda text: ArticleId("doi", "10.5555/" + text.replace(" ", "").rstrip(".,"))),
    st.none() | st.integers(1, 10**7).map(lambda number: ArticleId("pmc", f"PMC{number}")),
    st.none() | texts.map(lambda text: ArticleId("pii", text)),
).map(lambda ids: tuple(known for known in ids if known))


@st.composite
def places_in_a_journal(draw: st.DrawFn) -> dict[str, Any]:
    medline, issn = draw(maybe_text), draw(maybe_text)
    return {
        "journal": draw(maybe_text),
        "iso_abbreviation": draw(texts) if medline else draw(maybe_text),
        "medline_abbreviation": medline,
        "nlm_unique_id": draw(maybe_text),
        "issn": issn,
        "issn_type": draw(st.sampled_from(["Print", "Electronic"])) if issn else None,
        "issn_linking": draw(maybe_text),
        "country": draw(maybe_text),
        "volume": draw(maybe_text),
        "issue": draw(maybe_text),
        "pages": draw(maybe_text),
    }


_NOTICES = st.lists(
    st.builds(
        Notice,
        kind=st.sampled_from(["RetractionIn", "ErratumIn", "Cites", "ExpressionOfConcernIn"]),
        ref_pmid=st.none() | st.integers(1, 10**8),
        source=maybe_text,
        note=maybe_text,
    ),
    max_size=2,
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    abstract, sections = draw(abstracts())
    year, iso, verbatim = draw(publication_dates())
    ids = draw(_IDS)
    by_kind = {known.kind: known.value for known in ids}
    entrez = draw(maybe_date)
    not_placeholders = st.integers(10**7, 10**8 - 1).filter(lambda number: len(set(str(number))) > 1)
    numbers = draw(st.lists(not_placeholders, max_size=2, unique=True))
    return Article(
        pmid=draw(st.integers(1, 10**8)),
        version=draw(st.integers(1, 3)),
        title=draw(texts),
        abstract=abstract,
        xml=b"",
        sections=sections,
        vernacular_title=draw(maybe_text),
        abstract_copyright=draw(maybe_text) if abstract is not None else None,
        other_abstracts=tuple(
            draw(st.lists(st.builds(OtherAbstract, st.just("Publisher"), languages, texts), max_size=2))
        ),
        authors=(authors := draw(some_people)),
        investigators=draw(some_people),
        authors_complete=draw(st.booleans()) if authors else True,
        **draw(places_in_a_journal()),
        year=year,
        publication_date=iso,
        publication_date_verbatim=verbatim,
        electronic_date=draw(maybe_date),
        publication_model=draw(st.sampled_from([None, "Print", "Print-Electronic", "Electronic"])),
        publication_status=draw(maybe_text),
        languages=tuple(draw(st.lists(languages, max_size=2))),
        doi=by_kind.get("doi"),
        pmcid=by_kind.get("pmc"),
        pii=by_kind.get("pii"),
        article_ids=ids,
        publication_types=tuple(draw(st.lists(terms, max_size=2))),
        mesh_headings=tuple(draw(st.lists(headings(), max_size=3))),
        supplementary_concepts=tuple(draw(st.lists(typed_terms, max_size=2))),
        chemicals=tuple(draw(st.lists(chemicals, max_size=2))),
        keywords=tuple(draw(st.lists(st.builds(Keyword, texts, st.booleans(), st.just("NOTNLM")), max_size=3))),
        personal_name_subjects=draw(st.lists(st.builds(Author, last_name=texts), max_size=1).map(tuple)),
        registry_numbers=tuple(RegistryNumber("ClinicalTrials.gov", f"NCT{number}", "databank") for number in numbers),
        grants=tuple(draw(st.lists(st.builds(Grant, maybe_text, maybe_text, maybe_text, maybe_text), max_size=2))),
        notices=tuple(draw(_NOTICES)),
        status=draw(st.sampled_from([None, "MEDLINE", "Publisher"])),
        indexing_method=draw(st.sampled_from([None, "Automated"])),
        created_date=draw(maybe_date),
        completed_date=draw(maybe_date),
        revised_date=draw(maybe_date),
        entrez_date=entrez,
        history=(HistoryDate("entrez", entrez), HistoryDate("pubmed", entrez)) if entrez else (),
        conflict_of_interest=draw(maybe_text),
    )


@st.composite
def book_articles(draw: st.DrawFn) -> Article:
    source = draw(articles())
    ids = (ArticleId("bookaccession", f"NBK{draw(st.integers(1, 10**6))}"),)
    kept = {
        name: getattr(source, name)
        for name in (
            "pmid version title abstract sections vernacular_title abstract_copyright authors investigators "
            "authors_complete volume pages year publication_date publication_date_verbatim publication_status "
            "languages publication_types keywords grants created_date revised_date entrez_date history"
        ).split()
    }
    book = Book(
        draw(maybe_text),
        draw(maybe_text),
        draw(maybe_text),
        draw(maybe_text),
        tuple(draw(st.lists(texts, max_size=2))),
        draw(some_people),
        draw(maybe_text),
    )
    return Article(xml=b"", article_ids=ids, book=book, **kept)
