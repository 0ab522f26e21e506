"""Trial numbers: found in prose and data banks, each brought to one form, so that a trial has one number."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lxml.etree import _Element

from db.model import RegistryNumber
from harvest.pubmed.values.text import text_of

#: Every trial number has five digits in a row, but for those that begin with these marks.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
#: What a number may begin with besides a capital, a j, 1 or 2; to look for that first takes a third of the time.
_SMALL = "[a-z]{2,6}[ :#/-]{0,2}[0-9]"
_HYPHENS = str.maketrans("‐‑‒–—−", "------")


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry: its name, how its numbers stand in print, and their one form (see registries.toml)."""

    name: str
    pattern: re.Pattern[str]
    form: str
    upper: tuple[int, ...] = ()
    lower: tuple[int, ...] = ()
    never: str | None = None

    def number(self, printed: str) -> str | None:
        """Returns the one form of a number that the pattern matches; None for a placeholder."""
        found = self.pattern.fullmatch(printed)
        if found is None or self._is_placeholder(printed):
            return None
        groups = list(found.groups())
        for place in self.upper:
            groups[place] = groups[place].upper()
        for place in self.lower:
            groups[place] = groups[place].lower()
        return self.form.format(*groups)

    def _is_placeholder(self, printed: str) -> bool:
        """Says whether the digits stand for a number not yet known: all the same, or what this registry never gives."""
        digits = "".join(sign for sign in printed if sign.isdigit())
        return len(set(digits)) == 1 or bool(self.never and re.fullmatch(self.never, digits))


@cache
def _registries() -> tuple[re.Pattern[str], tuple[Registry, ...]]:
    """Returns one pattern over all registries, its groups named r0, r1 ..., and the registries in that order."""
    rows = tomllib.loads(files("harvest.pubmed.values").joinpath("registries.toml").read_text(encoding="utf-8"))[
        "registry"
    ]
    registries = tuple(
        Registry(
            row["name"],
            re.compile(row["pattern"]),
            row["form"],
            tuple(row.get("upper", ())),
            tuple(row.get("lower", ())),
            row.get("never"),
        )
        for row in rows
    )
    pattern = "|".join(f"(?P<r{number}>{_ungrouped(row['pattern'])})" for number, row in enumerate(rows))
    return re.compile(rf"(?<![A-Za-z0-9])(?=[A-Z12j]|{_SMALL})(?:{pattern})(?![A-Za-z0-9])"), registries


def _ungrouped(pattern: str) -> str:
    """Returns a pattern whose groups capture nothing."""
    return re.sub(r"\((?!\?)", "(?:", pattern)


def may_hold_registry_number(text: str) -> bool:
    """Says quickly whether a text can hold a trial number."""
    shape = text.encode(errors="replace").translate(_DIGITS)
    return (
        b"00000" in shape
        or b"NTR" in shape
        or b"SLCTR" in shape
        or b"RBR" in shape
        or b"NL0000" in shape
        or b"OMON" in shape
        or b"PER-0" in shape
        or b"PER 0" in shape
    )


def find_registry_numbers(text: str, found_in: str) -> list[RegistryNumber]:
    """Finds trial numbers that stand in prose, in the order of the text, each once and in its one form."""
    pattern, registries = _registries()
    found: dict[str, RegistryNumber] = {}
    for match in pattern.finditer(text.translate(_HYPHENS)):
        registry = registries[int(str(match.lastgroup)[1:])]
        number = registry.number(match.group())
        if number is not None:
            found.setdefault(number, RegistryNumber(registry.name, number, found_in))
    return list(found.values())


def databank_number(bank: str, accession: str) -> RegistryNumber | None:
    """Returns the number of a data bank: a trial's in its one form, any other as it stands; None for a placeholder."""
    printed = accession.translate(_HYPHENS)
    for registry in _registries()[1]:
        if registry.pattern.fullmatch(printed):
            number = registry.number(printed)
            return RegistryNumber(registry.name, number, "databank") if number else None
    return RegistryNumber(bank, accession, "databank")


def read_data_banks(element: _Element) -> list[RegistryNumber]:
    """Reads a DataBankList: every accession number under its bank's name."""
    numbers: list[RegistryNumber] = []
    for bank in element:
        name = text_of(bank[0]) if len(bank) and bank[0].tag == "DataBankName" else ""
        for item in bank.iter("AccessionNumber"):
            number = databank_number(name, accession) if (accession := text_of(item)) else None
            if number is not None:
                numbers.append(number)
    return numbers
