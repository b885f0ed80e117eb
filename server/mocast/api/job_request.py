"""What a client asks for with a video."""

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Len, doc

from mocast.model.options import JobOptions


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What is to be made of a video."""

    name: Annotated[
        Annotated[str, Len(1, 128)] | None,
        doc("What the video is called, such as its file's name: results are named after it. tus has `filename`, too."),
    ] = None
    options: JobOptions = field(default_factory=JobOptions)
