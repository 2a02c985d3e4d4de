"""Problems with runs and checkpoints on disk."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.diagnostics.model import Diagnostic, Problem


@dataclass(frozen=True)
class NoRun(Problem):
    """A folder is not a run of `netc train`.

    A run holds `run.json`, the spec, and the checkpoints `last` and `best`.
    """

    code = "R201"
    path: str
    missing: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.path}` is no run: {self.missing} is not there", help="`netc runs` lists the runs below this folder")


@dataclass(frozen=True)
class CheckpointDamaged(Problem):
    """A checkpoint cannot be read, or its checksum does not match."""

    code = "R202"
    path: str
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"the checkpoint `{self.path}` cannot be used: {self.reason}", help="use the run's other checkpoint (`best` or `last`)")


@dataclass(frozen=True)
class CheckpointUnfit(Problem):
    """A checkpoint belongs to another spec or has another format."""

    code = "R203"
    path: str
    reason: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"the checkpoint `{self.path}` does not fit: {self.reason}", help="resume with the spec that the run was started with")
