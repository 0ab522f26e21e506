"""Tags and findings as people look them over: queues, what one item shows, and what a form decides."""
