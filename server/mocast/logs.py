"""Structured logs: for people on a console, or one JSON object a line."""

import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal


@contextmanager
def _left_out(name: str) -> Iterator[None]:
    """Have imports of a package fail meanwhile, unless it is there already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


# It imports rich where there is one, 6 MB, for tracebacks with the values of variables, which are never shown here.
with _left_out("rich"):
    import structlog

FOREIGN_EVERY_S = 1.0

_TOKEN: Final = re.compile(
    r"(access_token(?:=|%3D)|bearer(?:\\?[\"',]|\s|%20)+)[\w.~+/%=-]{8,}"  # in a query, a header, a sub-protocol
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",  # a JSON Web Token anywhere: it begins with {" in base64
    re.IGNORECASE,
)


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


def without_bytes(record: logging.LogRecord) -> bool:
    """Take out of a record what aiohttp quotes of a request that it cannot parse; let the record pass.

    It is the sender's choice, and may be a part of a token that no pattern recognises.
    """
    error = record.exc_info[1] if record.exc_info else None
    if type(error).__module__ == "aiohttp.http_exceptions":
        record.msg = f"{record.getMessage()}: {type(error).__name__}"
        record.args, record.exc_info, record.exc_text = (), None, None
    return True


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Takes tokens out of whole lines: of ours, of libraries' that quote a request, and of tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return redacted(super().format(record))


def redacted(text: str) -> str:
    """Return a text without the tokens that are recognised in it."""
    return _TOKEN.sub(lambda match: f"{match[1] or ''}[token]", text)


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
        # Plain tracebacks: the default shows the values of variables where rich is installed.
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        final = [renderer]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(LibraryRateLimit())
    handler.addFilter(without_bytes)
    handler.setFormatter(
        RedactingFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mocast").setLevel(level.upper())
