"""One module for each topic; one class for each code."""
