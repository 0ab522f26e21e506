"""The encoder at work: a small transformer that gives each token of a document its chance of each label.

It reads title and abstract together, each sentence behind a word for its section, in windows of whole sentences. The
model is int8 and runs in onnxruntime on one thread, a window at a time, so that a text gets the same numbers whatever
is read beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from spacy.tokens import Doc

from nlp.document import Sentence, attribute
from nlp.models.crf import LABELS, Floats
from nlp.training.encoder.wordpiece import WordPiece

MODEL_NAME, PIECES_NAME = "encoder.onnx", "encoder.pieces.txt"
#: Pieces of one window; the model has places for 512.
MAX_PIECES = 448
#: Windows of one document; what stands behind them is left to others, so that odd input costs little.
MAX_WINDOWS = 16
#: The word that stands before a sentence for its section: one known piece each.
_SECTION_WORDS = {
    "title": "title",
    "background": "background",
    "aim": "purpose",
    "methods": "methods",
    "results": "results",
    "conclusion": "conclusion",
}


@dataclass
class Window:
    """Numbers of pieces, and for each token that begins in the window its number and the place of its first piece."""

    pieces: list[int]
    tokens: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def take(self, body: list[int], offsets: Sequence[tuple[int, int]]) -> None:
        """Adds a sentence's pieces, with (token, offset) of each token, as far as the window goes."""
        base, end = len(self.pieces), MAX_PIECES - 1
        kept = [(token, base + offset) for token, offset in offsets if base + offset < end]
        self.pieces += body[: end - base]
        self.tokens += [token for token, _ in kept]
        self.places += [place for _, place in kept]


def windows(words: Sequence[str], sentences: Sequence[Sentence], pieces: WordPiece) -> list[Window]:
    """Returns the windows of a document; those after the first repeat the title, whose tokens count once.

    A sentence longer than a window is cut at MAX_PIECES; the tokens behind have no place in any window.
    """
    found: list[Window] = []
    title: list[int] = []
    for sentence in sentences:
        body: list[int] = list(pieces.cut(_SECTION_WORDS[sentence.category]))
        offsets = []
        for token in range(sentence.first, sentence.last):
            if cut := pieces.cut(words[token]):
                offsets.append((token, len(body)))
                body += cut
        if not found:
            found.append(Window([pieces.start]))
        elif found[-1].tokens and len(found[-1].pieces) + len(body) >= MAX_PIECES:
            found.append(Window([pieces.start, *title]))
        if sentence.category == "title":
            title += body[: MAX_PIECES // 4 - len(title)]
        found[-1].take(body, offsets)
    for window in found:
        window.pieces.append(pieces.end)
    return [window for window in found if window.tokens]


class SpanEncoder:
    """A fine-tuned encoder that is ready to run; needs onnxruntime."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # only who compares encoders has it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = str(folder / MODEL_NAME)
        self.session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.pieces = WordPiece.load(folder / PIECES_NAME)

    def read(self, document: Doc) -> Floats:
        """Returns for each token of a document (rows) its chance of each of LABELS (columns); zeros where not seen."""
        words = attribute(document, "words")
        result = np.zeros((len(words), len(LABELS)), dtype=np.float32)
        for window in windows(words, attribute(document, "sentences"), self.pieces)[:MAX_WINDOWS]:
            scores = self.session.run(None, {"pieces": np.array([window.pieces], dtype=np.int64)})[0][0]
            chosen = scores[window.places].astype(np.float64)
            powers = np.exp(chosen - chosen.max(axis=1, keepdims=True))
            result[window.tokens] = powers / powers.sum(axis=1, keepdims=True)
        return result
