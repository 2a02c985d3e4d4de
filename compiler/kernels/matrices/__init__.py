"""Sums of products as matrix products."""
