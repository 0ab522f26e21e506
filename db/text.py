"""Text as tagging and search read it: the same words, whatever letters a publisher's typesetting left in them.

What is stored and shown stays as PubMed sent it. Folded are letters only: ligatures ("ossiﬁcation"), invisible signs
(soft hyphens, direction marks), forms of a letter (full width, mathematical, subscript digits), letters apart from
their accents, and letters of another alphabet that look like Latin ones ("hеterotopic" with a Cyrillic е).
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import partial

#: Letters of the Cyrillic and Greek alphabets, each beside the Latin one that looks the same.
_CYRILLIC = dict(zip("АВЕКМНОРСТХУІЅЈаеорсхуіѕјһԁԛԝ", "ABEKMHOPCTXYISJaeopcxyisjhdqw", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲ", "ABEZHIKMNOPTYXoc", strict=True))
#: Letters that are two in print; Unicode takes apart only some of them.
_TWO_LETTERS = {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}

_SINGLE = (
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # signs that nobody sees
    "\u00b5\u017f\u0132\u0133æÆœŒ\u03d0\u03d1\u03d5\u03d6\u03f0\u03f1\ufb00-\ufb06\uff21-\uff3a\uff41-\uff5a\uff10-\uff19"
    "\U0001d400-\U0001d7ff"
)
#: What folds: a single sign, a letter with accents that stand apart, a digit below the line, a ß in place of a beta,
#: a word that holds a Greek or Cyrillic letter.
_ODD = re.compile(
    rf"(?P<apart>[^\W\d_][\u0300-\u036f]+)|(?P<single>[{_SINGLE}])|(?<=[^\W_])(?P<subscript>[₀-₉])"
    rf"|(?<![^\W\d_A-Z])(?P<beta>ß)(?![^\W\d_])"
)
_ALPHABETS = (
    (re.compile("[\u0400-\u052f]"), str.maketrans(_CYRILLIC)),
    (re.compile("[\u0370-\u03ff]"), str.maketrans(_GREEK)),
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text with where each of its characters stood in the text as it was: `starts` and `ends`, one a sign.

    Both are None where nothing was folded, so that all places are the same.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Returns the place in the text as it was of a stretch of the folded text (end exclusive)."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            place = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return place, place
        return self.starts[start], self.ends[end - 1]

    def folded(self, place: int) -> int:
        """Returns the place in the folded text of a place in the text as it was."""
        return place if self.starts is None else bisect_left(self.starts, place)


def fold_letters(text: str) -> str:
    """Returns a text as search and tagging compare it; see the module. Quick where there is nothing to fold."""
    if text.isascii():
        return text
    return _ODD.sub(_replacement, _with_latin_letters(text))


def fold_with_places(text: str) -> FoldedText:
    """Returns `fold_letters` of a text with the place of each character in it."""
    if text.isascii():
        return FoldedText(text)
    lettered = _with_latin_letters(text)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for match in _ODD.finditer(lettered):
        pieces.append(lettered[position : match.start()])
        starts.extend(range(position, match.start()))
        ends.extend(range(position + 1, match.start() + 1))
        replacement = _replacement(match)
        pieces.append(replacement)
        starts.extend([match.start()] * len(replacement))
        ends.extend([match.end()] * len(replacement))
        position = match.end()
    if not position:
        return FoldedText(lettered)
    pieces.append(lettered[position:])
    starts.extend(range(position, len(lettered)))
    ends.extend(range(position + 1, len(lettered) + 1))
    return FoldedText("".join(pieces), tuple(starts), tuple(ends))


def _replacement(match: re.Match[str]) -> str:
    sign = match.group()
    if match["single"] and unicodedata.category(sign) == "Cf":
        return ""
    if match["apart"]:
        return unicodedata.normalize("NFC", sign)
    if match["beta"]:
        return "β"
    return _TWO_LETTERS.get(sign) or unicodedata.normalize("NFKC", sign)


def _with_latin_letters(text: str) -> str:
    """Returns a text of the same length with Latin letters for what only looks like them.

    A word is one of them where it has Latin letters besides, or where no letter of the whole text is of that alphabet
    alone (a lone Greek capital is left: it is a symbol).
    """
    for alphabet, letters in _ALPHABETS:
        found = alphabet.findall(text)
        if found:
            alike = all(ord(letter) in letters for letter in found)
            text = _WORD.sub(partial(_latin_word, alphabet=alphabet, letters=letters, alike=alike), text)
    return text


def _latin_word(match: re.Match[str], alphabet: re.Pattern[str], letters: dict[int, str], alike: bool) -> str:
    word = match.group()
    found = alphabet.findall(word)
    if not found or not all(ord(letter) in letters for letter in found):
        return word
    return word.translate(letters) if _LATIN.search(word) or (alike and len(word) > 1) else word
