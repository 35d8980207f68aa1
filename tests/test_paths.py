import errno
import os
import stat

import pytest

from mdesign import paths


def test_repository_is_the_checkout_that_holds_these_tests(request):
    assert paths.repository() == request.config.rootpath
    assert paths.figures() == request.config.rootpath / "figures"


def test_repository_is_found_from_below_when_the_package_lies_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "site" / "mdesign" / "paths.py"))
    checkout = tmp_path / "checkout"
    below = checkout / "notebooks" / "gidn"
    below.mkdir(parents=True)
    (checkout / "pyproject.toml").touch()
    monkeypatch.chdir(below)
    assert paths.repository() == checkout


def test_no_checkout_is_an_error_with_a_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "site" / "mdesign" / "paths.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="pip install"):
        paths.repository()


def test_home_moves_cache_and_runs(home):
    assert paths.home() == home
    assert paths.data_cache().is_relative_to(home)
    assert paths.runs() == home / "runs"


def test_without_the_variable_runs_lie_in_the_checkout_and_the_cache_outside(monkeypatch):
    monkeypatch.delenv("MDESIGN_HOME")
    assert paths.runs() == paths.repository() / "runs"
    assert not paths.home().is_relative_to(paths.repository())


def test_mirror_is_none_unless_named(monkeypatch, tmp_path):
    assert paths.data_mirror() is None
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", str(tmp_path))
    assert paths.data_mirror() == tmp_path


def test_run_folder_is_made(home):
    folder = paths.run_folder("gidn", "quick")
    assert folder == home / "runs" / "quick" / "gidn"
    assert folder.is_dir()


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", ".hidden"])
def test_run_folder_refuses_names_that_are_no_folder(home, name):
    with pytest.raises(ValueError, match="profile must be a plain folder name"):
        paths.run_folder("gidn", name)
    with pytest.raises(ValueError, match="paper must be a plain folder name"):
        paths.run_folder(name, "quick")
    assert not home.exists()


def test_written_whole_replaces_only_at_the_end(tmp_path):
    target = tmp_path / "new" / "a.txt"
    target.parent.mkdir()
    target.write_text("old")
    with paths.written_whole(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.suffix == ".txt"
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_written_whole_leaves_the_old_file_when_it_fails(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="half"), paths.written_whole(target) as temporary:
        temporary.write_text("ne")
        raise RuntimeError("half")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_written_whole_refuses_a_folder_and_names_the_file_of_a_full_disk(tmp_path):
    with (
        pytest.raises(IsADirectoryError, match=f"a folder lies .*: '{tmp_path}'"),
        paths.written_whole(tmp_path),
    ):
        pytest.fail("wrote into a folder")
    with (
        pytest.raises(OSError, match=r"No space left: '.*/a\.txt'"),
        paths.written_whole(tmp_path / "a.txt"),
    ):
        raise OSError(errno.ENOSPC, "No space left")


def test_a_temporary_folder_is_removed(tmp_path):
    with paths.temporary_folder(tmp_path / "new", "a") as folder:
        (folder / "b").mkdir()
        (folder / "b" / "c").touch()
        paths.sweep(tmp_path / "new")
        assert folder.is_dir()
    assert not list((tmp_path / "new").iterdir())


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_written_whole_gives_the_usual_permissions(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    with paths.written_whole(tmp_path / "whole") as temporary:
        temporary.write_text("")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (plain, tmp_path / "whole")}
    assert len(modes) == 1
