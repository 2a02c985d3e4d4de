"""netc: neural nets declared by equations."""

__version__ = "0.1.0"
