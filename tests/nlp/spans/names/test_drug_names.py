"""Names of treatments as they are: no "therapy" behind a drug, and no target of a drug."""

import pytest

from nlp.spans.names.drug_names import with_plain_names
from tests.support.reading import read, spans_of


def named(text: str, *names: str) -> list[str]:
    document = read(text)
    return [span.text for span in with_plain_names(document, spans_of(document, dict.fromkeys(names, "intervention")))]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("We gave naproxen; naproxen therapy was safe.", ("naproxen therapy", "naproxen"),
         ["naproxen", "naproxen", "naproxen"]),
        ("We gave it; naproxen therapy was safe.", ("naproxen therapy",), ["naproxen therapy"]),
        ("We gave radiation; radiation therapy was safe.", ("radiation therapy",), ["radiation therapy"]),
        ("A drug of the retinoic acid receptor gamma was given.", ("retinoic acid receptor gamma",), []),
        ("A retinoic acid receptor gamma agonist was given.", ("retinoic acid receptor gamma agonist",),
         ["retinoic acid receptor gamma agonist"]),
        ("It acts on mitochondrial metabolism of cells.", ("mitochondrial metabolism of cells",), []),
        ("It was inhibition of mitochondrial metabolism.", ("inhibition of mitochondrial metabolism",),
         ["inhibition of mitochondrial metabolism"]),
    ],
)  # fmt: skip
def test_drugs_are_named_plainly_and_targets_are_none(text: str, names: tuple[str, ...], expected: list[str]) -> None:
    assert named(text, *names) == expected


def test_radiation_therapy_keeps_its_name_beside_radiation() -> None:
    document = read("We gave radiation; external radiation therapy was safe.")
    given = spans_of(document, {"radiation": "intervention"})[:1]
    given += spans_of(document, {"radiation therapy": "intervention"})
    assert [span.text for span in with_plain_names(document, given)] == ["radiation", "radiation therapy"]


def test_a_factor_may_be_a_receptor() -> None:
    document = read("The retinoic acid receptor gamma was found.")
    given = spans_of(document, {"retinoic acid receptor gamma": "risk factor"})
    assert with_plain_names(document, given) == given
