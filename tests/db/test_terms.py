"""The closed lists are whole: against PubMed's own lists, and against what the store allows."""

import re
from importlib.resources import files
from pathlib import Path

import Bio.Entrez
import pytest

from db.model import Notice, Term
from db.notices import (
    ABOUT_ARTICLE,
    KIND_OF_TAG,
    MARKED,
    MARKS,
    NOTICES,
    RETRACTING,
    TAG_OF,
    gravest_mark,
    marked_title,
    title_says,
)
from db.store.check import CHECKS
from db.store.store import Store
from db.terms import (
    COMPARATOR_CLASSES,
    DIRECTIONS,
    EFFECT_DIRECTIONS,
    EFFECTS,
    KINDS,
    MONTH_NUMBERS,
    POLARITIES,
    REVIEW_DESIGNS,
    RISK_DIRECTIONS,
    STUDY_DESIGNS,
    Polarity,
    design_words,
    effect_of,
    is_made_up,
    language,
    languages,
)
from tests.support.stores import article, save

_DTD = (Path(Bio.Entrez.__file__).parent / "DTDs" / "pubmed_250101.dtd").read_text(encoding="utf-8")


def test_every_ref_type_of_pubmeds_dtd_is_a_kind_of_notice() -> None:
    block = re.search(r"<!ATTLIST\s+CommentsCorrections.*?RefType \((.*?)\)", _DTD, re.DOTALL)
    assert block
    assert {word.strip() for word in block[1].split("|")} <= NOTICES.keys()


def test_a_notice_written_as_medline_text_is_read_as_the_same_kind() -> None:
    twins = {"ReprintIn": "RepublishedIn", "ReprintOf": "RepublishedFrom"}
    assert {KIND_OF_TAG[tag]: kind for kind, tag in TAG_OF.items() if kind not in twins} == {
        kind: kind for kind in TAG_OF if kind not in twins
    }
    assert all(KIND_OF_TAG[TAG_OF[kind]] == twin for kind, twin in twins.items())


def test_only_what_stands_on_the_flawed_article_marks_it() -> None:
    assert RETRACTING <= set(MARKED) <= ABOUT_ARTICLE
    assert all(kind.endswith("In") for kind in ABOUT_ARTICLE)
    assert gravest_mark(["CommentIn", "RetractionOf", "nonsense"]) is None


@pytest.mark.parametrize(
    ("kinds", "retracted", "mark"),
    [
        (["ErratumIn", "ExpressionOfConcernIn"], False, "EXPRESSION OF CONCERN"),
        (["ErratumIn", "PartialRetractionIn"], False, "PARTIALLY RETRACTED"),
        (["ErratumIn"], True, "RETRACTED"),
        (["RetractedandRepublishedIn"], False, "RETRACTED"),
    ],
)
def test_the_gravest_mark_is_the_one_said(kinds: list[str], retracted: bool, mark: str) -> None:
    assert gravest_mark(kinds, retracted) == mark
    assert mark in MARKS


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("A trial", "RETRACTED: A trial"),
        ("RETRACTED: A trial", "RETRACTED: A trial"),
        ("Retracted article: A trial", "Retracted article: A trial"),
        ("[Retracted] : A trial", "[Retracted] : A trial"),
        ("Retracted nerves in the elbow", "RETRACTED: Retracted nerves in the elbow"),
    ],
)
def test_a_mark_is_said_once(title: str, shown: str) -> None:
    assert marked_title(title, "RETRACTED") == shown


SAYING = [
    ("RETRACTED: A trial", "that it was retracted"),
    ("[Retracted] A trial", "that it was retracted"),
    ("[RETRACTED ARTICLE: A trial].", "that it was retracted"),
    ("WITHDRAWN: Drugs for the hip.", "that it was withdrawn"),
    ("TEMPORARY REMOVAL: A trial", "that it was removed"),
    ('Retraction notice to "A trial" [Made-up J 1 (2020) 2]', "that this is the notice of a retraction"),
    ("Retraction: A trial", "that this is the notice of a retraction"),
]
SILENT = [
    "Retracted nerves in the elbow",
    "Retraction of the patella: an anatomic study",
    "Retractors at the hip: which one?",
    "Withdrawn consent in trials",
    "Removed implants: what was found",
    "Why was this article retracted: a survey",
    "\u017f RETRACTED",
    "retracte\u212a: no sign of ASCII",
    "",
]


