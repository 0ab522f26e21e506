"""Reads what screening tools export: Rayyan, Covidence, ASReview, RIS with labels, and our own decisions file."""

import csv
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from db.errors import TrackerError
from db.screening.decision_words import (
    PLAIN_WORDS,
    VERDICT_WORDS,
    DecisionWordError,
    decision_column,
    read_decision,
)
from db.screening.moments import moment
from db.screening.spreadsheet import decode_text, read_table, whole_cell
from db.store.people.verdicts import SCREENING_VERDICTS, TAG_VERDICTS, Verdict

#: As many rows are held at once to find the column of decisions; the others are read as they are asked for.
_LOOKED_AT = 10_000
_PMID_COLUMNS = ("pmid", "pubmed_id", "pubmed id", "accession number", "accession_number", "an")
_TITLE_COLUMNS = ("title", "primary_title")
_OUR_KEYS = ("key", "id", "label", "ref")
_PMID = re.compile(
    r"(?:PMID:?\s*|PubMed:?\s*|MEDLINE:?\s*|https?://(?:www\.|pubmed\.)?ncbi\.nlm\.nih\.gov/(?:m?pubmed/)?)?"
    r"([1-9]\d{0,8})/?",
    re.IGNORECASE | re.ASCII,
)
#: A table that has none of these names no article.
_KEY_COLUMNS = frozenset((*_PMID_COLUMNS, *_TITLE_COLUMNS, *_OUR_KEYS, "doi", "url", "urls", "notes"))
_PUBMED_LINK = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/|PMID:?\s*)(\d{1,9})", re.IGNORECASE
)
_RAYYAN_FIELD = re.compile(r"(RAYYAN-INCLUSION|RAYYAN-EXCLUSION-REASONS|RAYYAN-LABELS|USER-NOTES):\s*")
_RAYYAN_PERSON = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*"?(\w+)"?')
_COVIDENCE_REASON = re.compile(r"Exclusion reason:\s*([^;]+)", re.IGNORECASE)
_RIS_LINE = re.compile(r"^([A-Z][A-Z0-9])  ?-(?: (.*))?$")
_OUR_DECISION = re.compile(r"ho-tracker:\s*decision=(\w+)(?:;\s*reason=([^;]+))?")


class ScreeningFileError(TrackerError):
    """A screening file that cannot be read or holds no decisions."""


@dataclass(frozen=True, slots=True)
class PersonVerdict:
    """What one person decided about an article, one of its tags (`concept_id`) or findings (`target`)."""

    who: str
    verdict: Verdict
    reason: str | None = None
    when: str | None = None
    concept_id: str | None = None
    text_hash: str = ""
    target: str | None = None
    value: str | None = None
    was: str | None = None


@dataclass(frozen=True, slots=True)
class ScreenedRow:
    """One record of a screening file: how it names its article, and what people decided."""

    number: int
    pmid: int | None
    doi: str | None
    key: str | None
    title: str | None
    verdicts: tuple[PersonVerdict, ...]


Reader = Callable[[Mapping[str, str]], tuple[PersonVerdict, ...]]


def read_screening_file(path: Path, who: str | None = None, verdict: Verdict | None = None) -> Iterator[ScreenedRow]:
    """Yields the records of a file that a screening tool wrote; the tool is known by what stands in the file.

    `who` names the person where the file names none, `verdict` the decision where the file is a list of one kind
    (Covidence), which otherwise its own name tells (`..._included_...`). Raises ScreeningFileError.
    """
    try:
        text = decode_text(path.read_bytes())
    except UnicodeError as error:
        raise ScreeningFileError(f"{path}: not UTF-8 text; export CSV or RIS from the screening tool") from error
    except OSError as error:
        raise ScreeningFileError(f"{path}: {error.strerror}; name a file that can be read") from error
    return read_screening_text(path, text, who, verdict)


def read_screening_text(
    path: Path, text: str, who: str | None = None, verdict: Verdict | None = None
) -> Iterator[ScreenedRow]:
    """Yields the records of a file's text as `read_screening_file` does; `path` is only its name. Raises alike."""
    if re.search(r"^TY  ?-", text[:5000], re.MULTILINE):
        return _read_ris(text, who, verdict)
    return _read_table(path, text, who, verdict)


