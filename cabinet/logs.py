"""The cabinet's log for engineers: ids and codes to stderr, one line each, by structlog.

structlog is imported with the first line that is logged, not with the program: start-up has a
budget of 1.5 s, and where the library `rich` is installed structlog takes a quarter of it. The
service loads it once it is ready (`warm`), so that no turn pays for it.
"""

import sys
from typing import Any


class _Sink:
    """How lines are written; decided before the first one is."""

    to_stderr = False
    loggers: Any = None

    @classmethod
    def structlog(cls) -> Any:
        """structlog, imported and set up once."""
        if cls.loggers is None:
            import structlog

            if cls.to_stderr:
                structlog.configure(
                    processors=[
                        structlog.processors.add_log_level,
                        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
                    ],
                    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
                )
            cls.loggers = structlog
        return cls.loggers


class Log:
    """A named log. Values are ids, numbers and codes; never names, PINs or what a scan said."""

    def __init__(self, name: str) -> None:
        self._name = name

    def info(self, event: str, **ids: Any) -> None:
        """Something that is worth a line and asks for nothing."""
        _Sink.structlog().get_logger(self._name).info(event, **ids)

    def warning(self, event: str, **ids: Any) -> None:
        """Something that somebody may have to look at."""
        _Sink.structlog().get_logger(self._name).warning(event, **ids)


def warm() -> None:
    """Import structlog now; fit for a thread."""
    _Sink.structlog()


def to_stderr() -> None:
    """Send the log to stderr, where the service manager keeps it, in a form that can be searched.

    Said by a real service before its first line; a program of the simulation decides for itself.
    """
    _Sink.to_stderr = True
