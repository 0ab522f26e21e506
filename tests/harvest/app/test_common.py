"""What all verbs share: PMIDs, one line and an exit code for every error, silence where asked for, progress."""

import logging
import os
import signal
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from db.errors import TrackerError
from harvest.app.common import PMID, OneLineErrors, print_json, say, say_unmatched, stopping_on_sigterm
from harvest.app.gold_records import RecordsError, read_records
from harvest.app.progress import progress, progress_shown


class OwnError(TrackerError):
    exit_code = 75


def run(body: Any, *words: str) -> Result:
    """Runs a verb of a group of its own, whose body is a function."""

    @click.group(cls=OneLineErrors)
    @click.option("--quiet", is_flag=True)
    def main(quiet: bool) -> None:
        pass

    @main.command("do")
    @click.argument("pmid", type=PMID, default="1")
    def do(pmid: int) -> Any:
        return body(pmid)

    return CliRunner().invoke(main, words or ["do"], prog_name="ho-tracker")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("0007", 7), ("999999999", 999_999_999), ("1000000000", None), ("0", None), ("٧", None), ("7a", None),
        ("+7", None), ("9" * 5000, None), ("", None),
    ],
)  # fmt: skip
def test_what_is_a_pmid(text: str, number: int | None) -> None:
    seen: list[int] = []
    result = run(seen.append, "do", "--", text)
    assert (seen, result.exit_code) == (([number], 0) if number else ([], 1))
    assert number or ("is no PMID" in result.stderr and len(result.stderr) < 300)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TrackerError("two\n  lines"), 1, "two lines"),
        (OwnError("busy"), 75, "busy"),
        (click.UsageError("leave it out."), 1, "leave it out; see 'ho-tracker do --help'"),
        (click.ClickException("no"), 1, "no"),
        (KeyboardInterrupt(), 130, "stopped; what was finished is kept"),
        (click.Abort(), 130, "stopped; what was finished is kept"),
        (OSError(28, "No space left on device", "a.db"), 1, "a.db: No space left on device; correct it and try again"),
        (OSError("odd"), 1, "input/output: odd; correct it"),
    ],
)
def test_every_foreseen_error_is_one_line_and_a_code(error: BaseException, code: int, said: str) -> None:
    def fail(_pmid: int) -> None:
        raise error

    result = run(fail)
    assert result.exit_code == code
    (line,) = result.stderr.strip().splitlines()  # on Ctrl-C the library ends the terminal's line first
    assert line.startswith(f"ho-tracker: {said}")
    assert result.stdout == ""


@pytest.mark.parametrize(("ended", "code"), [(None, 0), (0, 0), (2, 2), (75, 75)])
def test_what_a_verb_returns_is_its_exit_code(ended: int | None, code: int) -> None:
    assert run(lambda _pmid: ended).exit_code == code


@pytest.mark.parametrize(("words", "code", "said"), [((), 0, "a\n"), (("--quiet",), 0, ""), (("--quiet",), 2, "a\n")])
def test_quiet_says_only_what_went_wrong(words: tuple[str, ...], code: int, said: str) -> None:
    assert run(lambda _pmid: say("a", code), *words, "do").stdout == said


def test_of_many_that_were_not_found_the_first_are_named() -> None:
    def lines(count: int) -> list[str]:
        return run(lambda _pmid: say_unmatched([f"r{n}" for n in range(count)], "not found")).stderr.splitlines()

    assert lines(1) == ["ho-tracker: not found: r0"]
    assert len(lines(20)) == 20
    assert lines(22)[19:] == ["ho-tracker: not found: r19", "ho-tracker: and 2 more are not found (--json names all)"]
    assert run(lambda _pmid: print_json({"b": "é", "a": 1})).stdout == '{\n  "b": "é",\n  "a": 1\n}\n'


def test_a_signal_to_end_is_as_ctrl_c_and_only_inside() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), stopping_on_sigterm():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_progress_is_a_line_for_every_so_many(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert list(progress(iter("abcde"), 5, "Reading", every=2)) == list("abcde")
    assert caplog.messages == ["Reading: 2 of 5", "Reading: 4 of 5"]
    with progress_shown("Fetching", every=2) as show:
        for done in (1, 5, 5, 6):
            show(done, 9)
    assert caplog.messages[2:] == ["Fetching: 5 of 9", "Fetching: 6 of 9"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"pmid": 1}\n\n{"pmid": "2"}\n', ""),
        (b'{"pmid": 1}\n{\n', "line 2: not JSON"),
        (b"[1]\n", "line 1: no record with a PMID"),
        (b'{"pmid": "x"}\n', "line 1: no record with a PMID"),
        (b"{}\n", "line 1: no record with a PMID"),
        (b'{"pmid": 1}\n\xff\n', "not UTF-8 text"),
    ],
)
def test_records_are_read_a_line_each(tmp_path: Any, content: bytes, said: str) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(content)
    if not said:
        assert [str(record["pmid"]) for record in read_records(path)] == ["1", "2"]
        return
    with pytest.raises(RecordsError, match=said):
        list(read_records(path))