def _read_table(path: Path, text: str, who: str | None, verdict: Verdict | None) -> Iterator[ScreenedRow]:
    try:
        names, rows = read_table(text)
    except csv.Error as error:
        raise _no_table(path, error) from error
    if len(names) < 2 or not _KEY_COLUMNS.intersection(names):
        raise ScreeningFileError(f"{path}: neither CSV with a header nor RIS; export one of them from the tool")
    try:
        first = list(itertools.islice(rows, _LOOKED_AT))
    except csv.Error as error:
        raise _no_table(path, error) from error
    read = _table_reader(path, names, [row for _, row in first], who, verdict)
    return _table_rows(path, itertools.chain(first, rows), read)


def _table_rows(path: Path, rows: Iterable[tuple[int, dict[str, str]]], read: Reader) -> Iterator[ScreenedRow]:
    try:
        for number, row in rows:
            try:
                verdicts = read(row)
            except (ScreeningFileError, DecisionWordError) as error:
                raise ScreeningFileError(f"{path}, line {number}: {error}") from None
            yield _row(number, row, verdicts)
    except csv.Error as error:
        raise _no_table(path, error) from error


def _no_table(path: Path, error: csv.Error) -> ScreeningFileError:
    return ScreeningFileError(f"{path}: cannot be read as CSV ({error}); a quote may lack its end")


def _table_reader(
    path: Path, names: list[str], rows: list[dict[str, str]], who: str | None, verdict: Verdict | None
) -> Reader:
    """Returns how this table says what was decided; raises ScreeningFileError where it does not say."""
    if "verdict" in names:
        return lambda row: _our_verdict(row, who)
    if "covidence #" in names:
        listed = verdict or _verdict_of_name(path)
        return lambda row: _covidence(row, who or "Covidence", listed)
    try:
        label = decision_column(names, rows)
    except DecisionWordError as error:
        raise ScreeningFileError(f"{path}: {error}") from None
    if label is not None:
        return lambda row: _asreview(row, label, who)
    if "notes" in names:
        return lambda row: _from_notes([row.get("notes", "")], who, verdict)
    if verdict is not None:
        return lambda _: (PersonVerdict(who or "imported", verdict),)
    raise ScreeningFileError(
        f"{path}: no column says what was decided (notes of Rayyan, Covidence #, included or asreview_label, verdict); "
        "name it with --verdict include or --verdict exclude"
    )


def _row(number: int, row: Mapping[str, str], verdicts: tuple[PersonVerdict, ...]) -> ScreenedRow:
    named = (_PMID.fullmatch(whole_cell(row.get(name, ""))) for name in _PMID_COLUMNS)
    links = (_PUBMED_LINK.search(row.get(name, "")) for name in ("url", "urls", "ur", "notes"))
    pmid = next((int(found[1]) for found in (*named, *links) if found), None)
    doi = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", row.get("doi", "").strip(), flags=re.IGNORECASE)
    key = next((row[name] for name in _OUR_KEYS if row.get(name)), None)
    title = next((row[name] for name in _TITLE_COLUMNS if row.get(name)), None)
    return ScreenedRow(number, pmid, doi or None, key, title, verdicts)


def _our_verdict(row: Mapping[str, str], who: str | None) -> tuple[PersonVerdict, ...]:
    word = whole_cell(row.get("verdict", "")).lower()
    reason = None
    if word in (*SCREENING_VERDICTS, *TAG_VERDICTS):
        verdict = cast(Verdict, word)
    else:
        said, reason = read_decision(row.get("verdict", ""))
        if said is None:
            return ()
        verdict = said
    return (
        PersonVerdict(
            row.get("who") or who or "imported",
            verdict,
            row.get("reason") or reason,
            _when(row.get("when")),
            row.get("concept_id") or None,
            row.get("text_hash") or "",
            *(row.get(name) or None for name in ("target", "value", "was")),
        ),
    )


def _verdict_of_name(path: Path) -> Verdict | None:
    name = path.name.lower()
    if "excluded" in name or "irrelevant" in name:
        return "exclude"
    return "include" if "included" in name else None


def _covidence(row: Mapping[str, str], who: str, listed: Verdict | None) -> tuple[PersonVerdict, ...]:
    reason = _COVIDENCE_REASON.search(row.get("notes", ""))
    if reason:
        return (PersonVerdict(who, "exclude", reason[1].strip()),)
    return (PersonVerdict(who, listed),) if listed else ()


