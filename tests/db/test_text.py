"""Letters are folded once, the same way for tagging and search, and every place can be found again."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.text import fold_letters, fold_with_places


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("heterotopic ossi\ufb01cation", "heterotopic ossification"),
        ("sti\ufb00 \ufb02uid, su\ufb03cient, ba\ufb04e, \ufb06", "stiff fluid, sufficient, baffle, st"),
        ("hetero\u00adtopic ossi\u00adfi\u00adcation", "heterotopic ossification"),
        ("hetero\u200btopic\ufeff \u2060bone\u200d", "heterotopic bone"),
        ("h\u0435ter\u043et\u043epic", "heterotopic"),
        ("the hip (\u041d\u041e)", "the hip (HO)"),
        ("the hip (\u0397\u039f)", "the hip (HO)"),
        ("\uff28\uff2f \uff11\uff12", "HO 12"),
        ("\U0001d6fd-catenin", "β-catenin"),
        ("PGE₂ and H₂ blockers", "PGE2 and H2 blockers"),
        ("f\u0153tal h\u00e6matoma", "foetal haematoma"),
        ("Mu\u0308ller", "Müller"),
        ("5 \u00b5g", "5 μg"),
        ("TGF-ß1 and TGFß", "TGF-β1 and TGFβ"),
        # Meant as they stand.
        ("TGFβ1, NF-κB, ΔCt, α-SMA, p = 10⁻²", "TGFβ1, NF-κB, ΔCt, α-SMA, p = 10⁻²"),
        ("Хирургия (НО)", "Хирургия (НО)"),
        ("Χ was measured", "Χ was measured"),
        ("Straße, naïve, Núñez", "Straße, naïve, Núñez"),
        ("plain", "plain"),
    ],
)  # fmt: skip
def test_what_only_looks_different_is_the_same(text: str, folded: str) -> None:
    assert fold_letters(text) == folded
    assert fold_with_places(text).text == folded


_ODD_SIGNS = "\u00ad\ufb01\ufb03\u200bеοΗæ\u0308ßµ₂ﬀaeiou HObone10-."


@given(st.text(st.sampled_from(_ODD_SIGNS)) | st.text())
def test_every_folded_sign_has_its_place(text: str) -> None:
    folded = fold_with_places(text)
    assert folded.text == fold_letters(text)
    places = [folded.original(place, place + 1) for place in range(len(folded.text))]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    for sign, (start, end) in zip(folded.text, places, strict=True):
        assert sign in fold_letters(text[start:end]) or len(fold_letters(text[start:end])) == end - start
    lost = set(range(len(text))) - {place for start, end in places for place in range(start, end)}
    assert all(unicodedata.category(text[place]) == "Cf" for place in lost)


@given(st.text(st.sampled_from(_ODD_SIGNS)) | st.text())
def test_folding_twice_changes_nothing_of_plain_letters(text: str) -> None:
    plain = "".join(sign for sign in text if sign.isascii())
    assert fold_letters(plain) == plain
    assert fold_with_places(plain).original(0, len(plain)) == (0, len(plain))


def test_places_between_and_beyond_signs() -> None:
    folded = fold_with_places("os\u00adsi\ufb01c")
    assert folded.text == "ossific"
    assert folded.original(0, 7) == (0, 7)
    assert folded.original(2, 4) == (3, 5)
    assert [folded.folded(place) for place in (0, 3, 5, 7)] == [0, 2, 4, 7]
