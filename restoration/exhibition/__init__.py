"""What leaves for an exhibition: mastered copies and excerpts, their labels, and the signed word on their origin."""
