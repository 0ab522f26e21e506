"""The cues that one disease has: what names it, what looks like it, its settings and places, its gradings.

They stand in the `cues` folder of the topic, one file a job, and are read when they are first asked for.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from db.topics import TopicError, current, per_topic

#: The files and what each must and may hold; None as a value: labels of the disease's own choice.
FILES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "about": (("named",), ("sure", "short", "headings", "look_alike", "result", "defined", "perhaps", "company")),
    "measured": ((), ("name", "adjective", "disease", "behind", "measure")),
    "population": (("site", "aetiology"), ("beside",)),
}
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
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TopicError(path, "", f"not valid TOML: {error}") from error
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


def any_of(name: str, key: str, expressions: Sequence[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Returns a pattern for any of some expressions of a file; none matches nothing. Raises TopicError."""
    try:
        return re.compile("|".join(expressions) or NEVER, flags)
    except (re.error, TypeError) as error:
        path = Path("cues", f"{name}.toml")
        raise TopicError(current().home / path, key, f"holds no regular expression ({error})") from error
