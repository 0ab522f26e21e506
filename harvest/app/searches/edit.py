"""Changes the file of saved searches as people would: a search more or less, somebody less; all else stays."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from db.files import write_whole
from db.select.suggest import shown
from harvest.app.searches.file import (
    HEADER,
    NAMED,
    SavedSearch,
    SearchFileError,
    file_text,
    find_search,
    read_searches,
    written,
)

_WHO = re.compile(r"^([ \t]*who[ \t]*=[ \t]*)(?:\[[^\]]*\]|\"[^\"\n]*\"|'[^'\n]*')", re.MULTILINE)


def add_search(path: Path, search: SavedSearch) -> None:
    """Adds a search at the end of the file, which keeps what else stands in it. Raises SearchFileError."""
    held = read_searches(path)
    taken = [other.name for other in held.searches] + [other.name for other in held.bad if other.named]
    if search.name.casefold() in {name.casefold() for name in taken}:
        raise SearchFileError(f"{path}: there is a saved search {shown(search.name)} already; remove it, or rename it")
    before = file_text(path)
    after = f"{before.rstrip()}\n\n{written(search)}".lstrip("\n")
    _replace(path, after)


def remove_search(path: Path, name: str) -> None:
    """Takes a search out of the file, with the comments inside it; raises SearchFileError where there is none."""
    text = file_text(path)
    for start, end, block in _blocks(text):
        if _name_in(block) == name:
            kept = re.search(
                r"(?:^[ \t]*(?:#.*)?\n)*\Z", block, re.MULTILINE
            )  # comments above the next one are its own
            end = start + (kept.start() if kept and end < len(text) else len(block))
            after = text[:start].rstrip("\n") + "\n\n" * bool(text[:start].strip()) + text[end:].lstrip("\n")
            _replace(path, after)
            return
    raise SearchFileError(f"{path}: there is no saved search {shown(name)}; ho-tracker searches list names them")


def leave_searches(path: Path, person: str, name: str | None = None) -> list[str]:
    """Takes an e-mail address out of all searches, or of one; returns the names of those that told it.

    Raises SearchFileError where none does, or where its lines are not written so that they could be edited.
    """
    searches = [find_search(path, name)] if name else read_searches(path).searches
    left = {search.name for search in searches if person.casefold() in map(str.casefold, search.who)}
    if not left:
        of = f"the saved search {shown(name)}" if name else "any saved search"
        raise SearchFileError(f"{path}: {shown(person)} is not told by {of}")
    text = file_text(path)
    edited = set()
    for start, end, block in reversed(list(_blocks(text))):
        if (named := _name_in(block)) in left and (without := _without(block, person)) is not None:
            text = text[:start] + without + text[end:]
            edited.add(named)
    if edited != left:
        names = ", ".join(map(shown, sorted(left)))
        raise SearchFileError(f"{path}: the lines of {names} cannot be edited; take {shown(person)} out of who by hand")
    _replace(path, text)
    return sorted(left)


def _without(block: str, person: str) -> str | None:
    """Returns the lines of a search without a person; None where anything else would change with it."""
    match = _WHO.search(block)
    if match is None:
        return None
    try:
        (before,) = tomllib.loads(block)["search"]
        people = [before["who"]] if isinstance(before["who"], str) else before["who"]
        rest = [one for one in people if one.strip().casefold() != person.casefold()]
        after = f"{block[: match.start()]}{match[1]}{json.dumps(rest, ensure_ascii=False)}{block[match.end() :]}"
        same = tomllib.loads(after)["search"] == [{**before, "who": rest}]
    except (tomllib.TOMLDecodeError, KeyError, ValueError):
        return None
    return after if same else None


def _blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields where the lines of each search begin and end, and the lines."""
    places = [match.start() for match in HEADER.finditer(text)]
    for start, end in zip(places, [*places, len(text)][1:], strict=True):
        yield start, end, text[start:end]


def _name_in(block: str) -> str | None:
    try:
        tables = tomllib.loads(block).get("search", [{}])
        return str(tables[0].get("name"))
    except tomllib.TOMLDecodeError:
        match = NAMED.search(block)
        return match[1] if match else None


def _replace(path: Path, text: str) -> None:
    """Writes the file whole; a new one is for its owner alone: it holds e-mail addresses."""
    path = path.resolve()
    try:
        write_whole(path, text.encode(), path.stat().st_mode & 0o777 if path.exists() else 0o600)
    except OSError as error:
        raise SearchFileError(f"{path}: cannot be written ({error.strerror}); correct it and try again") from error
