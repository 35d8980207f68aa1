"""Embeddings: activations of a layer, their projections to the plane, and nearest examples."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from mdesign import arguments
from mdesign.training.predict import predict_in_blocks

__all__ = ["activations", "nearest_examples", "principal_components", "tsne"]

_AT_ONCE = 4_096
_FEW = 1_000


def activations(network: keras.Model, inputs: npt.ArrayLike, layer: str) -> npt.NDArray[np.float32]:
    """Compute the output of a layer, flattened to (n, width), for inputs (n, ...).

    Raises
    ------
    ValueError
        If the network has no layer of this name, or the inputs do not fit.
    """
    names = [one.name for one in network.layers]
    layer = arguments.choice("layer", layer, names)
    part = keras.Model(network.input, network.get_layer(layer).output)
    values = predict_in_blocks(part, inputs, size=_AT_ONCE, prepare=np.float32)
    return values.reshape(len(values), int(np.prod(values.shape[1:])))


def principal_components(
    values: npt.ArrayLike, n_components: int = 2
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Project vectors (n, d) on their principal components.

    Returns
    -------
    scores : ndarray, shape (n, n_components)
        The sign of a component is free; here its largest weight is positive.
    shares : ndarray, shape (n_components,)
        Shares of the variance; zero if all vectors are equal.

    Raises
    ------
    ValueError
        If there are fewer than two vectors, or fewer than `n_components` vectors or dimensions.
    """
    vectors = arguments.array("values", values, "(n, d)")
    if len(vectors) < 2:
        raise ValueError(f"values must be two vectors or more; got {len(vectors)}")
    most = min(vectors.shape)
    n_components = arguments.whole("n_components", n_components, f"[1, {most}]")
    fitted = PCA(n_components, svd_solver="full").fit(vectors)
    signs = np.sign(
        fitted.components_[np.arange(n_components), np.abs(fitted.components_).argmax(axis=1)]
    )
    shares = np.nan_to_num(fitted.explained_variance_ratio_)
    return fitted.transform(vectors) * np.where(signs == 0, 1, signs), shares


def tsne(
    values: npt.ArrayLike, *, perplexity: float = 30.0, seed: int = 0
) -> npt.NDArray[np.float64]:
    """Place vectors (n, d) in the plane, (n, 2), so that neighbours stay neighbours.

    Distances between far groups, and their sizes, mean nothing. Van der Maaten and Hinton, J. Mach.
    Learn. Res. 9, 2579 (2008).
    """
    vectors = arguments.not_empty("values", arguments.array("values", values, "(n, d)"))
    perplexity = arguments.number("perplexity", perplexity, "[1, inf)")
    if not perplexity < len(vectors):
        raise ValueError(
            f"perplexity must be below the number of vectors, {len(vectors)}; got {perplexity:g}"
        )
    seed = arguments.whole("seed", seed, "[0, inf)")
    if not np.ptp(vectors, axis=0).any():
        raise ValueError(f"values must differ; got {len(vectors)} equal vectors")
    # Threads wait for one another in each of a thousand steps, which few points do not repay.
    with threadpool_limits(1 if len(vectors) < _FEW else None, user_api="openmp"):
        placed = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(vectors)
    return placed.astype(np.float64)


def nearest_examples(
    queries: npt.ArrayLike, examples: npt.ArrayLike, k: int = 5, *, metric: str = "cosine"
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Find the examples (n, d) nearest to each query (m, d), nearest first.

    In the activations of a trained network this explains a prediction by known examples.

    Returns
    -------
    rows : ndarray of int, shape (m, k)
        Rows of the examples.
    distances : ndarray, shape (m, k)
        One minus the cosine, or the Euclidean distance.

    Raises
    ------
    ValueError
        If there are fewer than `k` examples, or queries and examples differ in width.
    """
    known = arguments.not_empty("examples", arguments.array("examples", examples, "(n, d)"))
    wanted = arguments.array("queries", queries, f"(m, {known.shape[1]})")
    k = arguments.whole("k", k, f"[1, {len(known)}]")
    metric = arguments.choice("metric", metric, ("cosine", "euclidean"))
    if not len(wanted):
        return np.empty((0, k), np.int64), np.empty((0, k))
    search = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(known)
    distances, rows = search.kneighbors(wanted)
    return rows.astype(np.int64), distances
