"""Ratios told in words: "2.5 times higher odds", "a threefold risk", "a 57% reduction (51%-63%) in the risk".

"n times higher odds" is an odds ratio of n, "n-fold risk" or "n times as often" a relative risk of n, "n % reduction of
the risk" a relative risk of 1 - n/100.
"""

import re
from collections.abc import Iterator

from nlp.text.numbers import read_count

_NUMBER = r"\d{1,3}(?:\.\d{1,3})?"
_WORD = r"two|three|four|five|six|seven|eight|nine|ten"
_TIMES = re.compile(
    rf"(?<![\d.\-])(?P<value>{_NUMBER}|{_WORD})[\s-]?(?:times|fold)[\s-](?:(?:the|as|more|higher|greater|increased"
    r"|elevated|raised|increase in(?: the)?|rise in(?: the)?)\s)*(?P<what>odds|risks?|likelihood|likely|chances?|often"
    r"|frequent\w*|rates?|incidence|common|hazards?)\b",
    re.I,
)
_REDUCTION = re.compile(
    rf"(?<![\d.\-])(?P<value>{_NUMBER})\s?% (?:relative )?(?:reduction|decrease)"
    rf"(?:\s?[(\[](?:95\s?%\s?)?(?:CI|confidence interval)?[\s:,]*(?P<low>{_NUMBER})\s?%?\s?(?:-|to|,)\s?"
    rf"(?P<high>{_NUMBER})\s?%?[^)\]]{{0,20}}[)\]])? (?:in|of) (?:the )?(?:relative )?(?P<what>odds|risk|hazard)\b",
    re.I,
)
_MEASURES = {"odds": "OR", "haza": "HR"}
Worded = tuple[int, int, str, float, float | None, float | None]


def worded_ratios(text: str) -> Iterator[Worded]:
    """Yields (start, end, measure, value, low, high) of each ratio told in words; the text has plain typography."""
    for match in _TIMES.finditer(text):
        word = match["value"]
        value = float(word) if word[0].isdigit() else float(read_count(word) or 0)
        if value > 1:
            yield match.start(), match.end(), _measure(match["what"]), value, None, None
    for match in _REDUCTION.finditer(text):
        left, low, high = (_left(match[name]) for name in ("value", "low", "high"))
        if left is not None and 0 < left < 1:
            yield match.start(), match.end(), _measure(match["what"]), left, high, low


def _measure(what: str) -> str:
    return _MEASURES.get(what[:4].lower(), "RR")


def _left(percent: str | None) -> float | None:
    """What a reduction by so many per cent leaves of one."""
    return None if percent is None else round(1 - float(percent) / 100, 4)
