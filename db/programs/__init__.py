"""What programs ask of the tracker: claims with their sentences, and the server that gives them."""
