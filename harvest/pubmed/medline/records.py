"""MEDLINE text cut into records of (tag, value): what a record's lines say, however the file was put together."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Field = tuple[str, str]

#: A tag of up to four signs, filled up with blanks, a hyphen, a blank: "PMID- 1", "TI  - ...", "COIS- ...".
_TAG = re.compile(r"(?=.{4}-)([A-Z][A-Z0-9]{1,3}) {0,2}-[ \t]?(.*)")
_INDENT = "      "
#: Tags with which PubMed begins a record, and those that a record has once.
_HEAD = frozenset({"OWN", "STAT"})
_ONCE = _HEAD | frozenset("TI BTI DP JT TA JID SO AB PST EDAT CRDT".split())


@dataclass(slots=True)
class MedlineRecord:
    """One record: its fields in order with the lines of each put together.

    `rest` are lines that go on with a field before a blank line, `junk` is what stood there instead of fields.
    """

    fields: list[Field] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    junk: list[str] = field(default_factory=list)

    def values(self, tag: str) -> list[str]:
        """Returns the values of a tag, in order."""
        return [value for held, value in self.fields if held == tag]

    def first(self, *tags: str) -> str | None:
        """Returns the first value that one of the tags has; None where it is empty or none has one."""
        return next((value for tag in tags for value in self.values(tag) if value), None)

    def shown(self) -> str:
        """Returns the beginning of the record, for a message."""
        begin = [f"{tag}- {value}" for tag, value in self.fields[:3]]
        return _joined([*self.junk[:2], *self.rest[:1], *begin])[:80]


def split_fields(lines: Iterable[str]) -> Iterator[MedlineRecord]:
    """Yields the records of a file's lines.

    PMID begins a record, with or without a blank line before it; a blank line inside a record ends nothing. What
    follows a blank line and has no PMID is a record of its own where it repeats what a record has once, or is no
    MEDLINE at all.
    """
    record = MedlineRecord()
    for block in _blocks(lines):
        if record.fields and (block.junk or _stands_alone(block, record)):
            yield record
            record = MedlineRecord()
        if block.rest and record.fields:
            tag, value = record.fields[-1]
            record.fields[-1] = (tag, _joined([value, *block.rest]))
        record.junk += block.junk
        for tag, value in block.fields:
            if tag == "PMID" or (tag in _HEAD and _begins_again(tag, record)):
                if record.fields or record.junk:
                    yield record
                record = MedlineRecord()
            record.fields.append((tag, value))
    if record.fields or record.junk:
        yield record


def _stands_alone(block: MedlineRecord, before: MedlineRecord) -> bool:
    """Says whether a block without PMID is another record, not the rest of the one before the blank line."""
    held = {tag for tag, _ in before.fields}
    until_pmid = []
    for tag, _ in block.fields:
        if tag == "PMID":
            break
        until_pmid.append(tag)
    return any(tag in _ONCE and tag in held for tag in until_pmid)


def _begins_again(tag: str, record: MedlineRecord) -> bool:
    """Says whether a tag of a record's head comes a second time: the next record, whose PMID line is damaged."""
    held = [tag for tag, _ in record.fields]
    return tag in held and bool(_ONCE.difference(_HEAD).intersection(held))


def _blocks(lines: Iterable[str]) -> Iterator[MedlineRecord]:
    """Yields what stands between blank lines: fields, after what goes on with an earlier one, or junk."""
    block = MedlineRecord()
    parts: list[str] = []
    for raw in lines:
        line = raw.rstrip("\r\n").removeprefix("\ufeff")  # files that were put together each begin with one
        if not line.strip():
            if block.fields or block.rest or block.junk:
                _close(block, parts)
                yield block
                block = MedlineRecord()
        elif found := _TAG.match(line):
            _close(block, parts)
            block.fields.append((found[1], ""))
            parts.append(found[2])
        elif block.fields:
            parts.append(line)
        else:
            (block.rest if line.startswith(_INDENT) and not block.junk else block.junk).append(line)
    if block.fields or block.rest or block.junk:
        _close(block, parts)
        yield block


def _close(block: MedlineRecord, parts: list[str]) -> None:
    """Puts the lines of the last field together."""
    if parts:
        block.fields[-1] = (block.fields[-1][0], _joined(parts))
    parts.clear()


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
