"""Lists as sentences write them ("A, B of the C, and D"): read back from their "and", or forward from where one begins.

The words that end an item or lead it in are data (`nlp/cues/listed.toml`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from nlp.cues import patterns

_COMMA = re.compile(r", ")
_LAST = re.compile(r",? (?:and|or|nor|as well as|and/or) ")
_NEXT = re.compile(rf"{_LAST.pattern}|[,;] ")
_BRACKET = re.compile(r" ?\([^()]*\)| ?\[[^\[\]]*\]")
#: Where an item ends at the latest: at a stop, or where something in brackets was blanked.
_STOP = re.compile(r"[.:;]|_{2,}")
_WORD = re.compile(r"[\w-]+")
_NO_LETTERS = re.compile(r"\W|(?<=\W)(?:and|or)(?=\W)")
#: No item has more words.
_LONGEST = 7
#: So many items make a list whose members speak for each other.
_FEWEST = 3


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("listed", re.NOFLAG).items()}
    verb = rf"(?<![\w-])(?:{words['verb']}|{words['relative']})(?![\w-])"
    return {
        "verb": re.compile(verb),
        "predicate": re.compile(rf" {words['verb']}(?![\w-])"),
        "told": re.compile(rf"(?<![\w-]){words['verb']}(?![\w-])(?![^;:]*[;:])"),
        "hard": re.compile(rf"{verb}|[.:]"),
        "cut": re.compile(rf"(?<![\w-])(?:{words['verb']}|{words['joint']})(?![\w-])|[.:;]"),
        "opens": re.compile(rf"(?:^|: |(?<![\w-]){words['opens']} )(?=(?:(?!{verb})[^.:;]){{0,60}}$)"),
        "lead": re.compile(rf"(?:{words['lead']} )+"),
        "no_item": re.compile(rf"^{words['no_head']}(?![\w-])|(?<![\w-]){words['no_item']}(?![\w-])|[\d%=<>/]"),
    }


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: the characters of its sentence from `start` to `end`."""

    start: int
    end: int


def masked(text: str, names: Sequence[tuple[int, int]]) -> str:
    """Returns a lower-case sentence, of the same length, with nothing but its lists to read.

    What brackets hold is blanked; a comma or an "and" within one of the names (start, end) joins no list.
    """
    for start, end in names:
        text = text[:start] + _NO_LETTERS.sub(lambda match: "~" * len(match[0]), text[start:end]) + text[end:]
    return _BRACKET.sub(lambda match: "_" * len(match[0]), text)


def lists_of(text: str) -> Iterator[list[Item]]:
    """Yields the lists of three items or more of a masked sentence."""
    for last in _LAST.finditer(text):
        edges = [last.span()]
        for comma in reversed(list(_COMMA.finditer(text, 0, last.start()))):
            if not _is_item(text[comma.end() : edges[0][0]]):
                break
            edges.insert(0, comma.span())
        if len(edges) < _FEWEST - 1:
            continue
        opens = _cues()["opens"].search(text[: edges[0][0]])
        items = [_item(text, opens.end(), edges[0][0])] if opens else []
        items += [_item(text, before[1], after[0]) for before, after in pairwise(edges)]
        end = _end(text, last.end())
        # "A went with B, C, and D took long" has a last clause of its own
        if not (_cues()["predicate"].match(text, end - 1) and _cues()["told"].search(text[: edges[0][0]])):
            items.append(_item(text, last.end(), end))
        yield items


def items_from(text: str, start: int) -> list[Item]:
    """Returns the items of the list that begins at a character of a masked sentence."""
    items: list[Item] = []
    while True:
        joint, stop = _NEXT.search(text, start), _cues()["hard"].search(text, start)
        if joint is None or (stop is not None and stop.start() < joint.start()):
            return [*items, _item(text, start, _end(text, start))]
        items.append(_item(text, start, joint.start()))
        start = joint.end()
        if _LAST.fullmatch(joint.group()):
            return [*items, _item(text, start, _end(text, start))]


def is_named(text: str, item: Item) -> bool:
    """Returns whether the words of an item of a masked sentence may be a name."""
    words = text[item.start : item.end]
    return bool(words) and _is_item(words) and not _cues()["no_item"].search(words)


def _is_item(words: str) -> bool:
    return len(words.split()) <= _LONGEST and not _cues()["verb"].search(words)


def _end(text: str, start: int) -> int:
    """Where the last item of a list ends: before a verb, a comma, a stop, or what it is joined to."""
    lead = _cues()["lead"].match(text, start)
    word = _WORD.match(text, lead.end() if lead else start)
    ends = (_cues()["cut"].search(text, word.end() if word else start), _COMMA.search(text, start))
    return min([len(text), *(match.start() for match in ends if match)])


def _item(text: str, start: int, end: int) -> Item:
    lead = _cues()["lead"].match(text, start, end)
    start = lead.end() if lead else start
    stop = _STOP.search(text, start, end)
    return Item(start, start + len(text[start : stop.start() if stop else end].rstrip()))
