"""The random field and the spans it gives."""

from pathlib import Path

import numpy as np
import pytest

from nlp.facts.component import fact_models, study_facts
from nlp.facts.reading import Reading
from nlp.models.crf import LABELS, SpanTagger, path_spans
from nlp.pipeline import build_pipeline, read_document
from nlp.spans import component
from nlp.spans.component import SpanComponent
from nlp.spans.feature_names import NAMES, NumberedFeatures
from nlp.spans.features import MAX_SENTENCE, document_view, sentence_features
from nlp.spans.tagging import span_tagger, tagged_spans, vocabulary_spans
from nlp.training.crf import train_tagger
from nlp.training.projection import project
from tests.support.reading import facts_of, read, record, spans_of

OUT, BEGIN, INSIDE = (LABELS.index(label) for label in ("O", "B-intervention", "I-intervention"))


def rows_of(words: str) -> list[list[str]]:
    return [["b", f"w={word}"] for word in words.split()]


def trained() -> SpanTagger:
    """A tagger that has seen one drug of two words."""
    sentences = [
        (rows_of("zoledronic acid lowered bone"), [BEGIN, INSIDE, OUT, OUT], 1.0),
        (rows_of("bone formed after surgery"), [OUT, OUT, OUT, OUT], 1.0),
        (rows_of("we gave zoledronic acid"), [OUT, OUT, BEGIN, INSIDE], 1.0),
    ] * 8
    return train_tagger(sentences)


def test_what_was_learnt_is_found_and_survives_its_file(tmp_path: Path) -> None:
    tagger = trained()
    tagger.save(tmp_path / "spans.npz")
    for one in (tagger, SpanTagger.load(tmp_path / "spans.npz")):
        (path, chances), (other, _) = one.decode([rows_of("then zoledronic acid lowered bone"), rows_of("bone formed")])
        assert path == [OUT, BEGIN, INSIDE, OUT, OUT]
        assert other == [OUT, OUT]
        assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)


def test_decoding_many_sentences_gives_what_each_gives_alone() -> None:
    tagger = trained()
    sentences = [rows_of("bone " * (n % 7 + 1) + "zoledronic acid") for n in range(150)] + [[]]
    together = [path for path, _ in tagger.decode(sentences)]
    assert together == [path for sentence in sentences for path, _ in tagger.decode([sentence])]
    assert len(together) == 151


def test_an_inside_never_follows_an_outside() -> None:
    tagger = trained()
    ((path, _),) = tagger.decode([rows_of("acid acid acid bone acid")])
    assert all(
        LABELS[b][:2] != "I-" or LABELS[a][2:] == LABELS[b][2:] for a, b in zip([OUT, *path], path, strict=False)
    )


def test_labels_become_spans() -> None:
    assert path_spans([OUT, BEGIN, INSIDE, INSIDE, OUT, BEGIN, BEGIN, INSIDE], 10) == [
        (11, 14, "intervention"), (15, 16, "intervention"), (16, 18, "intervention"),
    ]  # fmt: skip


def test_gold_strings_are_projected_on_tokens() -> None:
    document = read("Zoledronic acid was given. HO recurred.", title="A study")
    gold = {"interventions": ["Zoledronic acid"], "risk_factors": [], "outcomes": ["HO"], "findings": []}
    labels = project(document._.words, gold)
    found = {(" ".join(document._.words[a:b]), kind) for a, b, kind in path_spans(labels, 0)}
    assert found == {("Zoledronic acid", "intervention"), ("HO", "outcome")}


def test_features_see_words_vocabulary_and_brackets() -> None:
    document = read({"RESULTS": "Male sex (OR 2.1, 95% CI 1.2-3.4) was associated with HO."}, title="HO")
    document._.facts = None
    view = document_view(document)
    rows = sentence_features(view, document._.sentences[1], NAMES)
    assert len(rows) == document._.sentences[1].last - document._.sentences[1].first
    assert {"w=male", "next=est"} <= set(rows[0])
    assert "inside" in rows[3]
    assert any(feature.startswith("R=association") for feature in rows[0])


