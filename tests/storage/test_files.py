"""Files with their checksums, whenever a kill comes."""

import warnings
from pathlib import Path

import pytest

from mdesign.storage import files, kept_whole, read_kept, reused_seconds


class Killed(BaseException):
    """Stands for the end of the process."""


def write(path, text):
    with kept_whole(path) as temporary:
        temporary.write_text(text)


@pytest.mark.parametrize("before", [None, "old"])
@pytest.mark.parametrize("late", [False, True])
def test_a_kill_at_any_rename_leaves_the_old_file_or_the_new_one(
    tmp_path, monkeypatch, before, late
):
    replace = Path.replace
    found = []
    for last in range(4):
        path = tmp_path / str(last) / "a.txt"
        if before:
            write(path, before)
        left = iter(range(last, -1, -1))

        def killed(self, target, left=left):
            is_last = next(left) == 0
            if is_last and not late:
                raise Killed
            replace(self, target)
            if is_last:
                raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", killed)
            try:
                write(path, "new")
            except Killed:
                pass
            else:
                found.append("end")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found.append(read_kept(path, Path.read_text))
        write(path, "newer")
        assert read_kept(path, Path.read_text) == "newer"
    early = [before, before, "new"] if before else [before, before]
    assert [one for one in found if one != "end"][: len(early) - late] == early[late:]
    assert found[-2:] == ["end", "new"]


def test_a_file_that_cannot_be_used_is_named(tmp_path):
    path = tmp_path / "a.txt"
    write(path, "text")
    with pytest.warns(UserWarning, match=r"a\.txt cannot be used \(ValueError: .*text.*anew"):
        assert read_kept(path, lambda path: int(path.read_text())) is None
    assert read_kept(tmp_path / "none.txt", Path.read_text) is None


def test_the_time_of_what_another_process_computed_is_counted_once(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_counted", {})
    path = tmp_path / "a.txt"
    with kept_whole(path, seconds=12.5) as temporary:
        temporary.write_text("a")
    assert read_kept(path, Path.read_text) == "a"
    assert reused_seconds() == 0  # it was computed here
    monkeypatch.setattr(files, "_counted", {})
    for _ in range(2):
        assert read_kept(path, Path.read_text) == "a"
    assert reused_seconds() == 12.5
    write(path, "b")
    assert reused_seconds() == 12.5
