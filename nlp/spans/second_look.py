"""What the span tagger sees of its own first reading when it reads a record again.

A field over words sees two neighbours. What decides about an item of a list often stands further off: that the items
beside it are factors, or that the same word is one elsewhere in the record (two-stage reading with what is not local:
Krishnan and Manning 2006, ACL, 1121-1128).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.models.crf import KINDS, Decoded, Floats, path_spans

_LETTERS = dict(zip(KINDS, "IRO", strict=True))
_JOINING = frozenset((",", ";", "and", "or", "/", "&", "nor", "as", "well"))
#: So many tokens may stand between two items of a list.
_NEAR, _CLOSE = 6, 3
_CHANCE_STEPS, _VOTE_STEPS = 5, 4
_SHORTEST = 3


@dataclass(slots=True)
class _Votes:
    """How often a word stands in the record, and the sum of its chances."""

    places: int = 0
    chances: Floats = field(default_factory=lambda: np.zeros(len(KINDS), dtype=np.float32))


def second_rows(sentences: Sequence[Sequence[str]], decoded: Sequence[Decoded]) -> Iterator[list[list[str]]]:
    """Yields for each sentence the further features of each token, from the first reading of the whole record.

    `sentences` are the folded words of each, `decoded` what the first reading says of them.
    """
    kinds = [_kind_chances(chances) for _, chances in decoded]
    votes: dict[str, _Votes] = defaultdict(_Votes)
    for words, chances in zip(sentences, kinds, strict=True):
        for word, chance in zip(words, chances, strict=True):
            vote = votes[word]
            vote.places += 1
            vote.chances += chance
    for words, (path, _), chances in zip(sentences, decoded, kinds, strict=True):
        yield _sentence_rows(words, path, chances, votes)


def _kind_chances(chances: Floats) -> Floats:
    """The chance of each kind, beginning or inside."""
    return np.asarray(chances[:, 1::2] + chances[:, 2::2], dtype=np.float32)


def _sentence_rows(words: Sequence[str], path: list[int], chances: Floats, votes: dict[str, _Votes]) -> list[list[str]]:
    spans = path_spans(path, 0)
    held = f"2S={''.join(sorted({_LETTERS[kind] for _, _, kind in spans}))}"
    rows = []
    for word, chance, sure, (left, right) in zip(
        words, chances, _steps(chances, _CHANCE_STEPS), _beside(words, spans), strict=True
    ):
        row = [f"2{letter}{step}" for letter, step in zip("IRO", sure, strict=True)]
        row += [held, f"2L={left}", f"2R={right}", f"2LR={left}{right}"]
        vote = votes[word]
        if vote.places > 1 and len(word) >= _SHORTEST:
            elsewhere = _steps((vote.chances - chance)[None] / (vote.places - 1), _VOTE_STEPS)[0]
            row += [f"2v{letter}{step}" for letter, step in zip("IRO", elsewhere, strict=True)]
        rows.append(row)
    return rows


def _steps(chances: Floats, steps: int) -> list[list[int]]:
    """Chances as whole numbers from 0 to `steps` - 1."""
    rows: list[list[int]] = (np.clip(chances, 0, 0.999) * steps).astype(np.int64).tolist()
    return rows


def _beside(words: Sequence[str], spans: Sequence[tuple[int, int, str]]) -> list[tuple[str, str]]:
    """For each token the kind of the span before and behind it (not its own), and how far off it is."""
    owners = [-1] * len(words)
    for number, (first, last, _) in enumerate(spans):
        owners[first:last] = [number] * (last - first)
    kinds = [_LETTERS[kind] for _, _, kind in spans]
    before = _last_seen(words, owners, kinds, range(len(words)))
    behind = _last_seen(words, owners, kinds, range(len(words) - 1, -1, -1))
    return list(zip(before, behind, strict=True))


def _last_seen(words: Sequence[str], owners: list[int], kinds: list[str], order: range) -> list[str]:
    """For each token the span that was left last, going in an order; all tokens of a span see what its edge sees."""
    seen = ["-"] * len(words)
    last, gap, joined, inside = "-", 0, False, -1
    edge = last
    for at in order:
        if owners[at] != inside:
            if inside >= 0:
                last, gap, joined = kinds[inside], 0, False
            inside = owners[at]
            edge = _how_far(last, gap, joined)
        if inside >= 0:
            seen[at] = edge
        else:
            seen[at] = _how_far(last, gap, joined)
            gap += 1
            joined = joined or words[at] in _JOINING
    return seen


def _how_far(kind: str, gap: int, joined: bool) -> str:
    if kind == "-":
        return kind
    return kind + ("c" if joined and gap <= _NEAR else "n" if gap <= _CLOSE else "f")
