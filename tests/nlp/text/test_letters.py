"""Letters that only look different change no tag; every tag stands in the text as PubMed sent it."""

import pytest

from db.sections import Section
from db.tagged import TagInput
from nlp.pipeline import tag_one

TITLE = "Heterotopic ossification after hip arthroplasty"
ABSTRACT = "Hips were followed.\nIndomethacin reduced heterotopic ossification (p = 0.01) in 62 patients."
SECTIONS = (Section("METHODS", None, 0, 19), Section("RESULTS", None, 20, len(ABSTRACT)))


def article(replaced: str, by: str) -> TagInput:
    abstract = ABSTRACT.replace(replaced, by)
    second = abstract.index("\n") + 1
    sections = (Section("METHODS", None, 0, second - 1), Section("RESULTS", None, second, len(abstract)))
    return TagInput(1, TITLE.replace(replaced, by), abstract, sections)


@pytest.mark.parametrize(
    ("replaced", "by"),
    [("fi", "\ufb01"), ("et", "e\u00adt"), ("o", "\u043e"), ("after", "af\u200bter\ufeff"), ("H", "\uff28")],
)
def test_odd_letters_change_no_tag(replaced: str, by: str) -> None:
    plain, odd = tag_one(TagInput(1, TITLE, ABSTRACT, SECTIONS)), tag_one(article(replaced, by))
    assert [m.concept_id for m in plain.mentions]
    assert [(m.field, m.concept_id, m.section) for m in odd.mentions] == [
        (m.field, m.concept_id, m.section) for m in plain.mentions
    ]
    assert [(f.subject_id, f.direction, f.estimate) for f in odd.findings] == [
        (f.subject_id, f.direction, f.estimate) for f in plain.findings
    ]
    assert plain.findings
    assert odd.facts == plain.facts
    source = article(replaced, by)
    for mention, model in zip(odd.mentions, plain.mentions, strict=True):
        text = source.title if mention.field == "title" else source.abstract or ""
        assert mention.text == text[mention.start : mention.end] == model.text.replace(replaced, by)
        assert mention.text in text[mention.sentence_start : mention.sentence_end]
    for finding in odd.findings:
        text = source.abstract or ""
        assert text[finding.sentence_start : finding.sentence_end].endswith("62 patients.")
