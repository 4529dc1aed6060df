"""The library: articles, their revisions and reviews, how often they were worked by, and which are wanted."""
