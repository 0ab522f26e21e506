"""What the tracker is about: a disease as a folder of data, the one in force, and what is kept for each."""

from db.topics.choice import bundled, choose, choose_published, current, per_topic, take_topic
from db.topics.query import TopicPart, TopicQuery, topic_query
from db.topics.topic import SITE_FILES, Topic, TopicError, load, read_published, to_publish

__all__ = [
    "SITE_FILES",
    "Topic",
    "TopicError",
    "TopicPart",
    "TopicQuery",
    "bundled",
    "choose",
    "choose_published",
    "current",
    "load",
    "per_topic",
    "read_published",
    "take_topic",
    "to_publish",
    "topic_query",
]
