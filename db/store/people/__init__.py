"""What people decide: kept, checked, applied over the tagger, and which decision is in force."""
