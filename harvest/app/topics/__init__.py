"""Topic folders for whoever makes one: a skeleton to begin with, and what is missing or contradicts itself."""
