"""The values that pass between stages: frozen, plain, and writable as JSON.

A shape never holds the batch axis: ``(28, 28, 1)``, not ``(None, 28, 28, 1)``.
A cell is counted among the code cells of a notebook, from 1; a script has none.
"""

from grader.records.account import Account, AccountLine
from grader.records.batch import Graded, Handed, Intake, PassedOver, Student
from grader.records.evidence import CustomFinding, Evidence, Returned
from grader.records.feedback import Remark, Repair
from grader.records.model import (
    CompileDescription,
    LayerDescription,
    ModelDescription,
    OutputSample,
)
from grader.records.plain import Plain, Problem, ProblemKind, Shape
from grader.records.report import (
    CheckResult,
    CheckStatus,
    Environment,
    ExerciseReport,
    LayerNote,
    Report,
    Seconds,
    Visibility,
)
from grader.records.submission import (
    BrokenStatement,
    Program,
    Statement,
    Submission,
    WrittenFile,
)
from grader.records.training import Epoch, OneBatch, TrainingResult, TrainingRun

__all__ = [
    "Account",
    "AccountLine",
    "BrokenStatement",
    "CheckResult",
    "CheckStatus",
    "CompileDescription",
    "CustomFinding",
    "Environment",
    "Epoch",
    "Evidence",
    "ExerciseReport",
    "Graded",
    "Handed",
    "Intake",
    "LayerDescription",
    "LayerNote",
    "ModelDescription",
    "OneBatch",
    "OutputSample",
    "PassedOver",
    "Plain",
    "Problem",
    "ProblemKind",
    "Program",
    "Remark",
    "Repair",
    "Report",
    "Returned",
    "Seconds",
    "Shape",
    "Statement",
    "Student",
    "Submission",
    "TrainingResult",
    "TrainingRun",
    "Visibility",
    "WrittenFile",
]
