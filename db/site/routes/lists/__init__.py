"""The pages of a selection of articles: the list, its JSON, its files, feeds and saved searches."""
