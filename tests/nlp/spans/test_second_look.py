"""What a second reading of a record sees of the first one."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.document import attribute
from nlp.models.crf import LABELS, Decoded, path_spans
from nlp.spans.feature_names import NAMES
from nlp.spans.features import document_view, sentence_features
from nlp.spans.reading import SpanReader, seen_again
from nlp.spans.second_look import Numbers, named_features, second_look
from nlp.training.crf import Schedule, train_tagger
from tests.support.reading import read

OUT, FACTOR, MORE, OUTCOME = (LABELS.index(label) for label in ("O", "B-risk factor", "I-risk factor", "B-outcome"))


def said(labels: list[int], sure: float = 1.0) -> Decoded:
    """A first reading that gives every token its label with one chance."""
    chances = np.full((len(labels), len(LABELS)), (1 - sure) / (len(LABELS) - 1), dtype=np.float32)
    chances[np.arange(len(labels)), labels] = sure
    return labels, chances


def named(numbers: Numbers) -> list[list[str]]:
    return list(map(named_features, numbers))


def seen(words: str, labels: list[int]) -> dict[str, list[str]]:
    (numbers,) = second_look([words.split()], [said(labels)])
    return dict(zip(words.split(), named(numbers), strict=True))


def test_an_item_of_a_list_sees_the_kind_of_the_items_beside_it() -> None:
    rows = seen("age , sex and laterality raised recurrence", [FACTOR, OUT, FACTOR, OUT, OUT, OUT, OUTCOME])
    assert {"2L=Rc", "2R=On", "2LR=RcOn"} <= set(rows["laterality"])
    assert {"2L=-", "2R=Rc"} <= set(rows["age"])
    assert {"2L=Rc", "2R=Oc"} <= set(rows["sex"])


def test_all_tokens_of_a_span_see_what_its_edges_see() -> None:
    rows = seen("age , long stay , recurrence", [FACTOR, OUT, FACTOR, MORE, OUT, OUTCOME])
    beside = [[f for f in rows[word] if f.startswith(("2L=", "2R=", "2LR="))] for word in ("long", "stay")]
    assert beside[0] == beside[1] == ["2L=Rc", "2R=Oc", "2LR=RcOc"]


def test_what_stands_far_off_is_told_from_what_stands_near() -> None:
    rows = seen("age of all those who had been seen here mattered", [FACTOR, *[OUT] * 9])
    assert "2L=Rn" in rows["of"]
    assert "2L=Rf" in rows["mattered"]


def test_a_word_sees_what_it_is_taken_for_elsewhere_in_the_record() -> None:
    words = [["delay", "mattered"], ["the", "delay"]]
    first, second = map(named, second_look(words, [said([FACTOR, OUT]), said([OUT, OUT])]))
    assert {"2vR0"} <= set(first[0])
    assert {"2vR3"} <= set(second[1])
    assert not [feature for feature in first[1] if feature.startswith("2v")]


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(("bone", ",", "age", "of")), st.sampled_from((0, 1, 3, 4, 5))), min_size=1)
    )
)
def test_every_token_gets_a_row_whatever_was_read(sentences: list[list[tuple[str, int]]]) -> None:
    words = [[word for word, _ in sentence] for sentence in sentences]
    rows = list(map(named, second_look(words, [said([label for _, label in sentence], 0.7) for sentence in sentences])))
    assert [len(row) for row in rows] == [len(sentence) for sentence in words]
    assert all(len(set(features)) == len(features) for row in rows for features in row)


def test_a_second_reading_finds_the_item_that_the_first_one_passed_over(tmp_path: Path) -> None:
    document = read({"RESULTS": "Smoking, sex and umbrage were associated with ossification."}, title="A study")
    document._.facts = None
    view = document_view(document)
    sentences = list(attribute(document, "sentences"))
    rows = [sentence_features(view, sentence, NAMES) for sentence in sentences]
    labels = [[OUT] * len(row) for row in rows]
    smoking, sex, umbrage = 0, 2, 4
    blind = [list(label) for label in labels]
    for at in (smoking, sex):
        blind[1][at] = FACTOR
    whole = [list(label) for label in blind]
    whole[1][umbrage] = FACTOR
    short = Schedule(passes=4, seeds=(1,), trust=1.0)
    first = train_tagger([(row, label, 1.0) for row, label in zip(rows, blind, strict=True)] * 8, short)
    read_once = SpanReader(first).read(view, sentences)
    assert path_spans(read_once[1][0], 0) == [(smoking, 1, "risk factor"), (sex, 3, "risk factor")]
    again = [
        [[*old, *new] for old, new in zip(row, more, strict=True)]
        for row, more in zip(rows, map(named, seen_again(view, sentences, read_once)), strict=True)
    ]
    second = train_tagger([(row, label, 1.0) for row, label in zip(again, whole, strict=True)] * 8, short)
    reader = SpanReader(first, second)
    reader.save(tmp_path)
    for one in (reader, SpanReader.load(tmp_path)):
        (_, (path, chances)) = one.read(view, sentences)
        assert path_spans(path, 0) == [(at, at + 1, "risk factor") for at in (smoking, sex, umbrage)]
        assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)
