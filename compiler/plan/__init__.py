"""Layout, arena and steps: a schedule bound to sizes. Arrays appear here and nowhere above."""
