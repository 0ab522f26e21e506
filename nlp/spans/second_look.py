"""What the span tagger sees of its own first reading when it reads a record again.

A field over words sees two neighbours. What decides about an item of a list often stands further off: that the items
beside it are factors, or that the same word is one elsewhere in the record (two-stage reading with what is not local:
Krishnan and Manning 2006, ACL, 1121-1128).

All that can be seen is a short list of features (`FEATURES`); a token's are numbers in it, so that a second reading
costs no look-up of names.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from nlp.models.crf import KINDS, Decoded, Floats, path_spans

Numbers = npt.NDArray[np.int64]
_LETTERS = "IRO"
_JOINING = frozenset((",", ";", "and", "or", "/", "&", "nor", "as", "well"))
#: So many tokens may stand between two items of a list.
_NEAR, _CLOSE = 6, 3
_CHANCE_STEPS, _VOTE_STEPS = 5, 4
_SHORTEST = 3
#: What can stand beside a token: nothing, or a span of a kind, in a list with it, near, or far.
_BESIDE = ("-", *(f"{letter}{how}" for letter in _LETTERS for how in "cnf"))
_PLACE = {name: place for place, name in enumerate(_BESIDE)}


def _families() -> list[list[str]]:
    """The features by what they tell: each token has at most one of each."""
    held = ["".join(sorted(letter for bit, letter in enumerate(_LETTERS) if mask >> bit & 1)) for mask in range(8)]
    return [
        *([f"2{letter}{step}" for step in range(_CHANCE_STEPS)] for letter in _LETTERS),
        [f"2S={kinds}" for kinds in held],
        [f"2L={left}" for left in _BESIDE],
        [f"2R={right}" for right in _BESIDE],
        [f"2LR={left}{right}" for left in _BESIDE for right in _BESIDE],
        *([f"2v{letter}{step}" for step in range(_VOTE_STEPS)] for letter in _LETTERS),
    ]


_FAMILIES = _families()
#: All that a second reading can see; the number behind the last one is nothing.
FEATURES = [name for family in _FAMILIES for name in family]
NOTHING = len(FEATURES)
_CHANCES, _HELD, _LEFT, _RIGHT, _BOTH, _VOTES = 0, 3, 4, 5, 6, 7
_FIRST = np.cumsum([0, *map(len, _FAMILIES)])[:-1]


def second_look(sentences: Sequence[Sequence[str]], decoded: Sequence[Decoded]) -> list[Numbers]:
    """Returns for each sentence the numbers of the features of each token (tokens x kinds of feature).

    `sentences` are the folded words of each, `decoded` what the first reading says of them: of the whole record.
    """
    if not sentences:
        return []
    chances = np.concatenate([seen[:, 1::2] + seen[:, 2::2] for _, seen in decoded])
    numbers = np.full((len(chances), len(_FAMILIES)), NOTHING, dtype=np.int64)
    numbers[:, _CHANCES : _CHANCES + len(KINDS)] = _steps(chances, _CHANCE_STEPS)
    places = [place for words, (path, _) in zip(sentences, decoded, strict=True) for place in _places(words, path)]
    held, left, right = np.array(places, dtype=np.int64).T
    numbers[:, _HELD], numbers[:, _LEFT], numbers[:, _RIGHT] = held, left, right
    numbers[:, _BOTH] = left * len(_BESIDE) + right
    votes, voted = _votes([word for words in sentences for word in words], chances)
    numbers[:, :_VOTES] += _FIRST[:_VOTES]
    numbers[voted, _VOTES:] = votes[voted] + _FIRST[_VOTES:]
    bounds = np.cumsum([0, *map(len, sentences)]).tolist()
    return [numbers[start:end] for start, end in pairwise(bounds)]


def named_features(numbers: Numbers) -> list[str]:
    """Returns the names of a token's features, from their numbers."""
    return [FEATURES[number] for number in numbers.tolist() if number != NOTHING]


def _steps(chances: Floats, steps: int) -> Numbers:
    """Chances as whole numbers from 0 to `steps` - 1."""
    return np.asarray(np.clip(chances, 0, 0.999) * steps, dtype=np.int64)


def _votes(words: Sequence[str], chances: Floats) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """What each word is taken for at its other places, and which words have any and are no small ones."""
    known: dict[str, int] = {}
    ids = np.array([known.setdefault(word, len(known)) for word in words], dtype=np.int64)
    counts = np.bincount(ids)[ids]
    sums = np.stack([np.bincount(ids, weights=column) for column in chances.T], axis=1)
    others = np.asarray((sums[ids] - chances) / np.maximum(counts - 1, 1)[:, None], dtype=np.float32)
    return _steps(others, _VOTE_STEPS), (counts > 1) & np.array([len(word) >= _SHORTEST for word in words])


def _places(words: Sequence[str], path: list[int]) -> list[tuple[int, int, int]]:
    """For each token the kinds that its sentence holds, and what stands before and behind it (not its own span)."""
    spans = path_spans(path, 0)
    owners = [-1] * len(words)
    for number, (first, last, _) in enumerate(spans):
        owners[first:last] = [number] * (last - first)
    letters = [_LETTERS[KINDS.index(kind)] for _, _, kind in spans]
    held = sum(1 << bit for bit, letter in enumerate(_LETTERS) if letter in letters)
    left = _last_seen(words, owners, letters, range(len(words)))
    right = _last_seen(words, owners, letters, range(len(words) - 1, -1, -1))
    return [(held, before, behind) for before, behind in zip(left, right, strict=True)]


def _last_seen(words: Sequence[str], owners: list[int], letters: list[str], order: range) -> list[int]:
    """For each token the span that was left last, going in an order; all tokens of a span see what its edge sees."""
    seen = [0] * len(words)
    if not letters:
        return seen
    last, gap, joined, inside, edge = "-", 0, False, -1, 0
    for at in order:
        if owners[at] != inside:
            if inside >= 0:
                last, gap, joined = letters[inside], 0, False
            inside = owners[at]
            edge = _how_far(last, gap, joined)
        if inside >= 0:
            seen[at] = edge
        else:
            seen[at] = _how_far(last, gap, joined)
            gap += 1
            joined = joined or words[at] in _JOINING
    return seen


def _how_far(letter: str, gap: int, joined: bool) -> int:
    if letter == "-":
        return 0
    return _PLACE[letter + ("c" if joined and gap <= _NEAR else "n" if gap <= _CLOSE else "f")]
