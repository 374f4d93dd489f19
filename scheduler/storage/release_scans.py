"""Scans of releases signed on paper, kept sealed."""

from sqlalchemy import bindparam, insert, select

from scheduler.domain.errors import NotFound
from scheduler.domain.scans import Scan
from scheduler.storage.database import Transaction
from scheduler.storage.tables import release_scans

_GET = select(release_scans).where(release_scans.c.release_id == bindparam("release_id"))
_COLUMN = "release_scans.scan"


def add(tx: Transaction, release_id: str, scan: Scan) -> None:
    """Keep the scan of a release."""
    values = {
        "release_id": release_id,
        "media_type": scan.kind.media_type,
        "scan_sealed": tx.vault.seal_bytes(_COLUMN, release_id, scan.data),
    }
    tx.execute(insert(release_scans), values)


def get(tx: Transaction, release_id: str) -> Scan:
    """Return the scan of a release.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_GET, {"release_id": release_id}).one_or_none()
    if row is None:
        raise NotFound("scan")
    return Scan.of(tx.vault.open_bytes(_COLUMN, release_id, row.scan_sealed))
