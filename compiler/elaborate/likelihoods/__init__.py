"""What stands behind `~`: distributions, what they observe, and the loss that follows."""
