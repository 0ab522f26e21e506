"""The topic: its query as PubMed gets it, and the local match with the folding it needs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.model import Article, Keyword, MeshHeading, OtherAbstract
from db.topics import topic_query
from harvest.sync.topic import fold_for_match, matchers, matches, may_match

TOPIC = topic_query()


def article(title: str = "", abstract: str | None = None, **fields: object) -> Article:
    return Article(pmid=1, version=1, title=title, abstract=abstract, xml=b"", **fields)  # type: ignore[arg-type]


def test_the_query_joins_its_named_parts() -> None:
    assert [part.name for part in TOPIC.parts] == list("ABCDEF")
    assert TOPIC.query.count(") OR (") == 5
    assert "\n" not in TOPIC.query
    assert '"Ossification, Heterotopic"[Mesh:NoExp]' in TOPIC.query
    assert re.fullmatch("[0-9a-f]{16}", TOPIC.hash)


def test_the_query_is_balanced_and_every_term_has_its_field() -> None:
    assert TOPIC.query.count("(") == TOPIC.query.count(")")
    assert TOPIC.query.count('"') % 2 == 0
    without_terms = re.sub(r'(?:"[^"]+"|[\w*-]+)\[(?:tiab(?::~\d)?|Mesh:NoExp)\]', "T", TOPIC.query)
    assert set(without_terms.split()) <= {"T", "(T", "T)", "((T", "T))", "OR", "AND", "(T)"}


def test_there_is_no_not_and_no_limit() -> None:
    assert " NOT " not in TOPIC.query
    assert set(re.findall(r"\[([^\]]+)\]", TOPIC.query)) == {"Mesh:NoExp", "tiab", "tiab:~4"}


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Heterotopic ossification after hip arthroplasty", "B"),
        ("HETEROTOPIC OSSIFICATIONS", "B"),
        ("Heterotopic-ossification", "B"),
        ("Hetero\u00adtopic ossi\u00adfication", "B"),
        ("Heterotopic ossiﬁcation", "B"),
        ("Heterotopic\u00a0 ossification", "B"),
        ("Heterotopic  new bone formation", "B"),
        ("Heterotopic mineralisation and heterotopic mineralization", "B"),
        ("Heterotrophic ossification", "C"),
        ("Heterotropic bone", "C"),
        ("Peri-articular ossification about the hip", "D"),
        ("Peri‑articular ossification", "D"),
        ("Extra-osseous ossification", "D"),
        ("Post–traumatic ossifications", "D"),
        ("Ossification of the ruptured Achilles tendon", "D"),
        ("Para-osteo-arthropathy in paraplegia", "E"),
        ("Paraosteoarthropathies neurogènes", "E"),
        ("Fibrodysplasia ossificans progressiva", "E"),
        ("Ectopic bone formation after hip replacement", "F"),
        ("Heterotope Ossifikationen nach Hüftendoprothese", "V"),
        ("Ossifications hétérotopiques", "V"),
        ("Osificación heterotópica", "V"),
        ("Ossificação heterotópica", "V"),
        ("Myosite ossifiante neurogène", "V"),
    ],
)
def test_names_of_the_topic_match_in_every_spelling(title: str, parts: str) -> None:
    assert "".join(matches(article(title), TOPIC)) == parts


@pytest.mark.parametrize(
    "title",
    [
        "Ossification of the posterior longitudinal ligament: laminoplasty",
        "Heterotopic heart transplantation",
        "Calcific tendinitis of the rotator cuff",
        "Periventricular heterotopia in epilepsy",
        "Calcinosis in dermatomyositis",
        "Ectopic bone formation on a scaffold",
        "HO-1 in the liver",
        "Ossification centres of the hand, and later, far away from there, the Achilles tendon",
        "",
    ],
)
def test_look_alikes_do_not_match(title: str) -> None:
    assert matches(article(title), TOPIC) == ()


def test_the_guard_of_part_f_may_stand_in_the_abstract() -> None:
    assert matches(article("Ectopic bone formation", "Ibuprofen after total hip arthroplasty."), TOPIC) == ("F",)


def test_phrases_do_not_reach_over_fields() -> None:
    assert matches(article("Heterotopic", "Ossification"), TOPIC) == ()


@pytest.mark.parametrize("ui", ["D009999", "D009221"])
def test_mesh_headings_match_without_text(ui: str) -> None:
    assert matches(article(mesh_headings=(MeshHeading(ui, "x", False),)), TOPIC) == ("A",)


def test_every_text_that_pubmed_searches_is_looked_at() -> None:
    for other in (
        article(keywords=(Keyword("heterotopic ossification", False, "NOTNLM"),)),
        article(other_abstracts=(OtherAbstract(None, "eng", "heterotopic ossification"),)),
        article(vernacular_title="Heterotopic ossification"),
        article(abstract="heterotopic ossification"),
    ):
        assert matches(other, TOPIC) == ("B",)


def test_a_text_that_matches_always_holds_a_hint() -> None:
    for name, patterns in matchers(TOPIC):
        alternatives = re.sub(r"^\\b\(\?:|\)\\b$", "", patterns[0].pattern).split("|")
        assert len(alternatives) > 2
        for alternative in alternatives:
            text = re.sub(r"\\w\*|\(\?: \\w\+\)\{0,4\}", "", alternative)
            assert may_match(text, TOPIC), (name, text)


@given(st.data())
def test_a_name_is_found_whatever_case_and_invisible_characters_it_has(data: st.DataObject) -> None:
    pieces = []
    for character in "heterotopic ossification":
        if character == " ":
            pieces.append(data.draw(st.sampled_from([" ", "  ", "-", "\u00a0", "\u202f", "\u2010", " \u00ad"])))
            continue
        pieces.append(data.draw(st.sampled_from([character, character.upper(), character + "\u00ad"])))
    before, after = data.draw(st.text(max_size=5)), data.draw(st.text(max_size=5))
    title = f"{before} {''.join(pieces)} {after}"
    assert matches(article(title), TOPIC) == ("B",), title


@given(st.text())
def test_case_does_not_change_a_fold(text: str) -> None:
    assert fold_for_match(text.casefold()) == fold_for_match(text)
