"""Numbers as the literature prints them: middle dots, thin spaces, words, minus signs, and ranges.

`plain` changes typography only and keeps every offset; `number_words` reads "one hundred thirty-one".
"""

import re

_TYPOGRAPHY = str.maketrans(
    {
        "·": ".", "∙": ".", "•": ".", "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-",
        "\u2009": " ", "\u202f": " ", "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u2008": " ",
        "⩽": "≤", "⩾": "≥", "＜": "<", "＝": "=", "“": '"', "”": '"', "’": "'",
    }
)  # fmt: skip

UNITS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_WORD = "|".join([*UNITS, *TENS, "hundred", "thousand"])
#: A number in words, at least one of them a number word.
NUMBER_WORDS = rf"(?:(?:a|{_WORD})(?:[\s-]+(?:and[\s-]+)?(?:{_WORD})){{0,7}})"
#: A count in digits: plain, or in groups of three parted by comma, blank or dot.
COUNT_DIGITS = r"\d{1,3}(?:[,. ]\d{3})+(?!\d)|\d{1,7}"


def plain(text: str) -> str:
    """Returns the text with one form for decimal dots, minus signs and blanks; every offset stays."""
    return text.translate(_TYPOGRAPHY)


def read_count(text: str) -> int | None:
    """Returns the value of "1,412", "1 295", "Sixty-four", "one hundred thirty-one", or None."""
    text = text.strip()
    digits = re.fullmatch(r"\d{1,3}(?:([,. ])\d{3})(?:\1\d{3})*|\d+", text)
    if digits:
        value = re.sub(r"\D", "", text)
        return int(value) if len(value) <= 9 else None
    return number_words(text)


def number_words(text: str) -> int | None:
    """Returns the value of a number in words, or None where a word is none."""
    total = part = 0
    seen = False
    for word in re.split(r"[\s-]+", text.lower()):
        if word in UNITS:
            part += UNITS[word]
        elif word in TENS:
            part += TENS[word]
        elif word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            total, part = total + (part or 1) * 1000, 0
        elif word in ("and", "a"):
            continue
        else:
            return None
        seen = True
    return total + part if seen else None


def read_number(text: str) -> float | None:
    """Returns the value of a decimal number ("0.42", ".42", "-3.6", "1,234.5", "0,42"), or None."""
    text = text.strip().lstrip("+")
    if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d{1,2}", text):
        text = text.replace(",", ".")
    try:
        return float(text) if len(text) <= 15 else None
    except ValueError:
        return None
