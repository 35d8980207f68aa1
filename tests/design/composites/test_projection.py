"""The projection onto the allowed designs."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mdesign.design.composites.projection import project


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, (2, 6), elements=st.floats(-3, 3)), st.floats(0.05, 0.95))
def test_projection_is_the_nearest_allowed_design(designs, soft_fraction):
    projected = project(designs, soft_fraction)
    np.testing.assert_allclose(projected.mean(axis=1), 1 - soft_fraction, atol=1e-12)
    assert projected.min() >= 0
    assert projected.max() <= 1
    # Variational inequality: no allowed direction brings it nearer to the design.
    for design, near in zip(designs, projected, strict=True):
        linear = scipy.optimize.linprog(
            near - design,
            A_eq=np.ones((1, 6)),
            b_eq=[6 * (1 - soft_fraction)],
            bounds=[(0, 1)] * 6,
        )
        assert linear.fun >= (near - design) @ near - 1e-9


def test_projection_refuses_bad_input():
    with pytest.raises(ValueError, match=r"soft_fraction must lie in \[0, 1\]; got 1.2"):
        project([[0.5]], 1.2)
    with pytest.raises(ValueError, match="finite"):
        project([[np.nan]], 0.5)
