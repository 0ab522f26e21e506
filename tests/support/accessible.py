"""What axe finds on a page in a browser."""

from typing import Any

import pytest


def serious_findings(page: Any, rule: str | None = None) -> list[tuple[str, str, str]]:
    """Returns serious and critical findings, sizes of targets (WCAG 2.2 AA) included: rule, element, what is wrong.

    `rule` asks for one rule alone, which is quicker.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    options = {"runOnly": [rule]} if rule else {"rules": {"target-size": {"enabled": True}}}
    answer = axe.Axe().run(page, options=options).response
    unclear = ("landmark-unique", "region")  # moderate to axe; a reader by ear walks from landmark to landmark
    return [
        (entry["id"], entry["nodes"][0]["html"][:200], entry["nodes"][0].get("failureSummary"))
        for entry in answer["violations"]
        if entry["impact"] in ("serious", "critical") or entry["id"] in unclear
    ]
