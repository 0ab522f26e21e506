"""The verbs of the `ho-tracker` command: a module each, named as the verb, with its `command`."""
