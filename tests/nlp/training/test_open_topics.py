"""Annotated trials of other fields: where title and abstract part, and which tokens a mention covers."""

import json
from pathlib import Path

from nlp.models.crf import LABELS
from nlp.training.open_topics import fit_open, labels_of, read_annotated
from tests.support.reading import read

TEXT = "Florbazine for asthma . Patients got florbazine or placebo . Wheezing fell ."


def corpus(path: Path, count: int = 1) -> Path:
    spans = [[0, 10, "Intervention"], [37, 47, "Intervention"], [51, 58, "Intervention"], [61, 69, "Outcome"],
             [24, 32, "Participant"]]  # fmt: skip
    path.write_text(f"{json.dumps({'pmid': '1', 'text': TEXT, 'spans': spans})}\n" * count, encoding="utf-8")
    return path


def test_mentions_move_with_the_line_between_title_and_abstract(tmp_path: Path) -> None:
    ((title, body, spans),) = read_annotated(corpus(tmp_path / "x.jsonl"), " . ")
    whole = f"{title}\n{body}"
    assert [(whole[start:end], kind) for start, end, kind in spans] == [
        ("Florbazine", "intervention"), ("florbazine", "intervention"), ("placebo", "intervention"),
        ("Wheezing", "outcome"),
    ]  # fmt: skip


def test_labels_follow_the_characters_and_the_first_of_two_wins() -> None:
    document = read("Florbazine dose scheme", title="A")
    labels = labels_of(document, [(2, 17, "intervention"), (13, 24, "outcome")])
    assert [LABELS[n] for n in labels if n] == ["B-intervention", "I-intervention"]


def test_the_same_corpus_gives_the_same_tagger(tmp_path: Path) -> None:
    records = list(read_annotated(corpus(tmp_path / "x.jsonl", 3), " . "))
    first, second = (fit_open({"evidence_map_train.jsonl": records}, passes=2) for _ in range(2))
    assert first.index == second.index
    assert (first.weights == second.weights).all()
