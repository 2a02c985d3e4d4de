"""Training: optimisers, schedules, runs on disk, progress. May import model and what lies below it."""
