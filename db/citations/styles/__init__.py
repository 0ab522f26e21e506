"""What citeproc-py is told so that a bibliography of any length is written in bearable time."""
