"""The pages of what the articles say: answers, concepts, matrix, plots, overview, trials, reviews, pooling."""
