"""Words as the pieces that the encoder was trained on: BERT's uncased WordPiece, word by word.

Lower case without accents, signs apart, then the longest known piece first (Wu et al. 2016, "Google's Neural Machine
Translation System", section 4.1; the cut rules are those of BERT's reference tokeniser).
"""

import re
import unicodedata
from pathlib import Path

_RUN = re.compile(r"[^\W_]+|[^\s]")
_LONGEST = 100
UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"


def plain_form(word: str) -> str:
    """Returns a word in lower case and without accents."""
    parts = unicodedata.normalize("NFD", word.lower())
    return "".join(sign for sign in parts if unicodedata.category(sign) != "Mn")


class WordPiece:
    """Cuts words into numbered pieces; every word is cut once."""

    def __init__(self, pieces: list[str]) -> None:
        self.index = {piece: number for number, piece in enumerate(pieces)}
        self.unknown, self.start, self.end = (self.index[name] for name in (UNKNOWN, START, END))
        self._known: dict[str, tuple[int, ...]] = {}

    @classmethod
    def load(cls, path: Path) -> "WordPiece":
        """Reads a vocabulary with one piece a line, its number being its place."""
        return cls(path.read_text(encoding="utf-8").rstrip("\n").split("\n"))

    def cut(self, word: str) -> tuple[int, ...]:
        """Returns the numbers of a word's pieces; none for blanks."""
        found = self._known.get(word)
        if found is None:
            found = tuple(number for run in _RUN.findall(plain_form(word)) for number in self._cut_run(run))
            if len(self._known) < 200_000:  # so that odd input cannot fill the memory
                self._known[word] = found
        return found

    def _cut_run(self, run: str) -> list[int]:
        if len(run) > _LONGEST:
            return [self.unknown]
        pieces, start = [], 0
        while start < len(run):
            for end in range(len(run), start, -1):
                number = self.index.get(f"##{run[start:end]}" if start else run[:end])
                if number is not None:
                    break
            else:
                return [self.unknown]
            pieces.append(number)
            start = end
        return pieces
