"""What can still be said of equations that were given up: each mistake is told in one run, and none that only follows from another."""
