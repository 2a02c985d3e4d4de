"""What a seed decides: the numbers of generators, and which samples are for training, validation and test."""
