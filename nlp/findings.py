"""Findings: which intervention changed which outcome in which direction.

Every outcome of a sentence is paired with the interventions it could be about: those of the sentence, else those of
the sentence before, else the record's main ones. A linear model gives each pair a direction or none; pairs it is not
sure of are left out and counted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.cues import find_cues
from nlp.estimates import EstimateSpan
from nlp.evaluate import normal
from nlp.factors import Context, estimate_sign, significant
from nlp.linear import LinearModel
from nlp.spans import Span

EFFECTS = ("increases", "decreases", "no difference")
NONE = "none"
_CONTROL = re.compile(
    r"placebo|vehicle|saline|no |untreated|control|sham|solvent|dmso|dimethyl|alone|usual|routine|standard"
    r"|nothing|without|observation"
)
_COMPARE = re.compile(
    r"(?:than|versus|vs\.?|v\.?|compared (?:with|to)|relative to|against|over|as opposed to"
    r"|rather than)(?: \w+){0,3}\s*$"
)
_CLAUSE = re.compile(r"; | whereas | but | while | although |, and (?=the |neither |no )|, although ")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?(?:%|per cent)")
_VERSUS = re.compile(
    r"(-?\d+(?:\.\d+)?)\s?[%°a-z³]{0,4}(?:\s?(?:±|\+/-)\s?\d+(?:\.\d+)?\s?[%°a-z³]{0,4})?\s?(?:\([^)]{1,20}\)\s?)?"
    r"(?:v|vs\.?|versus|and|compared with|against|but)\s(-?\d+(?:\.\d+)?)"
)
_EVALUATED = frozenset(("title", "results", "conclusion", "aim", "background", "methods"))


@dataclass(frozen=True, slots=True)
class Pair:
    """An intervention and an outcome that a sentence could relate."""

    intervention: Span
    outcome: Span
    source: str


def candidate_pairs(context: Context, spans: Sequence[Span]) -> list[Pair]:
    """Returns every pair of the record, sentence by sentence."""
    outcomes: dict[int, list[Span]] = {}
    interventions: dict[int, list[Span]] = {}
    for span in spans:
        if span.kind == "outcome":
            outcomes.setdefault(span.sentence, []).append(span)
        elif span.kind == "intervention":
            interventions.setdefault(span.sentence, []).append(span)
    main = _main_interventions(context, spans)
    context.name_interventions(spans)
    pairs = []
    for number, found in sorted(outcomes.items()):
        category = context.sentences[number].category
        if category == "methods":
            continue
        mine = _distinct(interventions.get(number, []))
        source = "here"
        pool = [(span, source) for span in mine]
        if category in ("results", "conclusion"):
            here = {normal(s.text) for s in mine}
            previous = [s for s in _distinct(interventions.get(number - 1, [])) if normal(s.text) not in here]
            if len(mine) < 2:
                pool += [(s, "previous") for s in previous]
                known = here | {normal(s.text) for s in previous}
                pool += [(s, "main") for s in main if normal(s.text) not in known]
        pairs += [Pair(span, outcome, source) for outcome in _distinct(found) for span, source in pool]
    return pairs


def _distinct(spans: Sequence[Span]) -> list[Span]:
    seen: dict[str, Span] = {}
    for span in spans:
        seen.setdefault(normal(span.text), span)
    return list(seen.values())


def _main_interventions(context: Context, spans: Sequence[Span]) -> list[Span]:
    """The interventions of the title, else the two most often named ones outside the background."""
    named = [s for s in spans if s.kind == "intervention"]
    counts: dict[str, int] = {}
    for span in named:
        if context.sentences[span.sentence].category != "background":
            counts[normal(span.text)] = counts.get(normal(span.text), 0) + 1
    titled = {normal(s.text) for s in named if context.sentences[s.sentence].category == "title"}
    ranked = sorted(counts, key=lambda key: (key not in titled, bool(_CONTROL.search(key)), -counts[key], key))
    first = {normal(s.text): s for s in reversed(named)}
    return [first[key] for key in ranked[:3]]


def pair_features(context: Context, pair: Pair, spans: Sequence[Span], links: dict[EstimateSpan, Span]) -> list[str]:
    """Returns the features of a pair for its direction."""
    number = pair.outcome.sentence
    sentence, text = context.sentences[number], context.texts[number]
    here = [s for s in spans if s.sentence == number]
    o_start, o_end = context.bounds(pair.outcome)
    category, source = sentence.category, pair.source
    drug, result = normal(pair.intervention.text), normal(pair.outcome.text)
    control = "control" if _CONTROL.search(drug) else "active"
    features = [
        "bias", f"s:{category}", f"d:{context.design}|{category}", f"from:{source}", f"{control}",
        f"{control}|{source}|{category}",
        *[f"out:{word}" for word in re.findall(r"[a-z]+", result)],
    ]  # fmt: skip
    mine = _distinct([s for s in here if s.kind == "intervention"])
    features.append(f"interventions:{min(len(mine), 4)}|{control}|{source}")
    if source == "here":
        features += _order_features(context, pair, mine, text, (o_start, o_end), control)
    elif source == "main":
        features.append(f"title:{_in_title(context, spans, drug)}|{control}|{category}")
    features += _cue_features(context, pair, text, (o_start, o_end), category)
    features += _number_features(context, pair, links, text, (o_start, o_end), control)
    return features


def _in_title(context: Context, spans: Sequence[Span], drug: str) -> bool:
    return any(normal(s.text) == drug and context.sentences[s.sentence].category == "title" for s in spans)


def _order_features(
    context: Context, pair: Pair, mine: list[Span], text: str, outcome: tuple[int, int], control: str
) -> list[str]:
    i_start, i_end = context.bounds(pair.intervention)
    before = i_end <= outcome[0]
    between = text[i_end : outcome[0]] if before else text[outcome[1] : i_start]
    rank = [s.first for s in mine].index(pair.intervention.first) if pair.intervention in mine else 0
    place = "before" if before else "after"
    features = [
        f"{place}|rank:{min(rank, 3)}/{min(len(mine), 4)}|{control}",
        f"{place}|gap:{'s' if len(between) < 15 else 'm' if len(between) < 60 else 'l'}",
        f"clauses between:{min(len(_CLAUSE.findall(between)), 2)}|{place}",
    ]
    if _COMPARE.search(text[max(0, i_start - 40) : i_start]):
        features += ["comparator", f"comparator|{place}|{control}"]
    if _COMPARE.match(text[i_end : i_end + 40].strip() + " "):
        features.append("compared to something")
    lead = text[max(0, i_start - 14) : i_start].strip().split(" ")[-1:]
    features += [f"lead:{word}|{place}" for word in lead]
    between_groups = [cue.group for cue in find_cues(between[:300])]
    features += [f"between:{group}|{place}" for group in between_groups]
    return features


def _cue_features(context: Context, pair: Pair, text: str, outcome: tuple[int, int], category: str) -> list[str]:
    cues = context.cues[pair.outcome.sentence]
    left = [cue for cue in cues if cue.end <= outcome[0]][::-1]
    right = [cue for cue in cues if cue.start >= outcome[1]]
    features = []
    decisive = ("no_difference", "decrease", "increase", "no_association", "protective", "hedge", "negation")
    for side, found in (("L", left), ("R", right)):
        strong = [cue for cue in found if cue.group in decisive]
        for rank, cue in enumerate(strong[:2]):
            features += [f"{side}{rank}:{cue.group}", f"{side}{rank}:{cue.text}"]
        near = [cue for cue in strong if (outcome[0] - cue.end if side == "L" else cue.start - outcome[1]) < 30]
        features.append(f"{side}near:{near[0].group if near else '-'}")
    starts = [match.end() for match in _CLAUSE.finditer(text, 0, outcome[0])]
    ends = [match.start() for match in _CLAUSE.finditer(text, outcome[1])]
    clause = text[starts[-1] if starts else 0 : ends[0] if ends else len(text)]
    groups = [cue.group for cue in find_cues(clause[:800]) if cue.group in decisive]
    features += [f"clause:{group}" for group in sorted(set(groups))]
    features.append("clause:" + "+".join(sorted(set(groups))))
    features += [f"has:{group}|{category}" for group in sorted({cue.group for cue in cues})]
    if groups:
        features.append(f"first in clause:{groups[0]}")
    return features


def _number_features(
    context: Context, pair: Pair, links: dict[EstimateSpan, Span], text: str, outcome: tuple[int, int], control: str
) -> list[str]:
    features = []
    number = pair.outcome.sentence
    shift = context.sentences[number].start
    estimates = context.estimates[number]
    for estimate in estimates:
        owner = links.get(estimate)
        if owner is not None and normal(owner.text) == normal(pair.intervention.text):
            features += [f"linked:{estimate_sign(estimate)}", f"linked p:{_p_class(estimate)}"]
    after = [e for e in estimates if e.start - shift >= outcome[1]]
    if after:
        nearest = after[0]
        features += [
            f"next sign:{estimate_sign(nearest)}|{control}",
            f"next p:{_p_class(nearest)}",
            f"next p:{_p_class(nearest)}|{control}",
        ]
    elif estimates:
        features.append(f"last p:{_p_class(estimates[-1])}")
    else:
        features.append("no p")
    clause = text[outcome[1] : outcome[1] + 160]
    versus = _VERSUS.search(clause) or _VERSUS.search(text)
    percents = [float(value) for value in _PERCENT.findall(text)]
    if versus and len(versus.group(1)) < 9 and len(versus.group(2)) < 9:
        one, two = float(versus.group(1)), float(versus.group(2))
    elif len(percents) >= 2:
        one, two = percents[0], percents[1]
    else:
        return features
    shape = "lower" if one < two else "higher" if one > two else "equal"
    place = "none"
    if pair.source == "here":
        same = [s for s in context_interventions(context, pair) if s != normal(pair.intervention.text)]
        place = (
            "first"
            if not same or context_interventions(context, pair)[0] == normal(pair.intervention.text)
            else "later"
        )
    features += [
        f"first number {shape}|{place}|{control}",
        f"first number {shape}|{place}|p:{_p_class(after[0]) if after else '-'}",
    ]
    return features


def context_interventions(context: Context, pair: Pair) -> list[str]:
    """Normal forms of the interventions that stand in the pair's sentence (the pair's own at least)."""
    return context.named.get(pair.outcome.sentence, [normal(pair.intervention.text)])


def _p_class(estimate: EstimateSpan) -> str:
    if estimate.p_value:
        return "low" if significant(estimate.p_value) else "high"
    return {"up": "ci out", "down": "ci out", "none": "ci over"}.get(estimate_sign(estimate), "-")


@dataclass(frozen=True, slots=True)
class Effect:
    """A decided pair: direction, its probability and its estimate."""

    pair: Pair
    direction: str
    chance: float
    estimate: EstimateSpan | None


def decide_effects(
    context: Context, spans: Sequence[Span], links: dict[EstimateSpan, Span], model: LinearModel, threshold: float = 0.5
) -> tuple[list[Effect], int]:
    """Returns the effects, one a (intervention, outcome, direction), and how many pairs were left undecided."""
    effects: dict[tuple[str, str, str], Effect] = {}
    abstained = 0
    for pair in candidate_pairs(context, spans):
        chances = model.probabilities(pair_features(context, pair, spans, links))
        direction = max(EFFECTS, key=lambda name: (chances[name], name))
        known = 1 - chances[NONE]
        if known < threshold:
            abstained += known >= 0.3
            continue
        key = (normal(pair.intervention.text), normal(pair.outcome.text), direction)
        if key not in effects or chances[direction] > effects[key].chance + 1e-9:
            effects[key] = Effect(pair, direction, chances[direction], None)
    return list(_with_estimates(context, list(effects.values()), links, spans)), abstained


def _with_estimates(
    context: Context, effects: list[Effect], links: dict[EstimateSpan, Span], spans: Sequence[Span]
) -> Iterator[Effect]:
    """Gives each linked estimate to the effect it stands nearest to; makes an effect for a ratio that has none."""
    given: dict[int, EstimateSpan] = {}
    made: list[Effect] = []
    for estimate, owner in sorted(links.items(), key=lambda entry: entry[0].start):
        if owner.kind != "intervention":
            continue
        best = _nearest_effect(context, effects, given, estimate, owner)
        if best is not None:
            given[best] = estimate
        elif estimate.measure:
            outcome = _nearest_outcome(context, spans, estimate, owner.sentence)
            sign = {"up": "increases", "down": "decreases"}.get(estimate_sign(estimate), "no difference")
            if outcome is not None:
                made.append(Effect(Pair(owner, outcome, "estimate"), sign, 0.5, estimate))
    for index, effect in enumerate(effects):
        yield Effect(effect.pair, effect.direction, effect.chance, given.get(index))
    yield from made


def _nearest_effect(
    context: Context, effects: list[Effect], given: dict[int, EstimateSpan], estimate: EstimateSpan, owner: Span
) -> int | None:
    best, distance = None, 10_000
    for index, effect in enumerate(effects):
        if index in given or effect.pair.outcome.sentence != owner.sentence:
            continue
        penalty = 0 if normal(effect.pair.intervention.text) == normal(owner.text) else 300
        gap = abs(context.starts[effect.pair.outcome.first] - estimate.start)
        if gap + penalty < distance:
            best, distance = index, gap + penalty
    return best


def _nearest_outcome(context: Context, spans: Sequence[Span], estimate: EstimateSpan, sentence: int) -> Span | None:
    found = [s for s in spans if s.kind == "outcome" and s.sentence == sentence]
    found = found or [s for s in spans if s.kind == "outcome" and s.sentence < sentence][-1:]
    return min(found, key=lambda s: abs(context.starts[s.first] - estimate.start), default=None)
