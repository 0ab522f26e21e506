"""The verbs of topics: begin one, look one through."""
