"""PubMed's files as Parquet: pure functions from file to records to tags, on one machine or many."""
