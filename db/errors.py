"""The base of every error that a user sees: one clear line, and the exit code that goes with it."""


class TrackerError(Exception):
    """An error said in one line: what happened, where, and what to do next.

    `exit_code` is 1 for wrong use or input, 2 for work done in part, 75 for a service that is down.
    """

    exit_code = 1
