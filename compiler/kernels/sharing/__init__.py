"""What is settled before a line is written: units of work, who does them, and where samples and sums lie."""
