"""The recipe of the reranker that comes with the course."""
