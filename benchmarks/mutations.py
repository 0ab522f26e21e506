"""Whether the tests notice: changes risky lines one by one in a copy of the tree, and runs the tests that run them.

`mutations.toml` lists the changes (file, old text, new text). First the whole suite runs once with a note of which test
runs which line (`--trace FILE` keeps that, and takes it up where it is); then each change is made in a copy and judged
by the tests of its lines, and where these pass by all tests beside them. It ends with 1 where a change survived that
its list does not call `harmless` (with the reason). Files that are not Python name their `tests`.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from coverage import CoverageData
from lxml import etree

ROOT = Path(__file__).parent.parent
_PACKAGES = ("harvest", "nlp", "db")
#: Pages in a browser are looked at by the tests of the pages too, and Chromium runs no line of ours.
_SUITE = ("-q", "-p", "no:cacheprovider", "-m", "not browser")
_LONGEST = 1200
#: How pytest ends where a test that is named is not there, and where none was chosen.
_NO_SUCH_TEST, _NOTHING_RAN = 4, 5
#: Processes that a test starts write down lines under the name of that test, which pytest puts into their environment.
_CHILDREN = """
import os
def pytest_sessionstart(session):
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["COVERAGE_PROCESS_START"] = {settings!r}
"""
_SETTINGS = """
[run]
source = {packages}
data_file = {data}
{more}
"""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: `old`, which stands in the file once, becomes `new`."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ()
    harmless: str | None = None

    @property
    def words(self) -> str:
        """The change on one line."""
        return f"{self.file}: {' '.join(self.old.split())[:70]} -> {' '.join(self.new.split())[:50]}"


def read_mutations(path: Path) -> list[Mutation]:
    """Reads a list; raises ValueError where an old text does not stand in its file exactly once."""
    found = [
        Mutation(m["file"], m["old"], m["new"], tuple(m.get("tests", ())), m.get("harmless"))
        for m in tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]
    ]
    for mutation in found:
        times = (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.old)
        if times != 1:
            raise ValueError(f"{mutation.words}: the old text stands there {times} times; it must be once")
    return found


def trace(copy: Path, data: Path) -> None:
    """Runs the suite in a copy and writes which test runs which line."""
    with tempfile.TemporaryDirectory() as folder:
        more = {"workers": "", "children": "parallel = true\ncontext = ${PYTEST_CURRENT_TEST-}"}
        for name, lines in more.items():
            settings = _SETTINGS.format(packages=",".join(_PACKAGES), data=data, more=lines)
            Path(folder, name).write_text(settings, encoding="utf-8")
        children = _CHILDREN.format(settings=str(Path(folder, "children")))
        Path(folder, "trace_children.py").write_text(children, encoding="utf-8")
        _pytest(
            copy,
            *("-n", "2", "--dist", "loadscope", "-p", "trace_children", "--cov", "--cov-context=test"),
            *(f"--cov-config={folder}/workers", "--cov-report=", f"--junit-xml={data}.xml"),
            path=folder,
            seconds=4 * _LONGEST,
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """Which tests run which lines (their contexts), and the seconds that each test takes."""

    lines: CoverageData
    seconds: dict[str, float]

    @classmethod
    def read(cls, path: Path) -> "Trace":
        """Reads what `trace` wrote."""
        data = CoverageData(str(path))
        data.read()
        cases: Any = etree.parse(f"{path}.xml").iter("testcase")
        times = {f"{c.get('classname', '').replace('.', '/')}.py::{c.get('name')}": c.get("time", "0") for c in cases}
        return cls(data, {name: float(told) for name, told in times.items()})

    def tests_of(self, mutation: Mutation) -> Iterator[list[str]]:
        """Yields the tests of a change's lines, the quickest first; then what may see it though it runs no such line.

        That are all tests of the modules for which the lines made something (it is noted with the first of them
        alone), and of the module that has the file's name.
        """
        if mutation.tests:
            yield list(mutation.tests)
            return
        direct: set[str] = set()
        modules = {str(path.relative_to(ROOT)) for path in ROOT.glob(f"tests/**/test_{Path(mutation.file).stem}.py")}
        for file, lines in lines_of(mutation):
            measured = next((name for name in self.lines.measured_files() if name.endswith(f"/{file}")), None)
            noted = self.lines.contexts_by_lineno(measured) if measured else {}
            for context in {context for line in lines for context in noted.get(line, ()) if context}:
                test, _, phase = context.partition("|")
                if phase == "setup":
                    modules.add(test.partition("::")[0])
                direct.add(re.sub(r" \((?:call|setup|teardown)\)$", "", test))
        yield sorted(
            direct, key=lambda test: (test.partition("::")[0] not in modules, self.seconds.get(test, 0.0), test)
        )
        yield sorted(modules)


def lines_of(mutation: Mutation) -> Iterator[tuple[str, set[int]]]:
    """Yields the lines of the changed statement; of a constant all lines of its module, and others that name it."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    place = text.index(mutation.old)
    first = text.count("\n", 0, place + len(mutation.old) - len(mutation.old.lstrip())) + 1
    last = text.count("\n", 0, place + len(mutation.old.rstrip())) + 1
    tree = ast.parse(text)
    yield mutation.file, set().union(*(_own_lines(node) for node in _statements(tree, first, last)))
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) and _own_lines(node) & set(range(first, last + 1)):
            yield mutation.file, set(range(1, text.count("\n") + 2))
            for target in getattr(node, "targets", [getattr(node, "target", None)]):
                if isinstance(target, ast.Name) and not target.id.startswith("_"):
                    yield from _lines_that_name(target.id)


