"""Structured logs: for people on a console, or one JSON object a line."""

import logging
import sys
import time
from typing import Literal

import structlog

FOREIGN_EVERY_S = 1.0


class LibraryRateLimit(logging.Filter):
    """Limits a library's logger to one record a second per level: a client can make aiortc warn at every frame.

    The next record that passes says how many were suppressed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed_at: dict[tuple[str, int], float] = {}
        self._held_back: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record passes. Handlers call this under their lock."""
        if record.name.partition(".")[0] == "mocast":
            return True
        source, now = (record.name, record.levelno), time.monotonic()
        if now - self._passed_at.get(source, float("-inf")) < FOREIGN_EVERY_S:
            self._held_back[source] = self._held_back.get(source, 0) + 1
            return False
        self._passed_at[source] = now
        if held_back := self._held_back.pop(source, 0):
            record.msg, record.args = f"{record.getMessage()} ({held_back} more since the last)", ()
        return True


def configure(log_format: Literal["console", "json"], level: str) -> None:
    """Send our logs, and warnings of the libraries, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format == "json":
        final: list[structlog.typing.Processor] = [
            # Without the values of variables: session ids are among them.
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
    else:
        final = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(LibraryRateLimit())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mocast").setLevel(level.upper())
