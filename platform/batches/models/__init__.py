"""Images, the batches they came in, the analysis of each; what the code believes in stands here as constraints."""

from batches.models.analyses import Analysis, OwnerOfBatch
from batches.models.batches import Batch
from batches.models.deletions import Deletion
from batches.models.exports import Export, Format
from batches.models.images import LIKENESS, Image
from batches.models.submissions import Submission
from batches.models.words import Lane, Lean, State, Strength, Verdict

__all__ = [
    "LIKENESS",
    "Analysis",
    "Batch",
    "Deletion",
    "Export",
    "Format",
    "Image",
    "Lane",
    "Lean",
    "OwnerOfBatch",
    "State",
    "Strength",
    "Submission",
    "Verdict",
]
