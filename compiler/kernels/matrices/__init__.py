"""Sums of products as matrix products.

`sides` tells rows, columns and sum apart, `products` calls the product where they lie evenly in memory, `contractions` where they
run along windows.
"""
