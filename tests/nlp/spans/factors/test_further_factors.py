"""Risk factors that the trained tagger passed over, and parts of other names that it took for some."""

from dataclasses import replace

import pytest

from db.tagged import StudyFacts
from nlp.spans.factors.further_factors import with_further_factors
from nlp.spans.factors.listed_factors import with_listed_factors
from nlp.spans.factors.lists import items_from, lists_of, masked
from nlp.spans.names.name_parts import without_name_parts
from tests.support.reading import read, spans_of

#: What a tagger saw, of which these tests ask what comes besides.
SEEN = {
    "spasticity": "risk factor", "pressure sores": "risk factor", "male sex": "risk factor", "smoking": "risk factor",
    "frozen joints": "outcome", "excision": "intervention", "HGFX": "risk factor",
    "hollow growth factor X": "risk factor", "naproxen": "intervention", "pain": "outcome",
}  # fmt: skip


def factors(text: str) -> set[str]:
    document = read(text)
    found = with_listed_factors(document, spans_of(document, SEEN))
    return {span.text for span in found if span.kind == "risk factor"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HO was predicted by spasticity, bladder stones, and pressure sores.",
         {"spasticity", "bladder stones", "pressure sores"}),
        ("Male gender, spasticity and pressure sores were associated with it.",
         {"Male gender", "spasticity", "pressure sores"}),
        ("Spasticity of the arm did not matter: HO had no relation to male sex, smoking or a long stay in 12 patients.",
         {"male sex", "smoking", "long stay"}),
        ("HO went with spasticity (n = 3, of all), bladder stones (n = 4), and pressure sores.",
         {"spasticity", "bladder stones", "pressure sores"}),
        # two make no list, nor does what stands in brackets or is a clause of its own
        ("HO went with spasticity and bladder stones.", {"spasticity"}),
        ("HO went with spasticity, pressure sores, and healing took long.", {"spasticity", "pressure sores"}),
        ("HO went with spasticity, pressure sores, and two others.", {"spasticity", "pressure sores"}),
        # a list that holds other things, or mostly unknown ones, is no list of factors
        ("HO went with spasticity, bladder stones, pressure sores, and naproxen.", {"spasticity", "pressure sores"}),
        ("HO went with spasticity, stones, fits, falls, fevers, and pressure sores.", {"spasticity", "pressure sores"}),
        # nothing is related to anything
        ("We gathered spasticity, bladder stones, and pressure sores.", {"spasticity", "pressure sores"}),
        # what is called a cause
        ("Risk factors in the jaw are trauma, frozen joints, and injected hormones.",
         {"trauma", "frozen joints", "injected hormones"}),
        ("The condition was made worse by blows to muscle, by excision, and by careless punctures.",
         {"blows to muscle", "careless punctures"}),
        ("HO was induced by crushing of muscle or by heat.", {"crushing of muscle", "heat"}),
        ("Its causes were torn ligaments and fractures of the ulna.", {"torn ligaments", "fractures of the ulna"}),
        ("Known risk factors are poorly understood, and management is disputed.", set()),
        ("Independent risk factors were sought by regression and by testing.", set()),
        ("Sarcomas are induced by radiation and by heat.", set()),
    ],
)  # fmt: skip
def test_factors_that_a_list_names(text: str, expected: set[str]) -> None:
    assert factors(text) == expected


def test_an_unsure_list_says_nothing_of_the_rest_of_it() -> None:
    document = read("HO was predicted by spasticity, bladder stones, and pressure sores.")
    spans = [replace(span, confidence=0.6) for span in spans_of(document, SEEN)]
    assert with_listed_factors(document, spans) == spans


def test_the_list_of_causes_makes_an_outcome_a_factor_and_leaves_a_treatment() -> None:
    document = read("Risk factors of HO are frozen joints, falls, and excision. Frozen joints were common.")
    kinds = {span.text: span.kind for span in with_listed_factors(document, spans_of(document, SEEN))}
    assert kinds == {"frozen joints": "risk factor", "falls": "risk factor", "excision": "intervention"}


def test_brackets_and_names_hold_no_items() -> None:
    text = "a (b, c, and d), brain and nerve, e, and f"
    shown = masked(text, [(text.index("brain"), text.index(", e"))])
    assert len(shown) == len(text)
    [items] = lists_of(shown)
    assert [text[item.start : item.end] for item in items] == ["a", "brain and nerve", "e", "f"]
    causes = "by x, by y, and by z in all"
    assert [causes[item.start : item.end] for item in items_from(causes, 0)] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The gene encodes a receptor of hollow growth factor X (HGFX).", []),
        ("HGFX drives it.", ["HGFX"]),
        ("ABC1, an HGFX type II receptor, drives it.", []),
        ("Mutations of the HGFX type II receptor (ABC1) drive it.", ["HGFX type II receptor"]),
        ("There was resistance to HGFX and to hollow growth factor X.", []),
        ("Resistance to drugs was rare, and HGFX is common.", ["HGFX"]),
        ("Pain was a receptor of nothing.", []),
    ],
)  # fmt: skip
def test_parts_of_other_names_are_no_factors(text: str, expected: list[str]) -> None:
    document = read(text)
    found = without_name_parts(document, spans_of(document, SEEN))
    assert [span.text for span in found if span.kind == "risk factor"] == expected


@pytest.mark.parametrize(
    ("text", "design", "expected"),
    [
        ("HGFX (hollow), a potent smoking, drives it.", "animal study", ["HGFX"]),
        ("HGFX, one of the smoking, drives it.", "in vitro study", ["HGFX"]),
        ("HGFX, a long stay and smoking drive it.", "animal study", ["HGFX", "smoking"]),
        ("HGFX rose, a smoking of note.", "animal study", ["HGFX", "smoking"]),
        ("Patients had HGFX, a smoking, and more.", "cohort", ["HGFX", "smoking"]),
    ],
)
def test_what_a_factor_of_bench_work_is_in_general_is_none(text: str, design: str, expected: list[str]) -> None:
    document = read(text)
    document._.facts = StudyFacts("ho", design, None, design, None, None, "animal", None, (), ())
    found = without_name_parts(document, spans_of(document, SEEN))
    assert [span.text for span in found if span.kind == "risk factor"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He carried the mutation c.100A>G (p.Arg34Gly, R34G) of a gene.", ["c.100A>G", "p.Arg34Gly", "R34G"]),
        ("He was heterozygous for 587T>C.", ["587T>C"]),
        ("The cell line R34G was seeded.", []),
        ("A mutant mouse of the strain C57BL was fed.", []),
    ],
)  # fmt: skip
def test_variants_of_genes_are_factors(text: str, expected: list[str]) -> None:
    assert [span.text for span in with_further_factors(read(text), [])] == expected


def test_what_is_surely_a_factor_is_one_under_its_other_name() -> None:
    document = read("Spasticity and hollow growth factor X (HGFX) mattered. HGFX was high.")
    [long_form] = spans_of(document, {"hollow growth factor X": "risk factor"})
    assert [s.text for s in with_further_factors(document, [long_form])] == ["hollow growth factor X", "HGFX", "HGFX"]
    unsure = replace(long_form, confidence=0.8)
    assert [s.text for s in with_further_factors(document, [unsure])] == ["hollow growth factor X"]
