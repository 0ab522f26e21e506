"""How good the tags are: strict, relaxed, joint, on concepts, findings, estimates and study facts.

Mentions are compared as unique strings of a record, one to one. Two strings match strictly where they are equal but
for case, blanks, dashes and outer punctuation; relaxed where one contains the other on word boundaries or at least
half of their words are shared. `joint` asks for the relaxed match and the right direction together.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from db.topics import current
from nlp.scoring.claims import claims, denied, same_claim
from nlp.scoring.rates import Miss, Scores, Tally, bootstrap_intervals
from nlp.text.normal import normal

Gold = Mapping[str, Any]
Prediction = Mapping[str, Any]
#: Finds a mention's concept for the document-level score: (kind, text) to concept id or None.
ConceptOf = Callable[[str, str], str | None]

MENTION_LABELS = {"interventions": "intervention", "risk_factors": "risk factor", "outcomes": "outcome"}
EXACT_FACTS = ("study_design", "sample_size", "species")
SET_FACTS = ("sites", "aetiologies")
_WORDS = re.compile(r"[^\W_]+")


def similarity(first: str, second: str) -> float:
    """Returns 1.0 for strictly equal mentions, .5 to .99 for a relaxed match, 0.0 for none."""
    one, two = normal(first), normal(second)
    if one == two:
        return 1.0
    words_one, words_two = _WORDS.findall(one), _WORDS.findall(two)
    if not words_one or not words_two:
        return 0.0
    set_one, set_two = set(words_one), set(words_two)
    shared = len(set_one & set_two) / len(set_one | set_two)
    phrase_one, phrase_two = f" {' '.join(words_one)} ", f" {' '.join(words_two)} "
    contained = phrase_one in phrase_two or phrase_two in phrase_one
    score = max(shared, 0.5) if contained else shared
    return min(score, 0.99) if score >= 0.5 else 0.0


def pairing(count_gold: int, count_predicted: int, score: Callable[[int, int], float]) -> list[tuple[int, int, float]]:
    """Returns one-to-one pairs (gold, predicted, score), the most similar first; equals in order of place."""
    scores = [(score(i, j), i, j) for i in range(count_gold) for j in range(count_predicted)]
    scores.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    free_gold, free_predicted = set(range(count_gold)), set(range(count_predicted))
    pairs = []
    for value, i, j in scores:
        if value > 0 and i in free_gold and j in free_predicted:
            free_gold.discard(i)
            free_predicted.discard(j)
            pairs.append((i, j, value))
    return pairs


def _unique(texts: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for text in texts:
        key = normal(text)
        if key:
            seen.setdefault(key, text)
    return list(seen.values())


def _unique_factors(factors: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    seen: dict[str, Mapping[str, Any]] = {}
    for factor in factors:
        key = normal(factor["mention"])
        if key:
            seen.setdefault(key, factor)
    return list(seen.values())


def estimate_key(estimate: Mapping[str, Any] | None) -> tuple[str, float, float | None, float | None] | None:
    """Returns what makes two estimates the same: measure, value and bounds to three digits; None without a value."""
    if not estimate or estimate.get("value") is None:
        return None
    numbers = [estimate.get(name) for name in ("value", "low", "high")]
    value, low, high = (None if number is None else round(float(number), 3) for number in numbers)
    return str(estimate.get("measure", "")).upper().lstrip("A"), value or 0.0, low, high


def _tally_mentions(tally: Tally, misses: list[Miss], pmid: str, gold: Gold, predicted: Prediction) -> None:
    for label in MENTION_LABELS:
        if label == "risk_factors":
            gold_factors = _unique_factors(gold[label])
            predicted_factors = _unique_factors(predicted.get(label) or ())
            gold_texts = [factor["mention"] for factor in gold_factors]
            texts = [factor["mention"] for factor in predicted_factors]
        else:
            gold_texts, texts = _unique(gold[label]), _unique(predicted.get(label) or ())
        pairs = pairing(len(gold_texts), len(texts), lambda i, j: similarity(gold_texts[i], texts[j]))  # noqa: B023
        tally.add(f"{label} strict", sum(value == 1.0 for *_, value in pairs), len(gold_texts), len(texts))
        tally.add(f"{label} relaxed", len(pairs), len(gold_texts), len(texts))
        if label == "risk_factors":
            right = sum(gold_factors[i]["direction"] == predicted_factors[j].get("direction") for i, j, _ in pairs)
            tally.add("risk_factors joint", right, len(gold_texts), len(texts))
            tally.add("direction", right, len(pairs), len(pairs))
        missed = tuple(text for i, text in enumerate(gold_texts) if i not in {i for i, _, _ in pairs})
        wrong = tuple(text for j, text in enumerate(texts) if j not in {j for _, j, _ in pairs})
        if missed or wrong:
            misses.append(Miss(pmid, label, missed, wrong))


def _finding_similarity(first: Mapping[str, Any], second: Mapping[str, Any]) -> float:
    if first["direction"] != second.get("direction"):
        return 0.0
    return min(
        similarity(first["intervention"], second.get("intervention") or ""),
        similarity(first["outcome"], second.get("outcome") or ""),
    )


def _finding_text(finding: Mapping[str, Any]) -> str:
    return f"{finding.get('intervention')} {finding.get('direction')} {finding.get('outcome')}"


def _tally_findings(tally: Tally, misses: list[Miss], pmid: str, gold: Gold, predicted: Prediction) -> None:
    mine, theirs = gold["findings"], predicted.get("findings") or []
    pairs = pairing(len(mine), len(theirs), lambda i, j: _finding_similarity(mine[i], theirs[j]))
    tally.add("findings joint", len(pairs), len(mine), len(theirs))
    missed = tuple(_finding_text(f) for i, f in enumerate(mine) if i not in {i for i, _, _ in pairs})
    wrong = tuple(_finding_text(f) for j, f in enumerate(theirs) if j not in {j for _, j, _ in pairs})
    if missed or wrong:
        misses.append(Miss(pmid, "findings", missed, wrong))
    keys = Counter(estimate_key(x.get("estimate")) for x in [*gold["risk_factors"], *mine])
    other = Counter(estimate_key(x.get("estimate")) for x in [*(predicted.get("risk_factors") or []), *theirs])
    keys.pop(None, None)
    other.pop(None, None)
    tally.add("estimates strict", (keys & other).total(), keys.total(), other.total())
    missed = tuple(str(key) for key in (keys - other).elements())
    wrong = tuple(str(key) for key in (other - keys).elements())
    if missed or wrong:
        misses.append(Miss(pmid, "estimates", missed, wrong))


def _tally_claims(tally: Tally, misses: list[Miss], pmid: str, gold: Gold, predicted: Prediction) -> None:
    mine, theirs = claims(gold, estimate_key), claims(predicted, estimate_key)
    against, count = denied(mine, theirs, similarity)
    tally.add("statements not denied", count - len(against), count, count)
    tally.add("statements not opposite", count - sum(one.opposite for one in against), count, count)
    if against:
        said = tuple(
            f"{one.claim.subject} {one.claim.sign} {one.claim.outcome or current().short_name}" for one in against
        )
        misses.append(Miss(pmid, "contradictions", (), said))
    with_mine, with_theirs = ([c for c in side if c.estimate] for side in (mine, theirs))
    pairs = pairing(
        len(with_mine),
        len(with_theirs),
        lambda i, j: float(
            with_mine[i].estimate == with_theirs[j].estimate and same_claim(with_mine[i], with_theirs[j], similarity)
        ),
    )
    tally.add("estimates bound", len(pairs), len(with_mine), len(with_theirs))


def _unordered(value: object) -> object:
    """A fact of several parts without their order ("human+animal" is "animal+human")."""
    return sorted(value.split("+")) if isinstance(value, str) else value


def _tally_facts(tally: Tally, misses: list[Miss], record: Gold, predicted: Prediction) -> None:
    if record.get("sentences_only"):
        return  # a record of single sentences says nothing of the study
    gold, pmid = record["gold"], str(record["pmid"])
    for name in EXACT_FACTS:
        if record["topic"] == current().id and (name != "sample_size" or record["abstract"]):
            right = _unordered(gold.get(name)) == _unordered(predicted.get(name))
            tally.add(name, int(right), 1, 1)
            if not right:
                misses.append(Miss(pmid, name, (str(gold.get(name)),), (str(predicted.get(name)),)))
    right = record["topic"] == predicted.get("topic")
    tally.add("topic", int(right), 1, 1)
    if not right:
        misses.append(Miss(pmid, "topic", (record["topic"],), (str(predicted.get("topic")),)))
    for name in SET_FACTS:
        mine, theirs = set(gold.get(name) or ()), set(predicted.get(name) or ())
        tally.add(f"{name} strict", len(mine & theirs), len(mine), len(theirs))
        if mine != theirs:
            misses.append(Miss(pmid, name, tuple(sorted(mine - theirs)), tuple(sorted(theirs - mine))))


def _tally_concepts(tally: Tally, gold: Gold, predicted: Prediction, concept_of: ConceptOf) -> None:
    for label, kind in MENTION_LABELS.items():
        sets = []
        for side in (gold, predicted):
            texts = [x["mention"] if isinstance(x, Mapping) else x for x in side.get(label) or ()]
            sets.append({found for found in (concept_of(kind, text) for text in texts) if found})
        tally.add(f"{label} concepts", len(sets[0] & sets[1]), len(sets[0]), len(sets[1]))


def evaluate(
    gold: Iterable[Gold],
    predictions: Iterable[Prediction],
    *,
    concept_of: ConceptOf | None = None,
    samples: int = 0,
    seed: int = 20,
) -> Scores:
    """Returns the scores of predictions against gold records; a record without a prediction counts as empty.

    `samples` bootstrap samples over records give 95 % intervals of F1. `concept_of` adds the document-level score on
    concepts.
    """
    by_pmid = {str(prediction["pmid"]): prediction for prediction in predictions}
    tallies, misses = [], list[Miss]()
    for record in gold:
        pmid = str(record["pmid"])
        predicted = by_pmid.get(pmid, {})
        tally = Tally()
        _tally_mentions(tally, misses, pmid, record["gold"], predicted)
        _tally_findings(tally, misses, pmid, record["gold"], predicted)
        _tally_claims(tally, misses, pmid, record["gold"], predicted)
        _tally_facts(tally, misses, record, predicted)
        if concept_of:
            _tally_concepts(tally, record["gold"], predicted, concept_of)
        tallies.append(tally)
    whole = Tally()
    for tally in tallies:
        whole += tally
    rates = {name: whole.rate(name) for name in sorted(whole.gold.keys() | whole.predicted.keys())}
    return Scores(len(tallies), rates, bootstrap_intervals(tallies, rates, samples, seed), tuple(misses))
