"""An injury that only says who had the disease, or after what it was studied, makes no statement."""

import pytest

from nlp.findings.sentence.factors.settings import is_setting
from tests.support.reading import context_of

INJURIES = {"spinal cord injury": "risk factor", "burns": "risk factor", "SCI": "risk factor", "obesity": "risk factor"}


@pytest.mark.parametrize(
    ("sentence", "setting"),
    [
        ("In children with spinal cord injury HO has been reported.", True),
        ("HO is known to be common after a severe spinal cord injury.", True),
        ("HO after burns and spinal cord injury was studied.", True),
        ("The odds of HO after spinal cord injury were higher in men.", True),
        ("HO was more common after spinal cord injury.", False),
        ("HO is induced by burns and spinal cord injury.", False),
        ("At risk of HO are patients with spinal cord injury.", False),
        ("Patients with HO more often had a spinal cord injury.", False),
        ("Spinal cord injury was followed by HO.", False),
        ("HO was seen in 40% of patients with spinal cord injury.", False),
    ],
)
def test_where_the_disease_was_seen(sentence: str, setting: bool) -> None:
    context = context_of(sentence, INJURIES | {"Spinal cord injury": "risk factor"})
    span = next(span for span in context.spans if span.text.lower() == "spinal cord injury")
    assert is_setting(context, span) == setting


def test_a_short_form_stands_where_its_long_form_does() -> None:
    context = context_of("HO in patients with spinal cord injury (SCI) was studied.", INJURIES)
    assert [is_setting(context, span) for span in context.spans] == [True, True]


def test_only_injuries_and_illnesses_are_settings() -> None:
    context = context_of("HO was studied in patients with obesity.", INJURIES)
    assert not is_setting(context, context.spans[0])
