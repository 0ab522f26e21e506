"""Which articles a vocabulary's words reach: what another vocabulary would add to them and take from them."""

from collections.abc import Iterable

from db.tagged import TagInput
from nlp.concepts.matcher import ConceptMatcher
from nlp.document import document_text
from nlp.text.abbreviations import find_abbreviations
from nlp.text.tokenizer import split_words
from nlp.vocabulary.loader import Vocabulary


def reach_changes(
    old: Vocabulary, new: Vocabulary, articles: Iterable[TagInput]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Returns the PMIDs that gain and those that lose each concept, by concept id, PMIDs as they come.

    Counted are the vocabulary's own matches in title and abstract; the trained model may find a mention without them.
    """
    before, after = ConceptMatcher(old), ConceptMatcher(new)
    gained: dict[str, list[int]] = {}
    lost: dict[str, list[int]] = {}
    for article in articles:
        text = document_text(article)
        words, definitions = split_words(text), find_abbreviations(text)
        then, now = ({span.concept_id for span in matcher.find(words, definitions)} for matcher in (before, after))
        for changed, concepts in ((gained, now - then), (lost, then - now)):
            for concept in concepts:
                changed.setdefault(concept, []).append(article.pmid)
    return gained, lost
