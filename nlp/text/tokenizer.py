"""Tokens for abstracts: one regular expression, linear in the text, never failing.

Words keep their digits ("R206H", "mTORC1"), numbers keep decimal and thousands signs ("0·42", "1,412") and part from
units ("25mg" is two tokens), every other sign stands alone, so that a mention can begin or end at any of them.
"""

import re
from typing import Any

from spacy.tokens import Doc
from spacy.vocab import Vocab

import nlp.document  # noqa: F401  declares the attributes
from nlp.text.numbers import plain

_TOKEN = re.compile(r"(\d+(?:[.,·]\d+)*|[^\W\d_][^\W_]*(?:['’][^\W\d_]{1,2}(?![^\W_]))?|\s+|.)( ?)", re.DOTALL)
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def split_words(text: str) -> list[str]:
    """Returns the tokens of a text as strings, blanks left out."""
    return [word for word, _ in _TOKEN.findall(text) if not word.isspace()]


class AbstractTokenizer:
    """Splits text into words, numbers and single signs; `doc.text` equals the text."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Returns the text as a document of tokens."""
        if _SURROGATE.search(text):
            text = _SURROGATE.sub("\ufffd", text)
        pairs = _TOKEN.findall(text)
        words = [word for word, _ in pairs]
        document = Doc(self.vocab, words=words, spaces=[bool(space) for _, space in pairs])
        starts, position = [], 0
        for word, space in pairs:
            starts.append(position)
            position += len(word) + len(space)
        document._.words, document._.starts = words, starts
        document._.text, document._.plain = text, plain(text)
        return document

    def to_bytes(self, **_: Any) -> bytes:
        """Nothing to store: the rules are code."""
        return b""

    def from_bytes(self, _data: bytes, **_: Any) -> "AbstractTokenizer":
        """Nothing to read (see `to_bytes`)."""
        return self

    def to_disk(self, _path: Any, **_: Any) -> None:
        """Nothing to store (see `to_bytes`)."""

    def from_disk(self, _path: Any, **_: Any) -> "AbstractTokenizer":
        """Nothing to read (see `to_bytes`)."""
        return self
