"""The parts of a sentence that tell things of their own: what stands between semicolons, "whereas" and "but"."""

import re

_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PARTED = re.compile(r"; |,? (?:whereas|while|but) ")
#: What goes along with a result without being part of it ("was better, with no increase in X").
_BESIDE = re.compile(r", (?:with no|without|and (?:there was|there were) no|with similar|with comparable)\b")


def main_clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns the clause of a lower-case sentence, outside brackets, in which the stretch `start` to `end` stands."""
    return _between(_PARTED, text, start, end)


def own_stretch(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns the clause of a stretch, or what is told beside it, without the other one."""
    first, last = main_clause(text, start, end)
    begin, stop = _between(_BESIDE, text, start, end)
    return max(first, begin), min(last, stop)


def _between(marks: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    open_text = _BRACKET.sub(lambda match: "x" * len(match.group()), text)
    begins = [match.end() for match in marks.finditer(open_text, 0, start)]
    stop = marks.search(open_text, end)
    return begins[-1] if begins else 0, stop.start() if stop else len(text)
