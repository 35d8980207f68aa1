import dataclasses
import errno
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mdesign.data.public import registry

CONTENT = b"public numbers\n" * 100
NOWHERE = "http://127.0.0.1:9/file.bin"  # the discard port: nobody answers


def public_file(url: str = NOWHERE) -> registry.PublicFile:
    return registry.PublicFile(
        key="group/file.bin",
        url=url,
        bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="CC0",
        citation="nobody",
    )


def put(folder: Path, content: bytes) -> Path:
    path = folder / "group" / "file.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def cached(home) -> Path:
    return home / "data" / "group" / "file.bin"


@pytest.fixture
def mirror(monkeypatch, tmp_path) -> Path:
    folder = tmp_path / "mirror"
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", str(folder))
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path):
    """A web server on this machine; yields its folder and address."""
    folder = tmp_path / "server"
    folder.mkdir()
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_port}/group/file.bin"
        running.shutdown()
        thread.join()


def test_registry_is_complete_and_fixed_in_version():
    known = registry.files()
    assert len(known) >= 4
    assert len({file.key for file in known}) == len(known)
    for file in known:
        assert file.url.startswith("https://")
        assert any(len(part) == 40 for part in file.url.split("/")), "no commit in the address"
        assert file.licence.strip()
        assert file.citation.strip()


def test_find_by_key_and_by_group():
    group = registry.find("gan_mdn")
    assert {file.key for file in group} >= {"gan_mdn/dataset_z4.hdf5", "gan_mdn/grf_examples.pkl"}
    assert registry.find(group[0].key) == (group[0],)
    with pytest.raises(ValueError, match=r"gan_mdn.*got 'nonsense'"):
        registry.find("nonsense")


def test_fetch_takes_keys_not_groups(home):
    with pytest.raises(ValueError, match="not a group"):
        registry.fetch("gan_mdn")


def test_a_key_is_looked_up_in_the_registry(home, mirror, cached, monkeypatch):
    monkeypatch.setattr(registry, "files", lambda: (public_file(),))
    put(mirror, CONTENT)
    assert registry.fetch("group/file.bin") == cached


def test_from_the_mirror_into_the_cache(mirror, cached):
    put(mirror, CONTENT)
    assert registry.fetch(public_file()) == cached
    assert cached.read_bytes() == CONTENT
    assert [path.name for path in cached.parent.iterdir()] == ["file.bin"]


def test_from_the_cache_without_asking_elsewhere(cached):
    cached.parent.mkdir(parents=True)
    cached.write_bytes(CONTENT)
    before = cached.stat().st_mtime_ns
    assert registry.fetch(public_file()) == cached
    assert cached.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("damaged", "fault"),
    [(CONTENT[:-1], "bytes instead of"), (b"x" + CONTENT[1:], "has sha256")],
    ids=["truncated", "altered"],
)
def test_a_damaged_cache_is_named_and_replaced(mirror, cached, damaged, fault):
    cached.parent.mkdir(parents=True)
    cached.write_bytes(damaged)
    put(mirror, CONTENT)
    with pytest.warns(UserWarning, match=f"{cached}.*{fault}"):
        registry.fetch(public_file())
    assert cached.read_bytes() == CONTENT


def test_a_damaged_mirror_is_named_and_passed_over(mirror, cached, server):
    folder, url = server
    put(folder, CONTENT)
    damaged = put(mirror, CONTENT[:50])
    with pytest.warns(UserWarning, match=f"{damaged} has 50 bytes"):
        registry.fetch(public_file(url))
    assert cached.read_bytes() == CONTENT


def test_from_the_network_silently_or_with_a_bar(cached, server, capfd):
    folder, url = server
    put(folder, CONTENT)
    registry.fetch(public_file(url))
    assert cached.read_bytes() == CONTENT
    assert capfd.readouterr() == ("", "")
    cached.unlink()
    registry.fetch(public_file(url), progress=True)
    assert "%" in capfd.readouterr().err


def test_another_file_at_the_address_is_refused(cached, server):
    folder, url = server
    put(folder, CONTENT[::-1])
    with pytest.raises(registry.DataNotReachable, match="has sha256"):
        registry.fetch(public_file(url))
    assert not list(cached.parent.iterdir())


def test_no_more_is_read_than_the_file_has(cached, server):
    folder, url = server
    put(folder, CONTENT * 500)
    with pytest.raises(registry.DataNotReachable, match=r"larger than 1500 bytes.*try again"):
        registry.fetch(public_file(url))
    assert not list(cached.parent.iterdir())


def test_a_folder_in_the_place_of_a_file_is_named(cached, server):
    folder, url = server
    put(folder, CONTENT)
    cached.mkdir(parents=True)
    with pytest.raises(IsADirectoryError, match=f"a folder lies .*{cached}"):
        registry.fetch(public_file(url))


def test_a_full_disk_is_no_missing_file(cached, server, monkeypatch):
    def full(self, chunk):
        raise OSError(errno.ENOSPC, "No space left on device")

    folder, url = server
    put(folder, CONTENT)
    monkeypatch.setattr(registry._Capped, "write", full)
    with pytest.raises(OSError, match=f"No space left on device: '{cached}'") as raised:
        registry.fetch(public_file(url))
    assert raised.value.errno == errno.ENOSPC


def test_nobody_there_says_how_to_try_again(cached):
    with pytest.raises(registry.DataNotReachable, match=r"mdesign data fetch group/file\.bin"):
        registry.fetch(public_file())
    assert not list(cached.parent.iterdir())


def test_a_missing_page_is_not_reachable(home, server):
    with pytest.raises(registry.DataNotReachable, match="404"):
        registry.fetch(public_file(server[1]))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "file.bin"),
        ("key", "../file.bin"),
        ("key", "/group/file.bin"),
        ("bytes", 0),
        ("url", "file.bin"),
        ("sha256", "abc"),
        ("sha256", "G" * 64),
    ],
)
def test_malformed_entries_are_refused(field, value):
    with pytest.raises(ValueError, match=f"{field} must"):
        dataclasses.replace(public_file(), **{field: value})
    with pytest.raises(TypeError, match=f"{field} must"):
        dataclasses.replace(public_file(), **{field: None})


@pytest.mark.parametrize("file", [None, 3, ["gan_mdn"]])
def test_a_file_is_fetched_by_its_key(file):
    with pytest.raises(TypeError, match="file must be a text"):
        registry.fetch(file)
