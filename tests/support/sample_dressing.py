"""Odd forms that real records have, put on some of the sample's made-up records."""

from dataclasses import replace
from typing import Any

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
    RegistryNumber,
    Term,
)
from db.sections import Section

_TRIALS = "ClinicalTrials.gov"

#: Fields that replace a record's own, by PMID.
_FIELDS: dict[int, dict[str, Any]] = {
    90000001: {
        "registry_numbers": (RegistryNumber(_TRIALS, "NCT99990001", "databank"),),
        "grants": (Grant("MU-2016-001", None, "Made-up Research Council", "Austria"),),
        "issn": "9999-0016",
        "issn_type": "Print",
        "issn_linking": "9999-0016",
        "country": "Germany",
        "nlm_unique_id": "9000016",
        "publication_model": "Print-Electronic",
        "electronic_date": "2015-12-28",
        "history": (
            HistoryDate("received", "2015-06-02"),
            HistoryDate("accepted", "2015-12-01"),
            HistoryDate("entrez", "2015-12-29"),
            HistoryDate("pubmed", "2015-12-29"),
            HistoryDate("medline", "2017-03-15"),
        ),
        "entrez_date": "2015-12-29",
        "conflict_of_interest": "The authors declare no conflict of interest.",
        "chemicals": (
            Term("D007213", "Indomethacin", "XXE1CET956"),
            Term("D000894", "Anti-Inflammatory Agents, Non-Steroidal"),
        ),
    },
    90000007: {
        "notices": (
            Notice("ErratumIn", None, "Am J Sports Med. 2014 Feb;42(2):NP12", "Dosage error in article text"),
            Notice("CommentIn", 90000035, "Arthroscopy. 2013 Mar;29(3):405-6"),
        ),
    },
    90000035: {
        "notices": (Notice("CommentOn", 90000007, "Am J Sports Med"),),
    },
    90000032: {
        "notices": (Notice("RetractionIn", 90000902, "Medicine (Baltimore). 2021 Jun 4;100(22):e26290"),),
    },
    90000031: {
        "vernacular_title": "Periartikuläre Ossifikationen nach zementfreier Hüftendoprothese und ihre Vorbeugung.",
        "other_abstracts": (
            OtherAbstract(
                "Publisher",
                "ger",
                "Ziel: Häufigkeit periartikulärer Ossifikationen nach zementfreier Hüftendoprothese mit und ohne"
                " Vorbeugung.\nErgebnis: Mit Vorbeugung waren sie seltener.",
            ),
        ),
    },
    90000209: {
        "registry_numbers": (
            RegistryNumber(_TRIALS, "NCT99990209", "databank"),
            RegistryNumber("EudraCT", "2099-990209-99", "databank"),
        ),
        "investigators": (
            Author("Sørlie", "Ane Kristin", "AK", affiliation="Oslo, Norway"),
            Author("de la Vega", "Rocío", "R", affiliation="Sevilla, Spain"),
        ),
    },
    90000210: {
        "notices": (Notice("ExpressionOfConcernIn", None, "JCI Insight. 2024 Mar 8;9(5):e179999"),),
        "supplementary_concepts": (Term("C580048", "Fibrodysplasia ossificans progressiva", "Disease"),),
    },
    90000215: {
        "article_ids": (ArticleId("pii", "S8756-3282(20)39999-9"),),
    },
    90000216: {
        "abstract_copyright": "Copyright © 2022 Made-up Publishers. All rights reserved.",
    },
}

#: What some authors have besides: (PMID, place in the author list) to fields. The ORCIDs are ORCID's own examples.
_AUTHORS: dict[tuple[int, int], dict[str, str]] = {
    (90000001, 0): {"orcid": "0000-0002-1825-0097"},
    (90000003, 1): {"suffix": "Jr"},
    (90000006, 0): {"suffix": "3rd"},
    (90000209, 0): {
        "orcid": "0000-0002-1694-233X",
        "affiliation": "Department of Endocrinology, Made-up University, Lyon, France; Institute of Bone, Lyon, France",
    },
}

