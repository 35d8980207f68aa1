"""The comparison tells good patterns from bad ones."""

import numpy as np
import pytest

from mdesign.microstructure import compare_textures, gaussian_random_fields


def fields(seed, fraction=0.3, scale=3):
    return gaussian_random_fields(
        200,
        (48, 48),
        volume_fraction=fraction,
        correlation=lambda lag: np.exp(-lag / scale),
        rng=np.random.default_rng(seed),
    )


def test_patterns_of_one_kind_agree():
    found = compare_textures(fields(0), fields(1))
    assert found.two_point_error < 0.02
    assert found.lineal_path_error < 0.02
    assert found.volume_fraction == pytest.approx(0.3, abs=0.02)
    assert found.volume_fraction_range[0] < 0.3 < found.volume_fraction_range[1]
    assert found.diversity == pytest.approx(1, abs=0.1)


def test_another_length_or_another_fraction_shows():
    assert compare_textures(fields(0, scale=1), fields(1)).two_point_error > 0.03
    assert compare_textures(fields(0, scale=1), fields(1)).lineal_path_error > 0.03
    assert compare_textures(fields(0, fraction=0.5), fields(1)).two_point_error > 0.1


def test_one_image_again_and_again_has_no_diversity():
    collapsed = np.repeat(fields(0)[:1], 50, axis=0)
    assert compare_textures(collapsed, fields(1)).diversity == 0


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="at least two patterns each, of one size"):
        compare_textures(fields(0), fields(1)[:, :32, :32])
