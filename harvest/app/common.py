"""What the verbs share: the settings in force, one line for an error, JSON on standard output, the end by a signal."""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import click

from db.errors import TrackerError
from harvest.app.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])

EXIT_DONE, EXIT_WRONG, EXIT_PARTIAL, EXIT_POSTPONED = 0, 1, 2, 75

_UNMATCHED_SHOWN = 20

#: Hands the Settings in force to a verb as its first argument.
pass_settings = click.make_pass_decorator(Settings)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


class _Pmid(click.ParamType[int]):
    name = "PMID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < 10**9):
            self.fail(f"{text[:40]!r} is no PMID; a PMID is a number such as 12345678", param, ctx)
        return int(text)


#: An argument that is a PMID.
PMID = _Pmid()


class OneLineErrors(click.Group):
    """A command group in which every foreseen error is one line on standard error and an exit code.

    A verb that ends without an error may return its exit code.
    """

    def main(self, *args: Any, **options: Any) -> Any:
        """Runs the command; TrackerError ends with its exit code, wrong use with 1, Ctrl-C with 130."""
        options["standalone_mode"] = False
        try:
            sys.exit(super().main(*args, **options) or EXIT_DONE)
        except TrackerError as error:
            fail(str(error), error.exit_code)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(EXIT_DONE)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "ho-tracker"
            fail(f"{error.format_message().rstrip('.')}; see '{command} --help'", EXIT_WRONG)
        except click.ClickException as error:
            fail(error.format_message(), EXIT_WRONG)
        except (KeyboardInterrupt, click.Abort):
            fail("stopped; what was finished is kept, run the same command again to go on", 130)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(EXIT_WRONG)
        except OSError as error:
            fail(f"{error.filename or 'input/output'}: {error.strerror or error}; correct it and try again", EXIT_WRONG)


def fail(message: str, exit_code: int) -> None:
    """Prints one line on standard error and ends the process with the exit code."""
    click.echo(f"ho-tracker: {' '.join(message.split())}", err=True)
    sys.exit(exit_code)


def say_unmatched(names: Sequence[str], words: str, where: str = "") -> None:
    """Prints on standard error which records of a list were not found: the first few, then how many more."""
    for name in names[:_UNMATCHED_SHOWN]:
        click.echo(f"ho-tracker: {where}{words}: {name}", err=True)
    if len(names) > _UNMATCHED_SHOWN:
        rest = len(names) - _UNMATCHED_SHOWN
        click.echo(f"ho-tracker: {where}and {rest} more are {words} (--json names all)", err=True)


def say(text: str, exit_code: int = EXIT_DONE) -> None:
    """Prints what a verb reports; with --quiet only where it did not go well."""
    quiet = click.get_current_context().find_root().params.get("quiet")
    if exit_code != EXIT_DONE or not quiet:
        click.echo(text)


def print_json(value: Any) -> None:
    """Prints one JSON object on standard output, keys in the given order."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def stopping_on_sigterm() -> Iterator[None]:
    """Ends on SIGTERM as on Ctrl-C, so that a stopped service leaves the ledger in order."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
