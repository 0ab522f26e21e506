"""The cues that one disease has: what names it, what looks like it, its settings and places, its gradings.

They stand in the `cues` folder of the topic, one file a job, and are read when they are first asked for. Rules that
speak of the disease are templates: `disease_pattern` puts its words in.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from db.topics import TopicError, current, per_topic

#: The files and what each must and may hold.
FILES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "about": (("named",), ("sure", "short", "headings", "look_alike", "result", "defined", "perhaps", "company")),
    "measured": ((), ("name", "adjective", "disease", "behind", "measure")),
    "population": (("site", "aetiology"), ("beside",)),
    "findings": ((), ("outcome", "grading", "name", "whole", "degree", "kin")),
}
#: An outcome that is the disease, for `disease_pattern`.
OUTCOME = r"\b(?:<outcome>|<grading>)\b"
#: Its names where they stand alone.
ALONE = r"\b(?:<outcome>|<name>)\b"
_WORD = re.compile(r"[^\W\d_]{4,}")
#: What no text matches.
NEVER = r"(?!)"


@per_topic
def disease_words(name: str) -> Mapping[str, Any]:
    """Returns one cue file of the topic; a file it may do without is empty. Raises TopicError."""
    path = current().home / "cues" / f"{name}.toml"
    needed, optional = FILES[name]
    if not path.is_file():
        if needed:
            raise TopicError(path, "", f"is missing; it needs {', '.join(needed)}")
        return {}
    table = _toml(path)
    for key in sorted(set(table) - {*needed, *optional}):
        raise TopicError(path, key, f"is no key here; known are {', '.join((*needed, *optional))}")
    for key in needed:
        if not table.get(key):
            raise TopicError(path, key, "is missing or empty")
    return table


@per_topic
def disease_patterns(name: str, flags: re.RegexFlag = re.NOFLAG) -> Mapping[str, re.Pattern[str]]:
    """Returns the patterns of one cue file of the topic, by key; a key that the file lacks matches nothing."""
    words = disease_words(name)
    needed, optional = FILES[name]
    return {key: any_of(name, key, words.get(key, ()), flags) for key in (*needed, *optional)}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TopicError(path, "", f"cannot be read as TOML ({error})") from error


def any_of(name: str, key: str, expressions: Sequence[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Returns a pattern for any of some expressions of a file; none matches nothing. Raises TopicError."""
    try:
        return re.compile("|".join(expressions) or NEVER, flags)
    except (re.error, TypeError) as error:
        path = Path("cues", f"{name}.toml")
        raise TopicError(current().home / path, key, f"holds no regular expression ({error})") from error


def names_disease(text: str) -> bool:
    """Says whether a lower-case outcome is the disease: one of its names, or a grading of it."""
    return disease_pattern(OUTCOME).search(text) is not None


def is_disease_alone(text: str) -> bool:
    """Says whether a text is a name of the disease and nothing else: "the gout", "gouty arthritis (gout)"."""
    low = text.lower()
    rest = disease_pattern(ALONE).sub(" ", low)
    return rest != low and not _WORD.search(rest)


@per_topic
def disease_pattern(template: str) -> re.Pattern[str]:
    """Returns a pattern for lower-case text; `<outcome>` and other keys of the topic's `findings.toml` stand for words.

    A topic without that file is named as its `about.toml` has it; it has no gradings.
    """
    keys = "|".join(FILES["findings"][1])
    return re.compile(re.sub(rf"<({keys})>", lambda match: alternatives(match[1]), template))


@per_topic
def alternatives(key: str) -> str:
    """Returns what a key of the topic's `findings.toml` lists, as alternatives in a group."""
    expressions = disease_words("findings").get(key)
    if expressions is None and key in ("outcome", "kin"):
        expressions = disease_words("about")["named"]
    elif expressions is None and key != "grading":
        expressions = [re.escape(name.lower()) for name in (current().name, current().short_name)]
    return f"(?:{any_of('findings', key, expressions or ()).pattern})"


@per_topic
def spellings() -> Mapping[str, str]:
    """Returns the words that are meant by misspelled ones: the topic's `spellings.toml` turned round."""
    path = current().home / "cues" / "spellings.toml"
    table = _toml(path) if path.is_file() else {}
    return {wrong: right for right, wrongs in table.items() for wrong in wrongs}