def _asreview(row: Mapping[str, str], column: str, who: str | None) -> tuple[PersonVerdict, ...]:
    verdict, reason = read_decision(row.get(column, ""))
    if verdict is None:
        return ()
    person = row.get("asreview_user_name") or who or "ASReview"
    note = row.get("asreview_note") or row.get("exclusion_reason") or row.get("reason") or reason
    return (PersonVerdict(person, verdict, note, _when(row.get("asreview_time"))),)


def _when(text: str | None) -> str | None:
    """Returns when a decision was made; raises ScreeningFileError where that cannot be told: the newest one counts."""
    if not text or not text.strip():
        return None
    at = moment(whole_cell(text))
    if at is None:
        raise ScreeningFileError(
            f"{text[:40]!r} is no time that can be told for sure; write 2026-03-01 or 2026-03-01T14:30:00Z"
        )
    return at


def _from_notes(notes: list[str], who: str | None, verdict: Verdict | None) -> tuple[PersonVerdict, ...]:
    """Reads what Rayyan and ASReview write into notes, and what we do."""
    joined = " | ".join(notes)
    if "RAYYAN-INCLUSION" in joined:
        return tuple(_rayyan(joined))
    if found := _OUR_DECISION.search(joined):
        word = VERDICT_WORDS.get(found[1].lower())
        return (PersonVerdict(who or "imported", word, (found[2] or "").strip() or None),) if word else ()
    if found := re.search(r"\bASReview_(relevant|irrelevant|not_seen)\b", joined):
        word = VERDICT_WORDS.get(found[1])
        return (PersonVerdict(who or "ASReview", word),) if word else ()
    for note in notes:
        label, _, reason = note.strip().partition(":")
        word = VERDICT_WORDS.get(label.strip().lower()) if label.strip().lower() in PLAIN_WORDS else None
        if word:
            return (PersonVerdict(who or "imported", word, reason.strip() or None),)
    return (PersonVerdict(who or "imported", verdict),) if verdict else ()


def _rayyan(notes: str) -> Iterator[PersonVerdict]:
    pieces = _RAYYAN_FIELD.split(notes)
    fields = dict(zip(pieces[1::2], (piece.strip(" |") for piece in pieces[2::2]), strict=False))
    reasons = fields.get("RAYYAN-EXCLUSION-REASONS", "").split(" | ")[0]
    reason = "; ".join(filter(None, (part.strip() for part in reasons.split(",")))) or None
    for person, word in _RAYYAN_PERSON.findall(fields.get("RAYYAN-INCLUSION", "")):
        verdict = VERDICT_WORDS.get(word.lower())
        if verdict:
            yield PersonVerdict(person, verdict, reason if verdict == "exclude" else None)


def _read_ris(text: str, who: str | None, verdict: Verdict | None) -> Iterator[ScreenedRow]:
    for number, fields in enumerate(_ris_records(text), 1):
        first = {tag: values[0] for tag, values in fields.items()}
        row = {
            "pmid": first.get("AN", ""),
            "doi": first.get("DO", ""),
            "key": first.get("ID", ""),
            "title": first.get("TI") or first.get("T1", ""),
            "url": " ".join(fields.get("UR", ())),
            "notes": " ".join(fields.get("N1", ())),
        }
        labels = [*fields.get("N1", ()), *fields.get("KW", ()), *fields.get("C5", ()), *fields.get("LB", ())]
        yield _row(number, row, _from_notes(labels, who, verdict))


def _ris_records(text: str) -> Iterator[dict[str, list[str]]]:
    fields: dict[str, list[str]] = {}
    tag = ""
    for line in re.split(r"\r\n?|\n", text):
        found = _RIS_LINE.match(line)
        if not found:
            if tag and line.strip():
                fields[tag][-1] += f" {line.strip()}"
            continue
        tag, value = found[1], (found[2] or "").strip()
        if tag in ("ER", "TY") and fields:  # a record without an end is ended by the next one's beginning
            yield fields
            fields = {}
        if tag == "ER":
            tag = ""
        else:
            fields.setdefault(tag, []).append(value)
    if fields:
        yield fields
