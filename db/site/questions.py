"""Questions that readers ask first: doors of the first page, and examples beside the box for questions."""

from db.topics import current, per_topic


@per_topic
def example_questions() -> tuple[str, ...]:
    """Returns the questions of the topic's `questions.toml`."""
    return tuple(current().data("questions.toml").get("examples", ()))
