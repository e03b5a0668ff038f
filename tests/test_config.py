"""Settings that are made or read by more than one process."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from outreach.config import Settings
from outreach.errors import ConfigurationError


def test_processes_that_start_together_for_the_first_time_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Settings(home=tmp_path / "new").master_key(), range(16)))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "new/secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [b"", b"half a key"])
def test_a_key_that_was_cut_short_is_refused(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(left)
    with pytest.raises(ConfigurationError, match=r"secret\.key holds no whole key"):
        Settings(home=tmp_path).master_key()
