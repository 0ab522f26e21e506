"""Risk factors that the trained tagger passed over: known ones beside ratios, other names and places of some."""

import re
from bisect import bisect_left

from spacy.tokens import Doc

from nlp.concepts.matcher import ConceptSpan
from nlp.cues.disease import names_disease
from nlp.document import Sentence, attribute
from nlp.spans.factors.listed_factors import with_listed_factors
from nlp.spans.factors.model_injuries import with_model_injuries
from nlp.spans.factors.rated_levels import with_rated_levels
from nlp.spans.factors.told_lists import with_told_lists
from nlp.spans.names.name_parts import without_name_parts
from nlp.spans.tagging import Span, span_text
from nlp.text.tokenizer import split_words

#: A name of no more letters is not looked for again.
_SHORT = 5
#: What the tagger is surer of than this is a factor under its other names too.
_SURE = 0.9
_AMINO_ACID = "[ACDEFGHIKLMNPQRSTVWY]"
#: The Human Genome Variation Society's nomenclature (den Dunnen et al. 2016, Hum Mutat), and the short forms in use.
_VARIANT = re.compile(
    r"(?<![\w.])(?:[cgp]\.\s?\(?[A-Za-z0-9_*+\-]{3,}(?: ?(?:-->?|>|→) ?[ACGT])?"
    rf"|\d{{2,4}}[ACGT] ?(?:-->?|>|→) ?[ACGT]|{_AMINO_ACID}\d{{2,4}}(?:{_AMINO_ACID}|X|fs\w*|\*))(?!\w)"
)
_INHERITED = re.compile(r"\b[Mm]uta(?:tion|nt)|\b[Vv]ariant|zygous\b|\b[Ss]ubstitution|\b[Aa]llele")


def with_further_factors(document: Doc, found: list[Span]) -> list[Span]:
    """Returns the spans with further risk factors."""
    found = without_name_parts(document, found)
    found += _told_factors(document, found)
    found += _variants(document, found)
    found = with_model_injuries(document, found)
    found = with_rated_levels(document, with_told_lists(document, with_listed_factors(document, found)))
    return without_name_parts(document, [*found, *_named_again(document, found)])


def with_ratios(document: Doc) -> set[int]:
    """Returns the numbers of the sentences that give a ratio: what is tagged there as a factor, is one in any field."""
    ratios = [e.start for e in attribute(document, "estimates") if e.measure in ("OR", "RR", "HR")]
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    return {n for n, s in enumerate(sentences) if bisect_left(ratios, s.end) > bisect_left(ratios, s.start)}


def _told_factors(document: Doc, found: list[Span]) -> list[Span]:
    """Known risk factors of sentences that give a ratio of the disease and have nobody whom it could be told of."""
    told = {span.sentence for span in found if span.kind != "outcome"}
    ratios = with_ratios(document) - told
    if not ratios:
        return []
    taken = {index for span in found for index in range(span.first, span.last)}
    concepts: list[ConceptSpan] = attribute(document, "concepts")
    starts: list[int] = attribute(document, "concept_starts")
    low: str = attribute(document, "plain").lower()
    added = []
    for number in sorted(ratios):
        sentence: Sentence = attribute(document, "sentences")[number]
        if not names_disease(low[sentence.start : sentence.end]):
            continue
        here = slice(bisect_left(starts, sentence.first), bisect_left(starts, sentence.last))
        for concept in concepts[here]:
            inside = concept.last <= sentence.last
            if concept.kind == "risk factor" and inside and taken.isdisjoint(range(concept.first, concept.last)):
                words = span_text(document, concept.first, concept.last)
                added.append(Span(concept.first, concept.last, "risk factor", number, 0.5, "vocabulary", words))
                taken.update(range(concept.first, concept.last))
    return added


def _named_again(document: Doc, found: list[Span]) -> list[Span]:
    """Risk factors at further places of the same words, which the trained tagger passed over there.

    A factor that it saw in the title is the same one in the results; words that it saw as several kinds stay out. What
    it is sure of is sought by its short or long form too.
    """
    words = [word.lower() for word in attribute(document, "words")]
    taken = {index for span in found for index in range(span.first, span.last)}
    kinds: dict[tuple[str, ...], set[str]] = {}
    sure: set[tuple[str, ...]] = set()
    for span in found:
        name = tuple(words[span.first : span.last])
        kinds.setdefault(name, set()).add(span.kind)
        if span.confidence >= _SURE:
            sure.add(name)
    factors = {name for name, of in kinds.items() if of == {"risk factor"}}
    names = {name for name in factors if sum(map(len, name)) > _SHORT}
    names |= _other_forms(document, factors & sure) - kinds.keys()
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    places: dict[str, list[tuple[int, int]]] = {}
    for number, sentence in enumerate(sentences):
        for index in range(sentence.first, sentence.last):
            places.setdefault(words[index], []).append((index, number))
    added = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        for first, number in places.get(name[0], ()):
            last = first + len(name)
            inside = last <= sentences[number].last and tuple(words[first:last]) == name
            if inside and taken.isdisjoint(range(first, last)):
                taken.update(range(first, last))
                text = span_text(document, first, last)
                added.append(Span(first, last, "risk factor", number, 0.5, "named before", text))
    return added


def _other_forms(document: Doc, names: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The short forms of long names and the long forms of short ones, as the article defines them."""
    others = set()
    for short, long_form in attribute(document, "abbreviations").items():
        one, other = (tuple(word.lower() for word in split_words(form)) for form in (short, long_form))
        if one in names:
            others.add(other)
        if other in names:
            others.add(one)
    return others


def _variants(document: Doc, found: list[Span]) -> list[Span]:
    """Variants of genes as geneticists write them ("c.100A>G", "p.Arg34Gly", "R34G"), in sentences on inheritance."""
    plain: str = attribute(document, "plain")
    starts, words = attribute(document, "starts"), attribute(document, "words")
    taken = {index for span in found for index in range(span.first, span.last)}
    added = []
    for number, sentence in enumerate(attribute(document, "sentences")):
        if not _INHERITED.search(plain, sentence.start, sentence.end):
            continue
        for match in _VARIANT.finditer(plain, sentence.start, sentence.end):
            first, last = bisect_left(starts, match.start()), bisect_left(starts, match.end())
            whole = starts[first] == match.start() and starts[last - 1] + len(words[last - 1]) == match.end()
            if whole and taken.isdisjoint(range(first, last)):
                added.append(Span(first, last, "risk factor", number, 0.5, "variant", span_text(document, first, last)))
    return added
