"""All articles in memory, one bit each: what counts every facet at once and puts a list in order."""
