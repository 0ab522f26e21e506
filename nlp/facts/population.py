"""Species, body sites and aetiologies: cue words from a data file, weighed by small boosted trees for each label.

A cue in the title or beside HO weighs otherwise than one in passing, and "knee" in a hip paper otherwise than alone:
the weights are learnt from the gold in the repository (see `nlp.training.train`), the cues are data.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from nlp.cues import lower_pattern
from nlp.facts.reading import Reading
from nlp.models.linear import bucket, most_probable
from nlp.models.trees import TreeModel

CUES = Path(__file__).parent.parent / "cues" / "population.toml"
SITES = ("hip", "knee", "elbow", "shoulder", "spine", "ankle", "hand", "jaw", "generalised", "other")
AETIOLOGIES = (
    "arthroplasty", "fracture/trauma", "spinal cord injury", "traumatic brain injury", "burn", "amputation", "genetic",
    "arthroscopy", "other",
)  # fmt: skip
SPECIES = ("human", "animal", "in vitro")
#: An aetiology that is taken where no other is likelier than not.
PROBABLE = 0.3
GROUPS = {"site": SITES, "aetiology": AETIOLOGIES, "species": SPECIES}

_HO = re.compile(r"\b(?:ho|nho|pao|fop|poh|mo)\b|ossific|heterotopic|ectopic|new bone")
_MESH_HINTS = ("Humans", "Animals", "Mice", "Rats", "Rabbits", "Cells, Cultured", "Disease Models, Animal")


@cache
def cue_patterns(group: str) -> dict[str, re.Pattern[str]]:
    """Returns one pattern a label of the group, matching any of the label's cue words in lower-case text."""
    with CUES.open("rb") as file:
        table = tomllib.load(file)[group]
    return {label: lower_pattern(rf"(?<![\w-])(?:{'|'.join(words)})(?!\w)") for label, words in table.items()}


def group_features(reading: Reading, group: str) -> dict[str, list[str]]:
    """Returns for each label of a group the features that its model weighs."""
    patterns = cue_patterns(group)
    places: dict[str, dict[str, int]] = {}
    words: dict[str, set[str]] = {}
    for sentence in reading.sentences:
        text = reading.sentence_text(sentence).lower()
        beside = bool(_HO.search(text))
        for label, pattern in patterns.items():
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

    Every record about HO has an aetiology: where none is probable enough, the most probable one, else "other".
    """
    features = group_features(reading, group)
    chances = {label: models[f"{group}:{label}"].probability(features[label], "yes") for label in GROUPS[group]}
    chosen = tuple(label for label, chance in chances.items() if chance >= 0.5)
    if chosen or group != "aetiology":
        return chosen
    best, chance = most_probable(AETIOLOGIES, chances)
    return (best if chance >= PROBABLE else "other",)


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
