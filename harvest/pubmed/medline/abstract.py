"""Section labels of an abstract, which MEDLINE text has inside the text ("METHODS: ... Results: ...")."""

import re
from functools import cache
from importlib.resources import files

from db.sections import SECTION_SEPARATOR, Section

#: What may be a label: a few words from a capital on and a colon.
_CANDIDATE = re.compile(r"(?<!\S)([A-Z][A-Za-z0-9 /&,'’()-]{0,70}[A-Za-z0-9)'’]):(?=\s|$)")
_ENDING = re.compile(
    r"\(s\)|\(es\)| (?:of|in) (?:this|the|the present|the current|our) (?:study|review|article|paper|work|report)$"
)
_PARTS = re.compile(r"\s*(?:/|&|,|\band\b|\bor\b)\s*")
_SENTENCE_END = re.compile(r"[.?!)\]\"”%]$")


@cache
def _labels() -> frozenset[str]:
    """Returns the words that label sections, in small letters."""
    lines = files("harvest.pubmed.medline").joinpath("labels.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _is_known(label: str) -> bool:
    words = _ENDING.sub(lambda found: "s" if found.group() == "(s)" else "", " ".join(label.lower().split()))
    return words in _labels() or all(part in _labels() for part in _PARTS.split(words) if part)


def read_sections(abstract: str) -> tuple[str, tuple[Section, ...]]:
    """Returns the text of an abstract without its labels, and its sections, as the XML has them.

    An abstract is structured where it begins with a label: known words (labels.txt), or capitals throughout. Further
    labels are known words, in capitals where the first one is; or any capitals then after the end of a sentence.
    """
    marks: list[tuple[int, int, str]] = []
    position = 0
    while match := _CANDIDATE.search(abstract, position):
        start, label = match.start(), match[1]
        # "Some sentence, then Results:" offers the longest stretch: the label may begin later in it.
        found = _label_within(label, abstract, start, bool(marks), marks[0][2].isupper() if marks else False)
        follows_label = bool(marks) and not abstract[marks[-1][1] : start + (found or 0)].strip()
        if found is not None and not follows_label and (marks or found == 0):
            marks.append((start + found, match.end(), label[found:]))
        elif not marks:
            return abstract, ()
        position = match.end()
    if not marks:
        return abstract, ()
    sections: list[Section] = []
    texts: list[str] = []
    place = 0
    ends = [start for start, _, _ in marks[1:]] + [len(abstract)]
    for (_, begin, label), end in zip(marks, ends, strict=True):
        text = abstract[begin:end].strip()
        if not text:
            continue
        sections.append(Section(label, None, place, place + len(text)))
        texts.append(text)
        place += len(text) + len(SECTION_SEPARATOR)
    return SECTION_SEPARATOR.join(texts), tuple(sections)


def _label_within(label: str, abstract: str, start: int, has_first: bool, in_capitals: bool) -> int | None:
    """Returns where in a candidate a label begins, None where it holds none."""
    if not has_first:
        return 0 if start == 0 and (_is_known(label) or (label.isupper() and len(label) > 2)) else None
    before = abstract[:start].rstrip()[-1:]
    for word in re.finditer(r"\S+", label):
        tail = label[word.start() :]
        if not tail[0].isupper():
            continue
        ends = _SENTENCE_END.search(before if word.start() == 0 else label[: word.start()].rstrip()[-1:])
        if in_capitals and not tail.isupper():
            continue
        if _is_known(tail) and (ends or tail.isupper() or word.start() == 0):
            return word.start()
        if in_capitals and len(tail) > 3 and ends:
            return word.start()
    return None
