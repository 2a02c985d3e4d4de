"""One file for each workload, or family of them: its `WORKLOADS`."""
