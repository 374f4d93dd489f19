"""The demo lives on SQLite alone."""

from pathlib import Path

import pytest

from tests.engines import sqlite_url


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    return sqlite_url(tmp_path)
