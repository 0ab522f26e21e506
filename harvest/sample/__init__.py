"""The bundled sample: made-up records on heterotopic ossification in the form that PubMed sends."""

from pathlib import Path


def sample_path() -> Path:
    """Returns the path of the sample's PubMed XML; none of its records is a real article."""
    return Path(__file__).with_name("sample.xml")
