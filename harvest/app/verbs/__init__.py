"""The verbs of the `ho-tracker` command, a module a theme; each is a thin function over the packages."""
