"""What a kernel is written in: loops and lines, sizes known when it runs, places of variables, C text."""