#: Plain text to the same with inline markup; what a reader of the text gets is unchanged.
MARKUP: dict[int, tuple[tuple[str, str], ...]] = {
    90000001: (
        ("0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("p = 0.008", "<i>p</i> = 0.008"),
    ),
    90000029: (("mm3", "mm<sup>3</sup>"),),
    90000209: (("0000-0002-1694-233X", "000000021694233X"),),
    90000210: (("Acvr1", "<i>Acvr1</i>"), ("R206H", "<sup>R206H</sup>")),
    90000217: (("in vivo", "<i>in vivo</i>"),),
    90000229: (("IL-1β", "IL-1<sub>β</sub>"),),
}

_CHAPTER_PARTS = (
    (
        "CONTINUING EDUCATION ACTIVITY",
        "Heterotopic ossification is bone that forms in soft tissue. This made-up chapter outlines its causes, its"
        " signs and its care.",
    ),
    (
        "OBJECTIVES",
        "Name the settings in which it arises. Describe how it is graded on radiographs. Compare nonsteroidal"
        " anti-inflammatory drugs with radiotherapy for prevention.",
    ),
)


def _chapter_sections() -> tuple[Section, ...]:
    sections: list[Section] = []
    start = 0
    for label, text in _CHAPTER_PARTS:
        sections.append(Section(label, None, start, start + len(text)))
        start += len(text) + 1
    return tuple(sections)


#: Records that the sample has besides the gold: a book chapter, and the notice of the retraction.
ADDITIONS: tuple[Article, ...] = (
    Article(
        pmid=90000901,
        version=1,
        title="Heterotopic Ossification",
        abstract="\n".join(text for _, text in _CHAPTER_PARTS),
        xml=b"",
        sections=_chapter_sections(),
        authors=(Author("Okonjo", "Ngozi", "N", affiliation="Made-up Medical School"), Author("Byrne", "Tadhg", "T")),
        year=2024,
        publication_date="2024-01",
        publication_date_verbatim="2024 Jan",
        publication_status="ppublish",
        languages=("eng",),
        article_ids=(ArticleId("bookaccession", "NBK99999901"),),
        publication_types=(Term("D000072643", "Study Guide"),),
        created_date="2023-08-08",
        revised_date="2023-08-08",
        entrez_date="2024-01-05",
        history=(
            HistoryDate("pubmed", "2024-01-05"),
            HistoryDate("medline", "2024-01-05"),
            HistoryDate("entrez", "2024-01-05"),
        ),
        book=Book(
            "MadeUpPearls",
            "MadeUpPearls Publishing",
            "Nowhere (XX)",
            None,
            ("9999999999999",),
            (Author("Lindqvist", "Maja", "M"),),
            "Internet",
        ),
    ),
    Article(
        pmid=90000902,
        version=1,
        title="Retraction: Zoledronic acid combined with celecoxib prevents recurrence of heterotopic ossification"
        " after elbow arthrolysis: a randomized controlled trial.",
        abstract=None,
        xml=b"",
        journal="Medicine",
        iso_abbreviation="Medicine (Baltimore)",
        medline_abbreviation="Medicine (Baltimore)",
        volume="100",
        issue="22",
        pages="e26290",
        year=2021,
        publication_date="2021-06-04",
        publication_date_verbatim="2021 Jun 4",
        publication_model="Print",
        publication_status="ppublish",
        languages=("eng",),
        doi="10.5555/md.2021.90000902",
        article_ids=(ArticleId("doi", "10.5555/md.2021.90000902"),),
        publication_types=(Term("D016428", "Journal Article"), Term("D016440", "Retraction of Publication")),
        mesh_headings=(MeshHeading("D009999", "Ossification, Heterotopic", False),),
        keywords=(Keyword("retraction", False, "NOTNLM"),),
        notices=(Notice("RetractionOf", 90000032, "Medicine (Baltimore). 2018 Oct;97(40):e12733"),),
        status="MEDLINE",
        revised_date="2021-06-10",
        entrez_date="2021-06-04",
        history=(HistoryDate("pubmed", "2021-06-04"), HistoryDate("entrez", "2021-06-04")),
    ),
)


def dressing(article: Article) -> dict[str, Any]:
    """Returns the fields of an article that are dressed."""
    fields = dict(_FIELDS.get(article.pmid, {}))
    if extra := fields.get("article_ids"):
        fields["article_ids"] = article.article_ids + extra
    people = list(article.authors)
    for place, person in enumerate(people):
        if more := _AUTHORS.get((article.pmid, place)):
            people[place] = replace(person, **more)
    if tuple(people) != article.authors:
        fields["authors"] = tuple(people)
    return fields
