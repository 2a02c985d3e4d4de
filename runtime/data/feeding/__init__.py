"""In which order samples are taken: batches of whole samples, and streams of chunks."""