@pytest.mark.parametrize(("title", "said"), SAYING)
def test_a_title_that_says_so_is_a_retraction_without_type_or_notice(title: str, said: str, store: Store) -> None:
    save(store, article(title=title))
    assert title_says(title) == said
    assert article(title=title).retracted
    assert next(store.db["articles"].rows)["retracted"] == 1
    assert marked_title(title, "RETRACTED") == title
    assert list(CHECKS["retractions"](store)) == []


@pytest.mark.parametrize("title", SILENT)
def test_other_titles_say_nothing_of_a_retraction(title: str, store: Store) -> None:
    save(store, article(title=title))
    assert not article(title=title).retracted
    assert list(CHECKS["retractions"](store)) == []


def test_pubmeds_own_word_for_a_notice_is_asked_before_its_title(store: Store) -> None:
    title = "Retraction notice to: A trial"
    by_type = article(1, title=title, publication_types=(Term("D016440", "Retraction of Publication"),))
    by_notice = article(2, title=title, notices=(Notice("RetractionOf", 9, "J. 2021"),))
    save(store, by_type, by_notice)
    assert not by_type.retracted
    assert not by_notice.retracted
    assert list(CHECKS["retractions"](store)) == []


def test_a_title_that_comes_to_say_so_is_told_as_a_retraction(store: Store) -> None:
    save(store, article(title="A trial"))
    newer = article(title="RETRACTED: A trial", xml=b"<r/>", revised_date="2021")
    assert save(store, newer) == [(1, "revised"), (1, "retracted")]


def _allowed(store: Store, table: str, column: str) -> set[str]:
    """The words that a CHECK of the store allows in a column."""
    sql = store.db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [table]).fetchone()[0]
    found = re.search(rf"CHECK \({column} IN\s*\((.*?)\)\)", sql, re.DOTALL)
    assert found
    return set(re.findall(r"'([^']+)'", found[1]))


def test_the_store_allows_exactly_the_closed_lists(store: Store) -> None:
    assert _allowed(store, "concepts", "kind") == set(KINDS)
    assert _allowed(store, "concepts", "polarity") == set(POLARITIES)
    assert _allowed(store, "findings", "direction") == set(DIRECTIONS)
    assert _allowed(store, "findings", "comparator_class") == set(COMPARATOR_CLASSES)
    assert _allowed(store, "findings", "effect") == set(EFFECTS)


def test_directions_are_those_of_effects_and_risks() -> None:
    assert {*EFFECT_DIRECTIONS, *RISK_DIRECTIONS} == set(DIRECTIONS)


def test_every_language_has_one_line_in_order() -> None:
    lines = files("db").joinpath("languages.tsv").read_text(encoding="utf-8").splitlines()
    codes = [line.split("\t")[0] for line in lines if not line.startswith("#")]
    assert codes == sorted(set(codes))
    assert set(codes) == set(languages())
    assert (language("GER").short, language("GER").name) == ("de", "German")
    assert language("xyz").name == "xyz"


def test_designs_in_words() -> None:
    assert len(STUDY_DESIGNS) == 14
    assert design_words("case series", 2) == "case series"
    assert design_words("meta-analysis", 2) == "meta-analyses"
    assert design_words("cohort", 1) == "cohort"
    assert "review" in REVIEW_DESIGNS
    assert "cohort" not in REVIEW_DESIGNS
    assert MONTH_NUMBERS["sep"] == 9


@pytest.mark.parametrize(
    ("direction", "polarity", "effect"),
    [
        ("decreases", "less is better", "better"),
        ("increases", "less is better", "worse"),
        ("increases", "more is better", "better"),
        ("decreases", "more is better", "worse"),
        ("no difference", "more is better", "no difference"),
        ("no difference", None, "no difference"),
        ("decreases", None, "unclear"),
        ("unclear", "less is better", "unclear"),
    ],
)
def test_a_direction_is_seen_through_the_polarity(direction: str, polarity: Polarity | None, effect: str) -> None:
    assert effect_of(direction, polarity) == effect


@pytest.mark.parametrize(
    ("pmid", "made_up"), [(89_999_999, False), (90_000_000, True), (99_999_999, True), (10**8, False)]
)
def test_made_up_records_are_known_from_the_first_number_of_theirs_to_the_last(pmid: int, made_up: bool) -> None:
    assert is_made_up(pmid) is made_up
