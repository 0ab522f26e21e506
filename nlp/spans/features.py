"""What the span tagger sees of each token: the word, its neighbours, vocabulary, brackets, cues, section, document."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from spacy.tokens import Doc

from nlp.concepts.matcher import ConceptSpan
from nlp.cues import Cue, find_cues
from nlp.cues.disease import spellings
from nlp.document import Sentence, attribute
from nlp.estimates import EstimateSpan
from nlp.spans.feature_names import Named, T, Told
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
    gazette: list[tuple[str, ...]]
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
        words, folded, list(map(tuple, gazette)), title, Counter(folded),
        frozenset(attribute(document, "abbreviations")), design, attribute(document, "estimates"),
        attribute(document, "starts"), attribute(document, "plain"),
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
    features: list[str] = []
    if left >= 0:
        cue = cues[left]
        features += _cue_on("L", cue.group, cue.text, _gap(start - cue.end))
        if left > 0:
            features.append(f"LL={cues[left - 1].group}+{cue.group}")
    if right < len(cues):
        cue = cues[right]
        features += _cue_on("R", cue.group, cue.text, _gap(cue.start - end))
    return features


def _gap(characters: int) -> str:
    return "0" if characters < 12 else "1" if characters < 40 else "2"


@lru_cache(maxsize=1 << 14)
def _cue_on(side: str, group: str, text: str, gap: str) -> tuple[str, str]:
    return f"{side}={group}{gap}", f"{side}w={text}"


def _start(span: EstimateSpan) -> int:
    return span.start


def sentence_features(view: DocumentView, sentence: Sentence, told: Told[T]) -> list[list[T]]:
    """Returns the features of each token of a sentence (the first MAX_SENTENCE tokens), as they are to be told."""
    last = min(sentence.last, sentence.first + MAX_SENTENCE)
    text = view.text[sentence.start : sentence.end].lower()
    cues = find_cues(text)
    begins, ends = [cue.start for cue in cues], [cue.end for cue in cues]
    inside, upcoming = _brackets(view, sentence)
    common = _common_features(view, sentence, cues)
    named = [told.named(kinds) for kinds in view.gazette[sentence.first : sentence.last]]
    marked: dict[str, list[T]] = {}
    one = told.one
    bias = one("b")
    rows = []
    for index, words, near in zip(
        range(sentence.first, last),
        _words(view.folded[sentence.first : sentence.last], told),
        _neighbours(named),
        strict=False,
    ):
        offset = index - sentence.first
        own, marks, _ = named[offset]
        before2, before, after, after2 = near
        shape, placed = f"sh={_shape(view.words[index])}", f"w|{sentence.category}={view.folded[index]}"
        row = [bias, *words, one(shape), one(placed), *own, *before2, *before, *after, *after2]
        row += map(one, _document_features(view, index, sentence.category))
        position = view.starts[index] - sentence.start
        cue = _cue_features(cues, begins, ends, position, position + len(view.words[index]))
        row += map(one, cue)
        for mark in marks:
            if mark not in marked:
                marked[mark] = [one(f"{mark}|{feature}") for feature in common]
            row += marked[mark]
            if cue:
                row.append(one(f"{mark}|{cue[0]}"))
        if inside[offset]:
            row.append(one("inside"))
        if upcoming[offset]:
            row.append(one(f"next={upcoming[offset]}"))
            row += [one(f"{mark}|next={upcoming[offset]}") for mark in marks]
        rows.append(row)
    return rows


def _common_features(view: DocumentView, sentence: Sentence, cues: Sequence[Cue]) -> list[str]:
    """What is said of every token of a sentence."""
    category = sentence.category
    groups = sorted({cue.group for cue in cues})
    low, high = (bisect_left(view.estimates, at, key=_start) for at in (sentence.start, sentence.end))
    ratios = any(span.measure in ("OR", "RR", "HR") for span in view.estimates[low:high])
    estimate = "ratio" if ratios else "p" if low < high else "no"
    return [f"s={category}", f"s={category}|d={view.design}", *[f"has={group}" for group in groups],
            f"est={estimate}|{category}"]  # fmt: skip


def _words(folded: list[str], told: Told[T]) -> Iterator[tuple[T, ...]]:
    """For each token of a sentence what its word and its neighbours say."""
    padded = ["<s>", "<s>", *folded, "</s>", "</s>"]
    own, before, after, before2, after2, end3, end4, begin3 = zip(*map(told.word, padded), strict=True)
    second, first, behind, ahead = zip(*map(told.pair, padded, padded[1:]), strict=True)
    return zip(
        own[2:], before[1:], after[3:], before2, after2[4:], second[1:], first[2:], behind, ahead[3:],
        end3[2:], end4[2:], begin3[2:], strict=False,
    )  # fmt: skip


def _neighbours(named: Sequence[Named[T]]) -> Iterator[tuple[tuple[T, ...], ...]]:
    """For each token of a sentence what the vocabulary says of those up to two places before and behind it."""
    nobody: list[tuple[tuple[T, ...], ...]] = [((), (), (), ())] * 2
    before2, before, after, after2 = zip(*nobody, *(near for _, _, near in named), *nobody, strict=True)
    return zip(before2, before[1:], after[3:], after2[4:], strict=False)


def _document_features(view: DocumentView, i: int, category: str) -> list[str]:
    """How the document uses the word of a token."""
    word, raw = view.folded[i], view.words[i]
    features = []
    if raw in view.short_forms:
        features.append("short")
    if word in view.title_words and category != "title" and len(word) > 3:
        features.append("in title")
    if view.counts[word] > 2 and len(word) > 3:
        features.append("often")
    if raw in HYPHENS:
        features.append("hyphen")
    return features
