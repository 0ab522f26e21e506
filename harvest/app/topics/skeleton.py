"""Writes a topic folder to begin with, from a name, MeSH headings and synonyms: it works, and is to be written on.

The texts stand in `skeleton/`, with places such as @NAME@ that are filled in.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from db.errors import TrackerError
from db.topics import load

_TEXTS = Path(__file__).parent / "skeleton"
_PLACE = re.compile(r"@([A-Z_]+)@")
_HEADING = re.compile(r"(?P<term>[^=]+?)(?:=(?P<ui>D\d{6}(?:\d{3})?))?")


class SkeletonError(TrackerError):
    """A skeleton that cannot be written: the folder holds something, or a name cannot be used."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a skeleton is made from; `headings` are MeSH headings with their UI, None where it was not given."""

    id: str
    name: str
    short_name: str
    headings: Sequence[tuple[str, str | None]]
    synonyms: Sequence[str]

    @property
    def called(self) -> tuple[str, ...]:
        """Every name once, whatever its case, the full name first."""
        return tuple({name.lower(): name for name in (self.name, *self.synonyms)}.values())


def read_heading(text: str) -> tuple[str, str | None]:
    """Returns a heading written as "Term" or "Term=D000000"; raises SkeletonError for anything else."""
    match = _HEADING.fullmatch(text.strip())
    if match is None or '"' in text:
        raise SkeletonError(f"{text!r} is no MeSH heading; write it as 'Gout=D006073', or 'Gout' without its UI")
    return match["term"].strip(), match["ui"]


def read_id(short_name: str) -> str:
    """Returns the id that a short name gives; raises SkeletonError where it gives none."""
    made = re.sub(r"[^a-z0-9]+", "_", short_name.lower()).strip("_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", made):
        raise SkeletonError(f"{short_name!r} gives no id; name one with --id (small letters, a letter first)")
    return made


def write_skeleton(folder: Path, names: Names) -> list[Path]:
    """Writes the folder and returns its files; raises SkeletonError where the folder is not empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SkeletonError(f"{folder}: is there already and not empty; name a new folder")
    for name in names.called:
        if '"' in name or "'" in name or "\\" in name or not name.strip():
            raise SkeletonError(f"{name!r} cannot be a name here; leave quotes and backslashes out")
    values = _values(names)
    written = []
    try:
        for source in sorted(_TEXTS.rglob("*.*")):
            path = folder / source.relative_to(_TEXTS)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8")
            path.write_text(_PLACE.sub(lambda match: values[match[1]], text), encoding="utf-8")
            written.append(path)
        load(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return written


def _values(names: Names) -> Mapping[str, str]:
    low = [name.lower() for name in names.called]
    return {
        "ID": names.id,
        "NAME": names.name,
        "SHORT": names.short_name,
        "SLUG": names.id.replace("_", "-"),
        "PARTS": _parts(names),
        "UIS": _list(ui for _, ui in names.headings if ui),
        "HINTS": _list(dict.fromkeys(_hint(name) for name in low)),
        "ASKED": " OR ".join(f'"{name}"' for name in low),
        "NAMES": _list(low),
        "CALLED": _list(dict.fromkeys((*names.called, names.short_name))),
        "OCCURRENCE": _list(dict.fromkeys((*names.called, *(f"incidence of {name}" for name in low)))),
        "NAMED": "[" + ", ".join(f"'{re.escape(name)}'" for name in low).replace("\\ ", " ").replace("\\-", "-") + "]",
        "SHORT_PATTERN": rf"'\b{re.escape(names.short_name)}\b'".replace("\\ ", " "),
        "HEADINGS": _list(term for term, _ in names.headings),
        "XML_NAME": escape(names.name),
        "XML_NAME_FIRST": escape(names.name[:1].upper() + names.name[1:]),
        "XML_SHORT": escape(names.short_name),
    }


def _parts(names: Names) -> str:
    """The query's parts as TOML: the headings, and the names in title and abstract."""
    parts = []
    if names.headings:
        headings = " OR ".join(f'"{term}"[Mesh]' for term, _ in names.headings)
        parts.append(("MeSH headings", headings))
    parts.append(("Names in title and abstract", " OR ".join(f'"{name.lower()}"[tiab]' for name in names.called)))
    return "\n".join(
        f"[[parts]]\nname = \"{letter}\"\ntitle = \"{title}\"\nquery = '''\n{query}\n'''\n"
        for letter, (title, query) in zip("AB", parts, strict=False)
    )


def _hint(name: str) -> str:
    """The longest word of a name: whatever holds the name holds it."""
    return str(max(re.findall(r"\w+", name.replace("-", "")), key=len))


def _list(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
