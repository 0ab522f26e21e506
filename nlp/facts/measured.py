"""Whether a record measures its disease, or only speaks of it: a case, a review, an image, background of bench work.

The disease counts as an outcome only where it is measured as one. Which it is, hangs on the whole record: its design,
and the words beside its names by section ("incidence of", "developed", "graded"; figures near by). Boosted trees
weigh them; the span component leaves out the bare names of the disease where they are sure that nothing was measured.
"""

import re
from collections import Counter
from collections.abc import Sequence

from db.tagged import StudyFacts
from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import disease_patterns
from nlp.document import Sentence
from nlp.estimates import EstimateSpan
from nlp.facts.reading import Reading
from nlp.models.linear import bucket
from nlp.models.trees import TreeModel

#: Below this probability of "measured" the disease's bare names are no outcomes.
UNMEASURED = 0.3
_CUES = patterns("measured", re.NOFLAG)
_PLACES = ("title", "background", "aim", "methods", "results", "conclusion")
_NEAR, _NEAR_FIGURE = 45, 60
_MOST = 3
#: An abstract with fewer sentences is too short for the model.
_SENTENCES = 3


@per_topic
def _bare() -> re.Pattern[str]:
    cues = disease_patterns("measured")
    words = (cues[name].pattern for name in ("adjective", "disease", "behind"))
    return re.compile("(?:(?:{})[ -])*(?:{})(?: (?:{}))?".format(*words))


def is_bare_name(text: str) -> bool:
    """True for a name of the disease without a word of measure, such as "recurrent disease"."""
    return bool(_bare().fullmatch(text.lower().strip()))


def measures_disease(reading: Reading, facts: StudyFacts, estimates: Sequence[EstimateSpan], model: TreeModel) -> bool:
    """False where the model is sure that the record speaks of the disease without measuring it.

    Never false where the disease has a figure or an estimate of its own, nor for an abstract too short to tell.
    """
    if sum(sentence.field == "abstract" for sentence in reading.sentences) < _SENTENCES:
        return True
    for sentence in reading.sentences:
        text = reading.sentence_text(sentence).lower()
        names = list(_names().finditer(text))
        if names and any(sentence.start <= estimate.start < sentence.end for estimate in estimates):
            return True
        if any(_has_figure(sentence, text, name) for name in names):
            return True
    return model.probability(measured_features(reading, facts), "yes") >= UNMEASURED


def _names() -> re.Pattern[str]:
    return disease_patterns("measured")["name"]


def _has_figure(sentence: Sentence, text: str, name: re.Match[str]) -> bool:
    near = text[max(0, name.start() - _NEAR_FIGURE) : name.end() + _NEAR_FIGURE]
    return sentence.category in ("results", "conclusion") and bool(_CUES["figure"].search(near))


def measured_features(reading: Reading, facts: StudyFacts) -> list[str]:
    """Returns what the model weighs: design, species, size, and what stands beside the disease, by section."""
    measure = disease_patterns("measured")["measure"]
    size = bucket(facts.sample_size, (1, 3, 10, 30, 100)) if facts.sample_size is not None else None
    features = {
        "bias", f"design:{facts.study_design}", f"species:{facts.species}", f"size:{size}",
        f"design:{facts.study_design}|types:{facts.design_from_types}",
    }  # fmt: skip
    places = Counter[str]()
    told = 0
    for sentence in reading.sentences:
        text = reading.sentence_text(sentence).lower()
        names = list(_names().finditer(text))
        places[sentence.category] += bool(names)
        for name in names[:_MOST]:
            before = text[max(0, name.start() - _NEAR) : name.start()]
            after = text[name.end() : name.end() + _NEAR]
            for side, words in (("<", before), (">", after)):
                for word in measure.findall(words):
                    features |= {f"{side}{word}", f"{sentence.category}{side}{word}"}
            told += _has_figure(sentence, text, name)
    features |= {f"{place}:{min(places[place], _MOST)}" for place in _PLACES}
    features |= {f"figures:{min(told, _MOST)}", f"named:{bucket(places.total(), (1, 2, 4, 8))}"}
    return sorted(features)
