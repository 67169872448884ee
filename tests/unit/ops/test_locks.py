"""Locks between processes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from goodword.ops.locks import Busy, Lock


def test_an_exclusive_lock_keeps_others_out_and_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(path).held(), pytest.raises(Busy) as refused:
        Lock(path).take()
    assert refused.value.holder == os.getpid()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_shared_locks_stand_beside_each_other_and_keep_an_exclusive_one_out(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second, third = Lock(path), Lock(path), Lock(path)
    first.take(shared=True)
    second.take(shared=True)
    with pytest.raises(Busy):
        third.take()
    first.free()
    second.free()
    third.take()
    third.free()


def test_a_lock_is_waited_for_as_long_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(path).held(), pytest.raises(Busy):
        Lock(path).take(wait=0.2)


def test_freeing_what_is_not_held_does_nothing(tmp_path: Path) -> None:
    Lock(tmp_path / "lock").free()


def test_a_lock_file_without_a_number_has_an_unknown_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = Lock(path)
    first.take(shared=True)
    with pytest.raises(Busy, match="process unknown"):
        Lock(path).take()
    first.free()
