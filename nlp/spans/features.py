"""What the span tagger sees of each token: the word, its neighbours, vocabulary, brackets, cues, section, document."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from nlp.concepts.matcher import ConceptSpan
from nlp.cues import Cue, find_cues
from nlp.cues.disease import spellings
from nlp.document import Sentence, attribute
from nlp.estimates import EstimateSpan
from nlp.text.folding import HYPHENS, fold_word

_KIND = {"intervention": "I", "risk factor": "R", "outcome": "O", "site": "S", "aetiology": "A",
         "diagnostic test": "D", "mechanism": "M"}  # fmt: skip
_OPEN, _CLOSE = frozenset("(["), frozenset(")]")
MAX_SENTENCE = 400


@dataclass
class DocumentView:
    """Everything about a document that features need, computed once."""

    words: list[str]
    folded: list[str]
    gazette: list[list[str]]
    title_words: frozenset[str]
    counts: Counter[str]
    short_forms: frozenset[str]
    design: str
    estimates: list[EstimateSpan]
    starts: list[int]
    text: str


def document_view(document: Doc) -> DocumentView:
    """Returns the view of a document that has concepts, estimates, abbreviations and facts."""
    words: list[str] = attribute(document, "words")
    right = spellings()
    folded = [right.get(form, form) for form in map(fold_word, words)]
    gazette: list[list[str]] = [[] for _ in words]
    spans: list[ConceptSpan] = attribute(document, "concepts")
    for span in spans:
        kind = _KIND.get(span.kind, "?")
        for index in range(span.first, span.last):
            gazette[index].append(f"{kind}{'b' if index == span.first else 'i'}{'e' if index == span.last - 1 else ''}")
        if kind in "IRO":
            gazette[span.first].append(f"{kind}={span.concept_id}")
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    title = frozenset(w for s in sentences if s.field == "title" for w in folded[s.first : s.last])
    facts = document._.facts
    design = facts.study_design if facts else "unknown"
    return DocumentView(
        words, folded, gazette, title, Counter(folded), frozenset(attribute(document, "abbreviations")), design,
        attribute(document, "estimates"), attribute(document, "starts"), attribute(document, "plain"),
    )  # fmt: skip


def _shape(word: str) -> str:
    if word.isdigit():
        return "d"
    if word.isalpha():
        return (
            "x"
            if word.islower()
            else "X"
            if word.isupper()
            else "Xx"
            if word[0].isupper() and word[1:].islower()
            else "xX"
        )
    if word[0].isdigit():
        return "d.d"
    return "p" if len(word) == 1 else "xd"


def _brackets(view: DocumentView, sentence: Sentence) -> tuple[list[bool], list[str]]:
    """For each token whether it stands in brackets, and what the next bracket after it holds."""
    inside, upcoming = [], [""] * (sentence.last - sentence.first)
    depth = 0
    kinds: dict[int, str] = {}
    for index in range(sentence.first, sentence.last):
        word = view.words[index]
        if word in _OPEN:
            depth += 1
            kinds[index] = _bracket_kind(view, index)
        inside.append(depth > 0)
        if word in _CLOSE:
            depth = max(0, depth - 1)
    following, distance = "", 0
    for index in range(sentence.last - 1, sentence.first - 1, -1):
        word = view.words[index]
        if index in kinds:
            following, distance = kinds[index], 0
        elif word in (",", ";", ":") or word in _CLOSE:
            following = ""
        else:
            distance += 1
            if distance > 10:
                following = ""
            upcoming[index - sentence.first] = f"{following}{'0' if distance == 1 else ''}" if following else ""
    return inside, upcoming


def _bracket_kind(view: DocumentView, index: int) -> str:
    start = view.starts[index]
    head = view.text[start + 1 : start + 16]
    place = bisect_left(view.estimates, start, key=_start)
    if place < len(view.estimates) and view.estimates[place].start <= start + 30:
        span = view.estimates[place]
        if span.anchor == start or span.start <= start + 12:
            return "est" if span.measure in ("OR", "RR", "HR") else "md" if span.measure else "p"
    if head[:1].isdigit():
        return "num"
    if head[:2] in ("n ", "n="):
        return "n"
    if any(head.startswith(short + ")") for short in view.short_forms):
        return "abbr"
    return "txt"


def _cue_features(cues: Sequence[Cue], begins: list[int], ends: list[int], start: int, end: int) -> list[str]:
    left = bisect_right(ends, start) - 1
    right = bisect_left(begins, end)
    features = []
    if left >= 0:
        gap = start - cues[left].end
        features.append(f"L={cues[left].group}{'0' if gap < 12 else '1' if gap < 40 else '2'}")
        features.append(f"Lw={cues[left].text}")
        if left > 0:
            features.append(f"LL={cues[left - 1].group}+{cues[left].group}")
    if right < len(cues):
        gap = cues[right].start - end
        features.append(f"R={cues[right].group}{'0' if gap < 12 else '1' if gap < 40 else '2'}")
        features.append(f"Rw={cues[right].text}")
    return features


def _start(span: EstimateSpan) -> int:
    return span.start


def sentence_features(view: DocumentView, sentence: Sentence) -> list[list[str]]:
    """Returns the features of each token of a sentence (the first MAX_SENTENCE tokens)."""
    last = min(sentence.last, sentence.first + MAX_SENTENCE)
    text = view.text[sentence.start : sentence.end].lower()
    cues = find_cues(text)
    begins, ends = [cue.start for cue in cues], [cue.end for cue in cues]
    inside, upcoming = _brackets(view, sentence)
    groups = sorted({cue.group for cue in cues})
    category = sentence.category
    common = [f"s={category}", f"s={category}|d={view.design}", *[f"has={group}" for group in groups]]
    low, high = (bisect_left(view.estimates, at, key=_start) for at in (sentence.start, sentence.end))
    ratios = any(span.measure in ("OR", "RR", "HR") for span in view.estimates[low:high])
    common.append(f"est={'ratio' if ratios else 'p' if low < high else 'no'}|{category}")
    marked: dict[str, list[str]] = {}
    rows = []
    for index in range(sentence.first, last):
        rows.append(_token_features(view, index, sentence, category))
        position = view.starts[index] - sentence.start
        cue = _cue_features(cues, begins, ends, position, position + len(view.words[index]))
        row = rows[-1]
        row += cue
        kinds = view.gazette[index]
        marks = sorted({kind[0] for kind in kinds}) or ["-"]
        for mark in marks:
            if mark not in marked:
                marked[mark] = [f"{mark}|{feature}" for feature in common]
            row += marked[mark]
            row += [f"{mark}|{feature}" for feature in cue[:1]]
        offset = index - sentence.first
        if inside[offset]:
            row.append("inside")
        if upcoming[offset]:
            row += [f"next={upcoming[offset]}", *[f"{mark}|next={upcoming[offset]}" for mark in marks]]
    return rows


def _token_features(view: DocumentView, i: int, sentence: Sentence, category: str) -> list[str]:
    folded, words = view.folded, view.words
    word, raw = folded[i], words[i]
    before = folded[i - 1] if i > sentence.first else "<s>"
    before2 = folded[i - 2] if i > sentence.first + 1 else "<s>"
    after = folded[i + 1] if i + 1 < sentence.last else "</s>"
    after2 = folded[i + 2] if i + 2 < sentence.last else "</s>"
    row = [
        "b", f"w={word}", f"w-1={before}", f"w+1={after}", f"w-2={before2}", f"w+2={after2}",
        f"w-1w={before} {word}", f"ww+1={word} {after}", f"w-2w-1={before2} {before}", f"w+1w+2={after} {after2}",
        f"s3={word[-3:]}", f"s4={word[-4:]}", f"p3={word[:3]}", f"sh={_shape(raw)}",
        f"w|{category}={word}",
    ]  # fmt: skip
    kinds = view.gazette[i]
    if kinds:
        row += [f"g={kind}" for kind in kinds]
        row.append(f"gg={'+'.join(sorted(kind for kind in kinds if '=' not in kind))}")
    else:
        row.append("g=-")
    for offset in (-2, -1, 1, 2):
        at = i + offset
        if sentence.first <= at < sentence.last:
            row += [f"g{offset}={kind}" for kind in view.gazette[at] if "=" not in kind] or [f"g{offset}=-"]
    if raw in view.short_forms:
        row.append("short")
    if word in view.title_words and category != "title" and len(word) > 3:
        row.append("in title")
    if view.counts[word] > 2 and len(word) > 3:
        row.append("often")
    if raw in HYPHENS:
        row.append("hyphen")
    return row
