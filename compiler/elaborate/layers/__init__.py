"""Layers: their types and sizes, one made for each call with its settings, its body run or copied, its asserts kept for later."""