def _statements(tree: ast.AST, first: int, last: int) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and _own_lines(node) & set(range(first, last + 1)):
            yield node


def _own_lines(node: ast.stmt) -> set[int]:
    """The lines of a statement without those of the statements inside it."""
    inside = [part for part in ast.walk(node) if isinstance(part, ast.stmt) and part is not node]
    lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines.difference(*(range(part.lineno, (part.end_lineno or part.lineno) + 1) for part in inside))


def _lines_that_name(name: str) -> Iterator[tuple[str, set[int]]]:
    word = re.compile(rf"\b{re.escape(name)}\b")
    for path in sorted(path for package in _PACKAGES for path in (ROOT / package).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if word.search(text):
            named = {number for number, line in enumerate(text.splitlines(), 1) if word.search(line)}
            nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
            yield str(path.relative_to(ROOT)), set().union(*(_own_lines(n) for n in nodes if _own_lines(n) & named))


def judge(mutation: Mutation, copy: Path, known: Trace) -> str | None:
    """Makes a change in a copy and takes it back; returns the first test that fails by it, None where it survives."""
    path = copy / mutation.file
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        return next(filter(None, (_failing(copy, tests) for tests in known.tests_of(mutation) if tests)), None)
    finally:
        path.write_text(before, encoding="utf-8")


def _failing(copy: Path, tests: Sequence[str]) -> str | None:
    """Returns the first of some tests that fails in a copy, None where all pass."""
    with tempfile.NamedTemporaryFile("w", suffix=".tests", encoding="utf-8") as names:
        names.write("".join(f"{name}\n" for name in tests))
        names.flush()
        try:
            done = _pytest(copy, "-x", f"@{names.name}")
        except subprocess.TimeoutExpired:
            return "it never ends"
    if done.returncode == _NO_SUCH_TEST and any("[" in name for name in tests):  # not every example has a plain name
        return _failing(copy, list(dict.fromkeys(name.partition("[")[0] for name in tests)))
    if done.returncode in (0, _NOTHING_RAN):
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return failed[1] if failed else f"pytest ended with {done.returncode}: {done.stdout[-300:]}"


def _pytest(
    copy: Path, *arguments: str, path: str | None = None, seconds: float = _LONGEST
) -> "subprocess.CompletedProcess[str]":
    python_path = os.pathsep.join(filter(None, (path, str(copy))))
    return subprocess.run(
        [sys.executable, "-m", "pytest", *_SUITE, *arguments],
        cwd=copy, env={**os.environ, "PYTHONPATH": python_path}, capture_output=True, text=True, timeout=seconds,
        check=False,
    )  # fmt: skip


@contextmanager
def copied() -> Iterator[Path]:
    """Gives a copy of what git knows of the tree and of what is new in it."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        for name in filter(None, names):
            target = Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                shutil.copy2(ROOT / name, target)
        yield Path(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", type=Path, default=Path(__file__).with_suffix(".toml"), help="the list of changes")
    parser.add_argument("--trace", type=Path, help="which test runs which line: read, or written where it is not there")
    asked = parser.parse_args()
    mutations = read_mutations(asked.list)
    with tempfile.TemporaryDirectory() as folder, copied() as one, copied() as other:
        noted = asked.trace or Path(folder, "trace")
        if not noted.exists():
            trace(one, noted.absolute())
        known = Trace.read(noted)
        copies: SimpleQueue[Path] = SimpleQueue()
        for copy in (one, other):
            copies.put(copy)

        def work(mutation: Mutation) -> bool:
            copy, began = copies.get(), time.monotonic()
            try:
                by = judge(mutation, copy, known)
            finally:
                copies.put(copy)
            said = f"killed by {by}" if by else f"harmless: {mutation.harmless}" if mutation.harmless else "SURVIVED"
            print(f"{mutation.words}\n    {said} ({time.monotonic() - began:.0f} s)", flush=True)
            return by is None and not mutation.harmless

        with ThreadPoolExecutor(2) as pool:
            survived = sum(pool.map(work, mutations))
    print(f"{len(mutations)} mutations, {survived} survived")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
