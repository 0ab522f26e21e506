"""Short forms that the article defines itself: "bone mineral density (BMD)" and "BMI (body mass index)".

Schwartz and Hearst's algorithm (Pacific Symposium on Biocomputing 2003): the letters of the short form are looked up
backwards in the words before the bracket. One definition a short form, the first one.
"""

import re

from spacy.language import Language
from spacy.tokens import Doc

from nlp.document import attribute

_BRACKET = re.compile(r"[(\[]([^()\[\]\n]{2,80})[)\]]")
_SHORT = re.compile(r"^[A-Za-z0-9α-ωΑ-Ω][\w\-/+&α-ω.]{1,11}$")
_SENTENCE_BREAK = re.compile(r"[.;:!?]\s|\n|[()\[\]]")


def find_abbreviations(text: str) -> dict[str, str]:
    """Returns short form to long form for every definition in the text."""
    found: dict[str, str] = {}
    for match in _BRACKET.finditer(text):
        inner = re.split(r"[;,]\s", match.group(1), maxsplit=1)[0].strip()
        if _is_short(inner):
            before = text[max(0, match.start() - 120) : match.start()]
            before = _SENTENCE_BREAK.split(before)[-1].rstrip()
            long_form = best_long_form(inner, before)
            if long_form and inner not in found:
                found[inner] = long_form
                if inner.endswith("s") and inner[:-1].isupper() and len(inner) > 2:
                    found.setdefault(inner[:-1], long_form)
        elif " " in inner:
            short = re.search(r"([A-Za-z0-9][\w\-/]{1,9})\s*$", text[max(0, match.start() - 12) : match.start()])
            if short and _is_short(short.group(1)) and best_long_form(short.group(1), inner) == inner:
                found.setdefault(short.group(1), inner)
    return found


def _is_short(text: str) -> bool:
    if not _SHORT.match(text) or not any(character.isupper() for character in text):
        return False
    return not text.isdigit() and (sum(character.isupper() for character in text) > 1 or len(text) <= 3)


def best_long_form(short: str, before: str) -> str | None:
    """Returns the shortest end of `before` whose letters spell the short form, or None."""
    words = before.split()
    limit = min(len(short) + 5, len(short) * 2)
    candidate = " ".join(words[-limit:])
    letters = [character.lower() for character in short if character.isalnum()]
    if len(short) > 2 and short.endswith("s") and short[:-1].isupper():
        letters = letters[:-1]
    position = len(candidate)
    for index in range(len(letters) - 1, -1, -1):
        position -= 1
        while position >= 0 and not _fits(candidate, position, letters[index], index == 0):
            position -= 1
        if position < 0:
            return None
    long_form = before[before.rfind(candidate) + position :] if candidate in before else candidate[position:]
    if len(long_form) <= len(short) or short.lower() in long_form.lower().split():
        return None
    return long_form


def _fits(candidate: str, position: int, letter: str, first: bool) -> bool:
    if candidate[position].lower() != letter:
        return False
    return not first or position == 0 or not candidate[position - 1].isalnum()


@Language.component("tracker_abbreviations", requires=["doc._.text"], assigns=["doc._.abbreviations"])
def tracker_abbreviations(document: Doc) -> Doc:
    """Finds the short forms that the article defines."""
    document._.abbreviations = find_abbreviations(attribute(document, "text"))
    return document
