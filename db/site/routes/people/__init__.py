"""The pages for people's own work: the review page of the signed in, the desk for reviews, starred articles."""
