"""People of a MEDLINE record: the lines of each belong together, whatever order they come in."""

import re
from dataclasses import dataclass, field
from typing import Literal

from db.model import Author
from harvest.pubmed.parts import normal_orcid

Role = Literal["author", "editor", "investigator", "subject"]

#: The tag of a full name and of the short form of each role.
_FULL: dict[str, Role] = {"FAU": "author", "FED": "editor", "FIR": "investigator", "FPS": "subject"}
_SHORT: dict[str, Role] = {"AU": "author", "ED": "editor", "IR": "investigator", "PS": "subject"}
TAGS = frozenset({*_FULL, *_SHORT, "CN", "AUID", "AD", "IRAD"})
_SUFFIX = re.compile(r"(?:Jr|Sr|[IVX]{2,4}|\d(?:st|nd|rd|th))\.?", re.IGNORECASE)
_ET_AL = re.compile(r"et\.?,? al\.?,?", re.IGNORECASE)


@dataclass(slots=True)
class _Person:
    role: Role
    full: str | None = None
    short: str | None = None
    group: str | None = None
    orcid: str | None = None
    affiliations: list[str] = field(default_factory=list)

    def author(self) -> Author:
        """Returns the person with the name in its parts."""
        affiliation = "; ".join(self.affiliations) or None
        if self.group is not None:
            return Author(collective_name=self.group, orcid=self.orcid, affiliation=affiliation)
        last, fore = _full_name(self.full) if self.full else _short_name(self.short or "")
        initials, suffix = _initials(last, self.short or "")
        if suffix and fore and fore.endswith(f" {suffix}"):
            fore = fore.removesuffix(f" {suffix}")
        elif suffix and fore == suffix:
            fore = None
        return Author(last or None, fore, initials, suffix, None, self.orcid, affiliation)


def _full_name(full: str) -> tuple[str, str | None]:
    last, _, fore = full.partition(", ")
    return last, fore or None


def _short_name(short: str) -> tuple[str, str | None]:
    """Returns the last name of "van der Berg AB Jr"; a single word is one."""
    words = short.split()
    while len(words) > 1 and (_SUFFIX.fullmatch(words[-1]) or re.fullmatch(r"[^\W\d_a-z]{1,4}", words[-1])):
        words.pop()
    return " ".join(words), None


def _initials(last: str, short: str) -> tuple[str | None, str | None]:
    """Reads what follows the last name in "Smith JA Jr": initials and suffix."""
    rest = short.removeprefix(last).split()
    suffix = rest.pop() if rest and _SUFFIX.fullmatch(rest[-1]) and (len(rest) > 1 or last) else None
    if suffix and not rest and suffix.isupper() and len(suffix) < 3:  # initials "IV" of somebody called so
        return suffix, None
    return " ".join(rest) or None, suffix


class People:
    """Gathers the people of one record line by line."""

    def __init__(self) -> None:
        self._people: list[_Person] = []
        self._before: list[str] = []
        self.complete = True

    def read(self, tag: str, value: str) -> None:
        """Reads one line; its tag is one of TAGS."""
        if tag in ("FAU", "AU") and _ET_AL.fullmatch(value):
            self.complete = False
        elif tag in _FULL:
            self._people.append(_Person(_FULL[tag], full=value))
        elif tag in _SHORT:
            self._read_short(_SHORT[tag], value)
        elif tag == "CN":
            self._people.append(_Person("author", group=value))
        elif tag == "AUID" and self._people:
            self._people[-1].orcid = self._people[-1].orcid or normal_orcid(value)
        elif tag in ("AD", "IRAD") and value:
            (self._people[-1].affiliations if self._people else self._before).append(value)

    def _read_short(self, role: Role, value: str) -> None:
        last = self._people[-1] if self._people else None
        if last and last.role == role and last.full is not None and last.short is None:
            last.short = value
        else:
            self._people.append(_Person(role, short=value))

    def of(self, role: Role) -> tuple[Author, ...]:
        """Returns the people of a role in order; an affiliation before all names is the first author's.

        Until 2014 MEDLINE had an affiliation of the first author only, which stood before the names.
        """
        people = [person for person in self._people if person.role == role]
        if role == "author" and people and self._before:
            people[0].affiliations[:0] = self._before
            self._before = []
        return tuple(person.author() for person in people)
