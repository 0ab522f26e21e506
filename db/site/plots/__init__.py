"""Pictures of evidence as accessible SVG text: pure functions from values to markup, no dependency.

Colours are presentation attributes, so that a downloaded file looks right alone; pages restyle them by class.
"""
