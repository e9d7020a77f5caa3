"""Faults of this program: one number, and a reference that finds the trace in the account's log."""

import logging
import uuid

from pipeline.local.errors import SnowflakeError

log = logging.getLogger(__name__)

INTERNAL_ERRNO = 300002
"""As Snowflake numbers its own internal errors."""


def internal_fault(error: BaseException) -> SnowflakeError:
    """Log a fault of our own under a reference, which is all that the client is told: its text may hold data."""
    reference = uuid.uuid4().hex[:12]
    log.error("internal error, reference %s", reference, exc_info=error)
    return SnowflakeError(f"Internal error of the local account, reference {reference}.", INTERNAL_ERRNO, "XX000")