def test_features_by_number_are_those_by_name() -> None:
    document = read(
        {"METHODS": "Rats with HO got naproxen (n = 12), or none.",
         "RESULTS": "Male sex (OR 2.1, 95% CI 1.2-3.4) was associated with HO = bone; naproxen reduced HO."},
        title="Naproxen against heterotopic ossification (HO)",
    )  # fmt: skip
    view = document_view(document)
    by_name = [sentence_features(view, sentence, NAMES) for sentence in document._.sentences]
    names = sorted({name for rows in by_name for row in rows for name in row})
    index = {name: number for number, name in enumerate(names[::2])}
    expected = [[[index.get(name, len(index)) for name in row] for row in rows] for rows in by_name]
    told = NumberedFeatures(index)
    assert [sentence_features(view, sentence, told) for sentence in document._.sentences] == expected


def test_a_long_sentence_is_read_so_far() -> None:
    document = read("bone " * (MAX_SENTENCE + 50), title="HO")
    document._.facts = None
    assert len(sentence_features(document_view(document), document._.sentences[1], NAMES)) == MAX_SENTENCE


def test_the_packaged_tagger_knows_drugs_that_the_vocabulary_does_not() -> None:
    document = read(
        {"METHODS": "Patients were randomized to zoltandronate 20 mg or placebo.",
         "RESULTS": "HO was less frequent with zoltandronate than with placebo (p = 0.01)."},
        title="Zoltandronate for heterotopic ossification after hip arthroplasty: a randomized trial",
    )  # fmt: skip
    document._.facts = None
    found = {(span.text.lower(), span.kind) for span in tagged_spans(document, span_tagger())}
    assert {("zoltandronate", "intervention"), ("placebo", "intervention"), ("ho", "outcome")} <= found


def test_vocabulary_spans_need_no_model() -> None:
    spans = vocabulary_spans(read("Indomethacin was given. Men were treated. Male sex was a risk factor for HO."))
    kinds = {(span.text, span.kind) for span in spans}
    assert ("Indomethacin", "intervention") in kinds
    assert ("Male sex", "risk factor") in kinds
    assert all(span.sentence != 2 or span.kind != "risk factor" for span in spans)


def test_a_reading_is_plain() -> None:
    reading = facts_of("Ratio 0·4–0·9.", title="HO")
    assert reading.abstract == "Ratio 0.4-0.9."
    assert reading.title == "HO"


def test_a_receptor_is_a_factor_whatever_the_random_field_says(monkeypatch: pytest.MonkeyPatch) -> None:
    document = read("Blocking the TGF-β type II receptor inhibited heterotopic ossification. Mice got naproxen.")
    document._.wanted, document._.facts = True, study_facts(Reading.of(document), fact_models())
    named = {"TGF-β type II receptor": "intervention", "naproxen": "intervention"}
    monkeypatch.setattr(component, "tagged_spans", lambda document, _: spans_of(document, named))
    found = SpanComponent(document.vocab, "tracker_spans", model=True, vocabulary=None)(document)._.open_spans  # type: ignore[arg-type]
    assert [(span.text, span.kind) for span in found] == [
        ("TGF-β type II receptor", "risk factor"), ("naproxen", "intervention"),
    ]  # fmt: skip


def test_other_fields_have_a_tagger_of_their_own() -> None:
    pipeline = build_pipeline(any_topic=True)
    text = "Patients with asthma were randomized to florbazine or placebo. The forced expiratory volume rose."
    document = read_document(pipeline, record(text, title="Florbazine for asthma: a randomized trial"))
    assert document._.facts.topic == "not_ho"
    assert "intervention" in {span.kind for span in document._.open_spans}


def test_in_other_fields_a_factor_with_a_ratio_wins_over_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Smoking raised mortality (OR 2.1, 95% CI 1.2 to 3.4). Asthma was common and sleep was poor."
    document = read(text, title="Asthma")
    document._.wanted, document._.facts = True, study_facts(Reading.of(document), fact_models())
    packaged = SpanComponent(document.vocab, "tracker_spans", model=True, vocabulary=None)  # type: ignore[arg-type]
    of_ho = {"Smoking": "risk factor", "sleep": "risk factor"}
    opened = {"Smoking": "outcome", "mortality": "outcome", "sleep": "outcome"}
    monkeypatch.setattr(
        component, "tagged_spans", lambda d, tagger: spans_of(d, of_ho if tagger is packaged.tagger else opened)
    )
    found = {(span.text, span.kind) for span in packaged(document)._.open_spans}
    assert found == {("Smoking", "risk factor"), ("mortality", "outcome"), ("sleep", "outcome")}
