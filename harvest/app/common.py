"""What the verbs share: the settings in force, one line for an error, JSON on standard output, progress."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import click

from db.errors import TrackerError
from harvest.app.settings import Settings

Value = TypeVar("Value")
Function = TypeVar("Function", bound=Callable[..., Any])

EXIT_DONE, EXIT_WRONG, EXIT_PARTIAL, EXIT_POSTPONED = 0, 1, 2, 75

#: Hands the Settings in force to a verb as its first argument.
pass_settings = click.make_pass_decorator(Settings)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


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


def print_json(value: Any) -> None:
    """Prints one JSON object on standard output, keys in the given order."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def progress(items: Iterable[Value], length: int, label: str, every: int = 1000) -> Iterator[Value]:
    """Yields the items with a progress bar on a terminal, and a log line every `every` items elsewhere."""
    if sys.stderr.isatty():
        with click.progressbar(items, length=length, label=label, file=sys.stderr) as bar:
            yield from bar
        return
    log = logging.getLogger("ho_tracker")
    for done, item in enumerate(items, 1):
        yield item
        if done % every == 0:
            log.info("%s: %d of %d", label, done, length)
