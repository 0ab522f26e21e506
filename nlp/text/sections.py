"""What each sentence is for: title, background, aim, methods, results or conclusion.

Labelled abstracts say so themselves; for the others the category is inferred from cue words and the order in which
the parts come. A label that has a category from PubMed keeps it.
"""

from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from nlp.cues import patterns
from nlp.document import Sentence, attribute

CATEGORIES = ("title", "background", "aim", "methods", "results", "conclusion")

#: The categories whose words are looked for in a label, in the order in which they win.
_LABEL_ORDER = ("results", "conclusion", "methods", "aim", "background")
_CUES = patterns("sections")


def category_of_label(label: str) -> str:
    """Returns the category of a section label; "results" for a label that says nothing."""
    for category in _LABEL_ORDER:
        if _CUES[f"label_{category}"].search(label):
            return category
    return "results"


def infer_categories(texts: list[str]) -> list[str]:
    """Returns the category of each sentence of an unlabelled abstract, in order; parts never go backwards."""
    categories = []
    current = 0
    order = CATEGORIES[1:]
    for index, text in enumerate(texts):
        late = index >= len(texts) * 0.6
        if late and index >= len(texts) - 3 and _CUES["conclusion"].search(text):
            wanted = "conclusion"
        elif _CUES["results"].search(text) and index > 0:
            wanted = "results" if current >= 2 or index >= 2 or not _CUES["methods"].search(text) else "methods"
        elif _CUES["methods"].search(text):
            wanted = "methods"
        elif _CUES["aim"].search(text):
            wanted = "aim"
        else:
            wanted = order[current]
        current = max(current, order.index(wanted))
        if wanted == "methods" and current == order.index("results"):
            current = order.index("results")
        categories.append(order[current])
    return categories


@Language.component("tracker_sections", requires=["doc._.sentences", "doc._.text"], assigns=["doc._.sentences"])
def tracker_sections(document: Doc) -> Doc:
    """Gives every sentence its category."""
    text: str = attribute(document, "text")
    sentences: list[Sentence] = list(attribute(document, "sentences"))
    plain = [i for i, s in enumerate(sentences) if s.field == "abstract" and not s.label and not s.category]
    inferred = dict(
        zip(plain, infer_categories([text[sentences[i].start : sentences[i].end] for i in plain]), strict=True)
    )
    for index, sentence in enumerate(sentences):
        if sentence.field == "title":
            category = "title"
        elif index in inferred:
            category = inferred[index]
        else:
            category = category_of_label(sentence.label or sentence.category)
        sentences[index] = replace(sentence, category=category)
    document._.sentences = tuple(sentences)
    return document
