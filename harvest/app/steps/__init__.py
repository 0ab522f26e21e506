"""What verbs and the night share: a module a step, named as the verb that runs it alone."""
