"""Vocabulary spans: every place where a concept's name, synonym or abbreviation stands.

Words are folded (see `folding`), so that one synonym covers case, plural, hyphen and British or American spelling.
Abbreviations are matched in exact case; those that mean other things elsewhere only where the article defines them.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from nlp.cues.disease import disease_pattern
from nlp.document import attribute
from nlp.text.folding import HYPHENS, fold_tokens
from nlp.text.tokenizer import split_words
from nlp.vocabulary.loader import Vocabulary, load_vocabulary

_LEAF = ""
#: A long form with such a word is no foreign meaning of a short form of this field.
_KIN = "<kin>"


@dataclass(frozen=True, slots=True)
class ConceptSpan:
    """A vocabulary match: tokens `first` to `last` (exclusive), the concept, and what matched it."""

    first: int
    last: int
    kind: str
    concept_id: str
    source: str


@dataclass(frozen=True, slots=True)
class ShortForm:
    """An abbreviation's tokens in exact case, and the (kind, concept id) pairs it stands for."""

    words: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    source: str


@dataclass
class ConceptMatcher:
    """A trie over folded words for each kind, and a table of exact-case abbreviations."""

    vocabulary: Vocabulary
    trie: dict[str, Any] = field(default_factory=dict)
    abbreviations: dict[str, list[ShortForm]] = field(default_factory=dict)
    shields: dict[str, list[tuple[tuple[str, ...], str | None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for concept in self.vocabulary.concepts.values():
            for phrase in (concept.name, *concept.synonyms):
                self._add(phrase, concept.kind, concept.id)
            for short in concept.abbreviations:
                words = tuple(split_words(short))
                form = ShortForm(words, ((concept.kind, concept.id),), "vocabulary")
                self.abbreviations.setdefault(words[0], []).append(form)
        for entry in self.vocabulary.ignored:
            words = tuple(word.lower() for word in split_words(entry.text))
            if words:
                self.shields.setdefault(words[0], []).append((words, entry.kind))

    def _add(self, phrase: str, kind: str, concept_id: str) -> None:
        folded, _ = fold_tokens(split_words(phrase))
        if not folded:
            return
        node = self.trie
        for word in folded:
            node = node.setdefault(word, {})
        node.setdefault(_LEAF, []).append((kind, concept_id))

    def lookup(self, phrase: str) -> list[tuple[str, str]]:
        """Returns the (kind, concept id) pairs that a whole phrase names."""
        folded, _ = fold_tokens(split_words(phrase))
        node: dict[str, Any] | None = self.trie
        for word in folded:
            node = node.get(word) if node is not None else None
        return list(node.get(_LEAF, [])) if node else []

    def find(self, words: list[str], definitions: dict[str, str]) -> list[ConceptSpan]:
        """Returns the longest match of each kind at each place, overlaps of one kind resolved to the longer."""
        spans = self._phrases(words) + self._short_forms(words, definitions)
        spans.sort(key=lambda span: (span.first - span.last, span.first, span.kind, span.concept_id))
        taken: defaultdict[str, list[bool]] = defaultdict(lambda: [False] * len(words))
        chosen = []
        shielded = self._shielded(words)
        for span in spans:
            if any(span.last <= end and kind in (None, span.kind) for end, kind in shielded.get(span.first, ())):
                continue
            used = taken[span.kind]
            if not any(used[span.first : span.last]):
                used[span.first : span.last] = [True] * (span.last - span.first)
                chosen.append(span)
        chosen.sort(key=lambda span: (span.first, span.last, span.kind))
        return chosen

    def _shielded(self, words: list[str]) -> dict[int, list[tuple[int, str | None]]]:
        """For each token the ends of the stretches around it where nothing (of a kind) is tagged: the ignore list."""
        found: dict[int, list[tuple[int, str | None]]] = {}
        for index, word in enumerate(words):
            for phrase, kind in self.shields.get(word.lower(), ()):
                end = index + len(phrase)
                if tuple(w.lower() for w in words[index:end]) == phrase:
                    for token in range(index, end):
                        found.setdefault(token, []).append((end, kind))
        return found

    def _phrases(self, words: list[str]) -> list[ConceptSpan]:
        folded, firsts = fold_tokens(words)
        firsts.append(len(words))
        spans = []
        root, count = self.trie, len(folded)
        for index in range(count):
            node = root.get(folded[index])
            depth = index + 1
            while node is not None:
                if _LEAF in node:
                    last = _end_of(words, firsts, depth)
                    spans += [ConceptSpan(firsts[index], last, kind, id_, "vocabulary") for kind, id_ in node[_LEAF]]
                node = node.get(folded[depth]) if depth < count else None
                depth += 1
        return spans

    def _short_forms(self, words: list[str], definitions: dict[str, str]) -> list[ConceptSpan]:
        defined: dict[str, list[ShortForm]] = {}
        known = set()
        for short, long in definitions.items():
            tokens = tuple(split_words(short))
            known.add(tokens)
            form = ShortForm(tokens, tuple(self._meaning(long)), "abbreviation")
            defined.setdefault(tokens[0], []).append(form)
        spans = []
        for index, word in enumerate(words):
            forms = defined.get(word, ()) or ()
            general = self.abbreviations.get(word, ())
            for form in (*forms, *(form for form in general if form.words not in known)):
                last = index + len(form.words)
                if len(form.words) == 1 or tuple(words[index:last]) == form.words:
                    spans += [ConceptSpan(index, last, kind, id_, form.source) for kind, id_ in form.pairs]
        return spans

    def foreign(self, definitions: dict[str, str]) -> frozenset[str]:
        """Returns the short forms that the vocabulary knows and an article defines as something it does not know."""
        return frozenset(
            short
            for short, long in definitions.items()
            if short in self._known_shorts
            and not self._meaning(long)
            and not disease_pattern(_KIN).search(long.lower())
        )

    @cached_property
    def _known_shorts(self) -> frozenset[str]:
        concepts = self.vocabulary.concepts.values()
        return frozenset(short for c in concepts for short in (*c.abbreviations, *c.needs_definition))

    def _meaning(self, long: str) -> list[tuple[str, str]]:
        """Concepts of a defined short form: those of its long form, else of the long form's longest end."""
        words = split_words(long)
        for start in range(len(words)):
            pairs = self.lookup(" ".join(words[start:]))
            if pairs and (start == 0 or len(words) - start >= 2):
                return pairs
        return []


def _end_of(words: list[str], firsts: list[int], depth: int) -> int:
    """The token after the match: hyphens between it and the next word are left out."""
    last = firsts[depth] if depth < len(firsts) else len(words)
    while last > 0 and words[last - 1] in HYPHENS:
        last -= 1
    return last


@Language.factory(
    "tracker_concepts",
    requires=["doc._.words", "doc._.abbreviations"],
    assigns=["doc._.concepts", "doc._.concept_starts", "doc._.foreign_forms"],
    default_config={"vocabulary": None},
)
class ConceptComponent:
    """Finds the concepts of a vocabulary folder, by default of the packaged one."""

    def __init__(self, nlp: Language, name: str, vocabulary: str | None) -> None:  # noqa: ARG002  spaCy passes both
        self.matcher = ConceptMatcher(load_vocabulary(vocabulary))

    def __call__(self, document: Doc) -> Doc:
        """Finds the concepts of a document."""
        definitions = attribute(document, "abbreviations")
        found = self.matcher.find(attribute(document, "words"), definitions)
        document._.foreign_forms = self.matcher.foreign(definitions)
        document._.concepts, document._.concept_starts = found, [span.first for span in found]
        return document
