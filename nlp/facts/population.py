"""Species, body sites and aetiologies: cue words from data files, weighed by small boosted trees for each label.

Sites and aetiologies are the topic's own. A cue in the title or beside the disease weighs otherwise than one in
passing, and "knee" in a hip paper otherwise than alone: the weights are learnt from the gold in the repository (see
`nlp.training.train`), the cues are data. A topic without gold has a rule instead (`_ruled`).
"""

import re
import tomllib
from pathlib import Path

from db.topics import TopicError, current, per_topic
from nlp.cues import lower_pattern
from nlp.cues.disease import NEVER, any_of, disease_words
from nlp.cues.sought import SoughtPattern, sought
from nlp.facts.reading import Reading
from nlp.models.linear import bucket, most_probable
from nlp.models.trees import TreeModel, together

_CUES = Path(__file__).parent.parent / "cues" / "population.toml"
#: An aetiology that is taken where no other is likelier than not.
PROBABLE = 0.3
#: The aetiology of a record that names none.
OTHER = "other"

_MESH_HINTS = ("Humans", "Animals", "Mice", "Rats", "Rabbits", "Cells, Cultured", "Disease Models, Animal")


@per_topic
def cue_patterns(group: str) -> dict[str, SoughtPattern]:
    """Returns one pattern a label of the group, matching any of the label's cue words in lower-case text."""
    if group in ("species", "studied"):
        table = tomllib.loads(_CUES.read_text(encoding="utf-8"))[group]
    else:
        table = disease_words("population")[group]
    return sought(
        {label: lower_pattern(rf"(?<![\w-])(?:{'|'.join(words) or NEVER})(?!\w)") for label, words in table.items()}
    )


@per_topic
def _disease() -> re.Pattern[str]:
    return any_of("population", "beside", disease_words("population").get("beside") or disease_words("about")["named"])


def group_features(reading: Reading, group: str) -> dict[str, list[str]]:
    """Returns for each label of a group the features that its model weighs."""
    patterns = cue_patterns(group)
    disease = _disease()
    places: dict[str, dict[str, int]] = {}
    words: dict[str, set[str]] = {}
    texts = [reading.sentence_text(sentence).lower() for sentence in reading.sentences]
    whole = "\n".join(texts)
    named = [(label, pattern) for label, pattern in patterns.items() if pattern.search(whole)]
    for sentence, text in zip(reading.sentences, texts, strict=True):
        beside = bool(disease.search(text))
        for label, pattern in named:
            hits = pattern.findall(text)
            if not hits:
                continue
            counts = places.setdefault(label, {})
            for key in ("all", sentence.category, "beside" if beside else "apart"):
                counts[key] = counts.get(key, 0) + len(hits)
            words.setdefault(label, set()).update(hits)
            if sentence.category == "title":
                words[label].update(f"title:{hit}" for hit in hits)
    shared = _shared_features(reading, places)
    return {label: _label_features(places.get(label, {}), words.get(label, set()), shared) for label in patterns}


def _shared_features(reading: Reading, places: dict[str, dict[str, int]]) -> list[str]:
    in_title = sorted(label for label, counts in places.items() if counts.get("title"))
    features = [f"others in title:{label}" for label in in_title]
    top = max(places, key=lambda label: (places[label]["all"], label), default="")
    features.append(f"most:{top}")
    features += [f"mesh:{term}" for term in _MESH_HINTS if term in reading.mesh]
    if not reading.abstract:
        features.append("no abstract")
    return features


def _label_features(counts: dict[str, int], words: set[str], shared: list[str]) -> list[str]:
    features = ["bias"]
    for key, count in counts.items():
        features += [f"{key}", f"{key}{bucket(count, (1, 2, 4, 8))}"]
    if not counts:
        features.append("none")
    else:
        features += [f"word:{word}" for word in sorted(words)]
    named = "named" if counts else "unnamed"
    features += [f"{named}|{feature}" for feature in shared]
    if counts.get("title"):
        features.append(
            "title alone" if sum(f.startswith("others in title") for f in shared) == 1 else "title with others"
        )
    return features


def choose(reading: Reading, group: str, models: dict[str, TreeModel]) -> tuple[str, ...]:
    """Returns the labels of a group that hold for the record, in the group's order.

    Every record on the topic has an aetiology: where none is probable enough, the most probable one, else "other".
    """
    features = group_features(reading, group)
    if group != "species" and not current().own_models:
        chances = {label: _ruled(features[label]) for label in features}
    else:
        asked = [_model(models, group, label) for label in features]
        chances = dict(zip(features, together(asked, list(features.values()), "yes"), strict=True))
    chosen = tuple(label for label, chance in chances.items() if chance >= 0.5)
    if chosen or group != "aetiology":
        return chosen
    best, chance = most_probable(tuple(chances), chances)
    return (best if chance >= PROBABLE else OTHER,)


def _model(models: dict[str, TreeModel], group: str, label: str) -> TreeModel:
    """Returns the model of a label; raises TopicError where the models were fitted to another topic's labels."""
    model = models.get(f"{group}:{label}")
    if model is None:
        told = f'no model knows this {group}: it was not fitted to this topic; write models = "open" in topic.toml'
        raise TopicError(current().home / "cues" / "population.toml", label, told)
    return model


def _ruled(features: list[str]) -> float:
    """Returns how likely a label is by rule: sure in the title, likely where it is said often or beside the disease."""
    if "title" in features:
        return 1.0
    if "none" in features:
        return 0.0
    often = not {"all<=1", "all<=2"} & set(features)
    return 0.6 if often and "beside" in features else 0.4


def studied_species(reading: Reading, labels: tuple[str, ...], design: str) -> tuple[str, ...]:
    """Returns the labels of species that fit the design: bench work in which nobody was studied is not human.

    Its abstracts speak of patients as the reason for the work; people count where they, or cells and tissue of theirs,
    were studied. What an animal or in vitro study is done in, it is about.
    """
    bench = {"animal study": "animal", "in vitro study": "in vitro"}.get(design)
    if bench is None or "human" not in labels:
        return labels
    told = (reading.sentence_text(s).lower() for s in reading.sentences if not (s.label and s.category == "background"))
    people = cue_patterns("studied")["human"].search(" ".join(told))
    kept = tuple(label for label in labels if label != "human" or people)
    return kept if bench in kept else (*kept, bench)


def join_species(labels: tuple[str, ...], design: str | None) -> str:
    """Returns species as one string, the one that the design is about first ("animal+in vitro")."""
    if not labels:
        return {"animal study": "animal", "in vitro study": "in vitro"}.get(design or "", "human")
    order = list(labels)
    if "animal" in order and design not in ("review", "systematic review", "meta-analysis"):
        order.sort(key=lambda label: ("animal", "in vitro", "human").index(label))
        if order == ["animal", "in vitro", "human"]:
            order = ["animal", "human", "in vitro"]
    elif "in vitro" in order and design == "in vitro study":
        order.sort(key=lambda label: label != "in vitro")
    return "+".join(order)
