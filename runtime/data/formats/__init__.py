"""Files as they lie on a disk: where they may be, and the formats read here. What a header says is checked before anything is made of it."""
