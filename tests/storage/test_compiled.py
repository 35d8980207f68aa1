"""Machine code is kept where it can be."""

from numba.core.caching import CacheImpl

from mdesign.storage.compiled import compiled


def double(x):
    return 2 * x


def test_code_is_compiled_also_where_no_folder_can_be_written(monkeypatch):
    kept = compiled()(double)
    assert kept(3) == 6
    assert type(kept._cache).__name__ != "NullCache"
    # As root every folder can be written; numba then has no place either.
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    unkept = compiled()(double)
    assert unkept(3) == 6
    assert type(unkept._cache).__name__ == "NullCache"
