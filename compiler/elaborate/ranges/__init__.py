"""What each index ranges over, and what lies beyond the ends of an axis.

Uses settle ranges (`ranges`), boundary equations give points beside an axis (`edges`), and every read is planned, to be held
against both when they are known (`planned`).
"""
