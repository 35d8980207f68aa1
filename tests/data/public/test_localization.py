"""The published cells are read as published, and one contrast is not taken for another."""

import os

import numpy as np
import pytest

from mdesign import data, paths
from mdesign.data.public.localization import CONTRASTS, key_of, strained_cells

# The user's own folders, before a test is given its own.
USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())

STIFF = {10: [1] * 10, 50: [1, 5, 9, 12, 16, 20, 24, 27, 31, 35]}


def test_every_contrast_is_tested_and_in_the_registry():
    assert set(CONTRASTS) == set(STIFF)
    keys = {key_of(contrast) for contrast in CONTRASTS}
    assert keys == {file.key for file in data.find("localization")}


def test_a_contrast_must_be_known(home):
    with pytest.raises(ValueError, match=r"contrast must be one of \[10, 50\]; got 20"):
        strained_cells(20)


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_phases_and_strain_are_as_published(contrast, monkeypatch):
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)
    try:
        cells = strained_cells(contrast)
    except data.DataNotReachable as error:
        pytest.skip(str(error))
    assert cells.phases.shape == cells.strain.shape == (10, 21, 21, 21)
    assert cells.phases.dtype == np.uint8
    assert cells.phases.sum(axis=(1, 2, 3)).tolist() == STIFF[contrast]
    np.testing.assert_allclose(cells.strain.mean(axis=(1, 2, 3)), 1)
    # What is stiff stretches less than anything around it.
    stiff = cells.phases == 1
    assert cells.strain[stiff].max() < np.quantile(cells.strain[~stiff], 0.1)
