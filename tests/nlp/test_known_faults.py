"""Sentences that other taggers misread: negations, double negations, odd notations, foreign short forms."""

import pytest

from db.tagged import Estimate, TaggedArticle
from nlp.pipeline import tag_one
from tests.support.reading import record

TITLE = "Heterotopic ossification after total hip arthroplasty."


def tagged(text: str, title: str = TITLE) -> TaggedArticle:
    return tag_one(record(text, title))


def assertions(text: str) -> set[str]:
    """What is said of heterotopic ossification in the abstract."""
    return {
        mention.assertion
        for mention in tagged(text).mentions
        if mention.field == "abstract" and mention.kind == "outcome" and "hetero" in mention.text.lower()
    }


@pytest.mark.parametrize(
    ("text", "assertion"),
    [
        ("The radiograph at 12 weeks was negative for heterotopic ossification.", "negated"),
        ("All 40 hips stayed free of heterotopic ossification.", "negated"),
        ("The joint was devoid of heterotopic bone.", "negated"),
        ("Heterotopic ossification: none. Nerve injury: absent.", "negated"),
        ("Heterotopic ossification was not seen in any hip.", "negated"),
        ("Neither group had heterotopic ossification.", "negated"),
        ("None of the 40 hips had any heterotopic ossification.", "negated"),
        ("Radiographs failed to show heterotopic ossification.", "negated"),
        ("Heterotopic ossification has not been reported after this approach.", "negated"),
        ("Heterotopic ossification occurred in 0 patients.", "negated"),
        ("Heterotopic ossification occurred in 0.5% of the hips.", "affirmed"),
        ("Heterotopic ossification did not occur after radiotherapy.", "negated"),
        ("The lack of indomethacin prophylaxis was a risk factor for heterotopic ossification.", "affirmed"),
        ("It is not uncommon for heterotopic ossification to follow surgery.", "affirmed"),
        ("Celecoxib was not without effect on heterotopic ossification.", "affirmed"),
    ],
)
def test_what_is_said_of_the_disease(text: str, assertion: str) -> None:
    assert assertions(text) <= {assertion}
    assert assertions(text) or "uncommon" in text


def test_the_lack_of_a_drug_is_the_risk_factor_and_not_the_drug() -> None:
    found = tagged("The lack of indomethacin prophylaxis was a risk factor for heterotopic ossification.").findings
    assert [(f.kind, f.subject_text, f.direction) for f in found] == [
        ("risk", "lack of indomethacin prophylaxis", "increases")
    ]


def test_a_list_of_complications_that_did_not_happen_is_denied() -> None:
    found = tagged("Complications: none. Heterotopic ossification: none. Nerve injury: absent.").mentions
    assert [m.assertion for m in found if m.field == "abstract" and m.kind == "outcome"] == ["negated"] * 3


def test_a_double_negation_is_no_null_result() -> None:
    findings = tagged("Celecoxib was not without effect on heterotopic ossification.").findings
    assert "no difference" not in {finding.direction for finding in findings}


@pytest.mark.parametrize(
    "text",
    [
        "Pain improved but heterotopic ossification developed in 12 hips, however infection did not occur.",
        "Infection was not ruled out.",
    ],
)
def test_an_event_that_did_not_happen_is_no_risk_factor(text: str) -> None:
    assert [f for f in tagged(text).findings if f.kind == "risk" and "nfection" in f.subject_text] == []


def test_an_author_of_a_citation_is_no_outcome() -> None:
    found = tagged("Heterotopic ossification was rated with an older system (Brooker et al., 1973).")
    assert "Brooker" not in {mention.text for mention in found.mentions}


@pytest.mark.parametrize(
    ("text", "estimate"),
    [
        ("Celecoxib reduced heterotopic ossification (OR 0,46; IC95% 0,26-0,82; p=0,008).",
         Estimate("OR", 0.46, 0.26, 0.82, "0.008")),
        ("Male sex was a risk factor for heterotopic ossification (aOR=2.3; CI95%: 1.1-4.8; p-value 0.03).",
         Estimate("OR", 2.3, 1.1, 4.8, "0.03", True)),
        ("Celecoxib reduced heterotopic ossification (risk ratio = 0.46 [0.26; 0.82], P = 8.0 × 10−3).",
         Estimate("RR", 0.46, 0.26, 0.82, "0.008")),
        ("Celecoxib reduced heterotopic ossification (OR 0.46 (0.26-0.82), P<10-3).",
         Estimate("OR", 0.46, 0.26, 0.82, "<0.001")),
        ("Celecoxib reduced heterotopic ossification (OR 0.46; 95% CI 0.26-0.82; P = 8e-3).",
         Estimate("OR", 0.46, 0.26, 0.82, "0.008")),
    ],
)  # fmt: skip
def test_numbers_in_other_notations(text: str, estimate: Estimate) -> None:
    assert estimate in {finding.estimate for finding in tagged(text).findings}


@pytest.mark.parametrize("word", ["ossi\ufb01cation", "ossi\u00adfication"])
def test_ligatures_and_soft_hyphens_hide_nothing(word: str) -> None:
    found = tagged(
        f"Indomethacin reduced heterotopic {word} (p = 0.01).", f"Heterotopic {word} after hip arthroplasty."
    )
    assert found.facts.topic == "ho"
    assert word in {mention.text.split()[-1] for mention in found.mentions if mention.kind == "outcome"}
    assert [f.direction for f in found.findings if f.kind == "effect"] == ["decreases"]


def test_a_short_form_means_what_the_article_says() -> None:
    found = tagged("Real-time (RT) PCR was done. RT was repeated. Heterotopic ossification formed in all mice.")
    assert "RT" not in {mention.text for mention in found.mentions}
    found = tagged("Patients in the ICU had HO (home oxygen). HO was stopped after 7 days.")
    assert "HO" not in {mention.text for mention in found.mentions}
    found = tagged("Heterotopic new bone (HO) was seen in 12 hips. HO was graded by Brooker.")
    assert "HO" in {mention.text for mention in found.mentions}


def test_what_is_told_of_a_name_and_of_its_short_form_is_told_once() -> None:
    text = (
        "We randomised 100 hips to naproxen or placebo. Discontinuation caused by side effects (DSE) was increased by "
        "naproxen relative to placebo (OR 1.28, 95% CI 1.01-1.63)."
    )
    [finding] = [found for found in tagged(text).findings if found.kind == "effect"]
    assert (finding.outcome_text, finding.comparator_text, finding.direction) == ("DSE", "placebo", "increases")


def test_a_statement_stands_in_a_sentence_that_tells_something() -> None:
    text = (
        "By meta-analysis we compared the direct anterior approach (DAA) and the lateral approach (LA). Thirteen "
        "studies with 24853 hips (DAA 9575, LA 15278) qualified. No significant difference was seen in how often "
        "heterotopic ossification [12.16% vs 26.47% (OR = 0.46; 95% CI: 0.20-1.07, P = 0.07)] occurred in the DAA "
        "and LA groups."
    )
    found = [finding for finding in tagged(text).findings if finding.subject_text in ("DAA", "LA")]
    assert found
    for finding in found:
        assert finding.direction in ("no association", "no difference", "unclear")
        assert text[finding.sentence_start :].startswith("No significant difference")
