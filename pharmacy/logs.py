"""What the server writes to its terminal or the journal: ids, counts and kinds; never a name.

Lines are key=value on standard error. Whoever logs passes opaque ids only; text from outside is
never put into a line.
"""

import logging
import sys

import structlog


def quiet(level: int = logging.INFO) -> None:
    """Set up logging for `pharmacy serve`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
