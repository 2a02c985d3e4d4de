"""Whole training steps beside PyTorch and JAX: the same net from the same start, each version in a process of its own.

`python -m benchmarks peers [NAME…]` starts the versions of a workload one by one, lets them take ten steps, compares the losses,
and then gives them the machine in turn, round after round. A workload is one file of `workloads/`.
"""
