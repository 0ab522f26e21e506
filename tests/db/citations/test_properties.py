"""Any Unicode title, author and abstract goes out and comes back, in every format."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.citations.formats.table import safe_cell
from db.model import Author
from tests.support.roundtrip import READERS, differences, folded
from tests.support.zoo import PLAIN, by_pmid

#: Anything but lone surrogates, which no UTF-8 file can hold; control characters come back as blanks.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
TRICKY = st.text(st.sampled_from(list("{}\\%&$#_^~\"'`=+-@,;<>|/ \n\taA1é\u0301שن骨—")), max_size=40)
WORDS = TEXT | TRICKY
NAMES = WORDS.filter(lambda text: folded(text) != "")
#: XML 1.0 has no place for these; they become blanks.
NOT_XML = dict.fromkeys((65534, 65535), " ")
PAIRS = [(name, read) for name, readers in READERS.items() for read in readers]


def without_noncharacters(text: str) -> str:
    """The text as it can come back from XML."""
    return " ".join(text.translate(NOT_XML).split(" "))


@pytest.mark.parametrize(("name", "read"), PAIRS, ids=[read.__name__ for _, read in PAIRS])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=WORDS, abstract=WORDS, last=NAMES, fore=NAMES, group=NAMES)
@example(title="RETRACTED", abstract="TY  - JOUR\nER  - \n", last="von", fore="and", group="and others")
@example(title="@article{a,\n title={b}}", abstract="\\", last="a and b", fore="{", group="A, B and C")
@example(title="= 1", abstract="\u2028x\x85y", last="de la", fore="~", group="\u202eabc")
def test_any_text_comes_back(
    name: str,
    read: Callable,  # type: ignore[type-arg]
    export_made: Callable[..., str],
    title: str,
    abstract: str,
    last: str,
    fore: str,
    group: str,
) -> None:
    title, abstract, last, fore, group = map(without_noncharacters, (title, abstract, last, fore, group))
    article = replace(
        PLAIN,
        title=title,
        abstract=abstract,
        sections=(),
        authors=(Author(last, fore, "X"), Author(collective_name=group), Author("Second", "Author", "A")),
    )
    read_back = list(read(export_made(name, article, replace(PLAIN, pmid=2, xml=b"<b/>"))))
    assert list(differences(read_back, by_pmid([article, replace(PLAIN, pmid=2)]))) == []


@given(TEXT | TRICKY)
@example("@SUM(1)")
@example("＝1")
@example("'=1")
def test_no_cell_is_a_formula_and_the_text_can_be_had_back(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    taken_away = cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] in tuple("=+-@＝＋－＠") else cell
    assert taken_away == folded(text)
