"""The file of saved searches, `searches.toml`: read entry by entry, so that a bad one stops no other."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.errors import TrackerError
from db.select.addresses.list_address import ListFilter, filter_of_address, saved_lines
from db.select.suggest import nearest, shown
from harvest.app.searches.schedule import Schedule, read_schedule
from harvest.mail.address import check_email

#: How a digest is sent or filed, by its name in the file: a mail with text and HTML, or the format of a file.
FORMATS = ("mail", "markdown", "json", "atom")
#: What a time without news does: it is said at the first one in a row, or never.
QUIET = ("once", "silent")
_KEYS = ("name", "address", "who", "when", "format", "quiet")
_NAME = re.compile(r"\w[\w .,+&()'-]{0,59}")
#: The line that every search begins with, and that of its name.
HEADER = re.compile(r"^[ \t]*\[\[[ \t]*search[ \t]*\]\][ \t]*(?:#.*)?$", re.MULTILINE)
NAMED = re.compile(r"^[ \t]*name[ \t]*=[ \t]*[\"']?(\w[^\"'\n]{0,59}?)[\"']?[ \t]*$", re.MULTILINE)
_MOST_BYTES = 1_000_000


class SearchFileError(TrackerError):
    """The file of saved searches cannot be read or written, or what is asked of it cannot be done."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """One saved search: its list's address and filter, who is told, when, how, and what a quiet time does."""

    name: str
    address: str
    chosen: ListFilter
    who: tuple[str, ...]
    when: Schedule
    form: str
    quiet: str


@dataclass(frozen=True, slots=True)
class BadSearch:
    """An entry that cannot be used: its name (or place), and what is wrong with it. `named`: the name is known."""

    name: str
    problem: str
    named: bool = True

    @property
    def line(self) -> str:
        """The fault in one line."""
        return f"saved search {shown(self.name) if self.named else self.name}: {self.problem}"


@dataclass(frozen=True, slots=True)
class SearchFile:
    """What a file of saved searches holds."""

    searches: tuple[SavedSearch, ...] = ()
    bad: tuple[BadSearch, ...] = ()

    def named(self, name: str) -> SavedSearch | None:
        """Returns a search by its name."""
        return next((search for search in self.searches if search.name == name), None)


def read_searches(path: Path) -> SearchFile:
    """Reads the saved searches of a file; a missing file holds none. Raises SearchFileError where it cannot be read."""
    text = file_text(path)
    good: dict[str, SavedSearch] = {}
    bad: list[BadSearch] = []
    for place, entry in enumerate(_entries(text, path.name), start=1):
        if isinstance(entry, BadSearch):
            bad.append(entry)
            continue
        said = entry.get("name")
        named = isinstance(said, str) and bool(said.strip())
        name = str(said) if named else f"number {place}"
        try:
            search = _search(entry)
            if search.name.casefold() in {other.casefold() for other in good}:
                raise SearchFileError("there is another one of that name before it; rename one of them")
            good[search.name] = search
        except TrackerError as error:
            bad.append(BadSearch(name, str(error), named))
    return SearchFile(tuple(good.values()), tuple(bad))


def find_search(path: Path, name: str) -> SavedSearch:
    """Returns a saved search by its name; raises SearchFileError where there is none, or says what is wrong with it."""
    file = read_searches(path)
    found = file.named(name)
    if found is not None:
        return found
    wrong = next((entry for entry in file.bad if entry.name == name), None)
    if wrong is not None:
        raise SearchFileError(f"{path}: {wrong.line}")
    names = [search.name for search in file.searches]
    raise SearchFileError(f"{path}: there is no saved search {shown(name)}; {nearest(name, names)}")


def search_faults(path: Path) -> list[str]:
    """Returns what is wrong with a file of saved searches, a line an entry; nothing where all is well."""
    try:
        return [f"{path.name}, {entry.line}" for entry in read_searches(path).bad]
    except SearchFileError as error:
        return [str(error)]


def written(search: SavedSearch) -> str:
    """Returns the lines of a search as they stand in the file."""
    lines = {
        "name": search.name,
        "address": search.address,
        "who": list(search.who),
        "when": search.when.words,
        "format": search.form,
        "quiet": search.quiet,
    }
    return saved_lines(lines)


def make_search(entry: dict[str, Any]) -> SavedSearch:
    """Returns a search from its keys as the file has them; raises TrackerError with what is wrong."""
    return _search(entry)


def _entries(text: str, file: str) -> Iterator[dict[str, Any] | BadSearch]:
    """Yields the tables of a file; where it is no TOML as a whole, those of its blocks that are."""
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        places = [match.start() for match in HEADER.finditer(text)]
        if not places or not _readable(text[: places[0]]):
            yield BadSearch(file, f"cannot be read as TOML ({error}); correct it", named=False)
        for place, (start, end) in enumerate(zip(places, [*places[1:], len(text)], strict=True), start=1):
            try:
                yield from tomllib.loads(text[start:end])["search"]
            except (tomllib.TOMLDecodeError, RecursionError) as wrong:
                match = NAMED.search(text[start:end])
                line = text.count("\n", 0, start) + 1
                problem = f"its lines from line {line} on cannot be read as TOML ({wrong}); correct them"
                yield BadSearch(match[1] if match else f"number {place}", problem, match is not None)
        return
    tables = value.pop("search", [])
    for key in value:
        yield BadSearch(
            file, f"there is no {shown(key)} in it; every search begins with a line [[search]]", named=False
        )
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        yield BadSearch(file, "search is no list; every search begins with a line [[search]]", named=False)
        return
    yield from tables


def _readable(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True


def _search(entry: dict[str, Any]) -> SavedSearch:
    for key in entry:
        if key not in _KEYS:
            raise SearchFileError(f"there is no setting {shown(key)}; {nearest(key, _KEYS)}")
    name, address = (_word(entry, key) for key in ("name", "address"))
    if not _NAME.fullmatch(name) or name != " ".join(name.split()):
        raise SearchFileError(
            f"the name {shown(name)} cannot be used; write at most 60 letters, digits, single blanks and -_.,+&()'"
        )
    who = entry.get("who", [])
    who = [who] if isinstance(who, str) else who
    if not isinstance(who, list) or not all(isinstance(address, str) for address in who):
        raise SearchFileError('who must be e-mail addresses in quotes, as ["ada@example.org"]')
    people: dict[str, str] = {}  # nobody twice, whatever the case
    for person in map(check_email, who):
        people.setdefault(person.casefold(), person)
    chosen = filter_of_address(address)
    return SavedSearch(
        name,
        address.strip(),
        chosen,
        tuple(people.values()),
        read_schedule(_word(entry, "when", "weekly")),
        _one_of(entry, "format", FORMATS),
        _one_of(entry, "quiet", QUIET, "silent"),
    )


def _word(entry: dict[str, Any], key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str) or not value.strip():
        raise SearchFileError(f"it has no {key}" if value in (None, "") else f"{key} must be a text in quotes")
    return value


def _one_of(entry: dict[str, Any], key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    value = _word(entry, key, default or allowed[0]).strip().lower()
    if value not in allowed:
        raise SearchFileError(f"{key} cannot be {shown(value)}; it is one of {', '.join(allowed)}")
    return value


def file_text(path: Path) -> str:
    """Returns the text of a file of saved searches, empty where there is none; raises SearchFileError."""
    try:
        if not path.exists():
            return ""
        if path.stat().st_size > _MOST_BYTES:
            raise SearchFileError(f"{path}: larger than {_MOST_BYTES:,} bytes; this is no file of saved searches")
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SearchFileError(f"{path}: the saved searches cannot be read ({why}); correct it") from error
