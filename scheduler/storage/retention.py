"""What is kept no longer than it is of use: codes, sign-ins, enrolments and challenges that are long over.

The audit log keeps what happened with them; the rows themselves would only be a risk.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete

from scheduler.storage.database import Transaction
from scheduler.storage.tables import challenges, codes, enrolments, feeds, sign_ins

CODES_KEPT = timedelta(days=1)
ENROLMENTS_KEPT = timedelta(days=7)
SIGN_INS_KEPT = timedelta(days=7)
FEEDS_KEPT = timedelta(days=30)


def forget_expired(tx: Transaction, *, now: datetime) -> int:
    """Delete what has been over for as long as it is kept; return how many rows went."""
    gone = (
        delete(challenges).where(challenges.c.expires_at < now),
        delete(codes).where(codes.c.expires_at < now - CODES_KEPT),
        delete(enrolments).where(enrolments.c.expires_at < now - ENROLMENTS_KEPT),
        delete(feeds).where(feeds.c.revoked_at < now - FEEDS_KEPT),
        delete(sign_ins).where(sign_ins.c.expires_at < now - SIGN_INS_KEPT),
    )
    return sum(tx.execute(statement).rowcount for statement in gone)
