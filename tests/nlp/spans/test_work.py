"""How much is done for a long text: spans are not compared with each other, however many there are."""

from typing import Any

import pytest

from nlp.document import attribute
from nlp.pipeline import build_pipeline, read_document
from nlp.spans import component
from nlp.spans.tagging import Span
from tests.support.reading import record


def test_spans_of_a_long_sentence_are_not_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    equal = Span.__eq__

    def counted(self: Span, other: Any) -> bool:
        nonlocal compared
        compared += 1
        return equal(self, other)

    monkeypatch.setattr(Span, "__eq__", counted)
    monkeypatch.setattr(component, "measures_disease", lambda *_: False)
    count = 60
    article = record("Indomethacin reduced ossification and " * count, "Heterotopic ossification")
    document = read_document(build_pipeline(), article)
    found = attribute(document, "open_spans")
    assert len(found) >= count // 2
    assert compared <= 5 * count
