"""The benchmarks' server: silent while it serves, so that ratios stand alone, and heard when it fails."""

from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from benchmarks import bare, house


def test_a_server_that_is_measured_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.html").write_text("a page")
    (tmp_path / "days.json").write_text("[]")

    with house.serving({bare.FOLDER: str(tmp_path)}, "benchmarks.bare:app") as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()

    assert capfd.readouterr() == ("", "")


def test_a_server_that_fails_is_heard(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises((OSError, HTTPException)), house.serving({}, "benchmarks.bare:nothing"):
        pass

    assert "has no attribute 'nothing'" in capfd.readouterr().err
