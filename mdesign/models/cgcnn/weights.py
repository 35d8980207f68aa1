"""Weights of networks that were trained with the authors' code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.models.cgcnn.network import build_cgcnn
from mdesign.models.cgcnn.training import Cgcnn, GraphSettings
from mdesign.training.fit import Fitted

__all__ = ["load_cgcnn_weights"]

Arrays = Mapping[str, npt.NDArray[Any]]

_NORMALISATION = ("weight", "bias", "running_mean", "running_var")


def load_cgcnn_weights(path: str | Path, *, features: npt.ArrayLike | str | Path) -> Cgcnn:
    """Load a network that was trained with the authors' code in PyTorch, for regression.

    Parameters
    ----------
    path : str or pathlib.Path
        An archive of NumPy with the arrays of the state by name, such as
        ``convs.0.fc_full.weight``, and those of the normaliser, ``normalizer.mean`` and
        ``normalizer.std`` (0 and 1 if they are not there). Where PyTorch is installed, ::

            state = torch.load("model.pth.tar", map_location="cpu", weights_only=False)
            arrays = {name: values.numpy() for name, values in state["state_dict"].items()}
            scale = {f"normalizer.{name}": state["normalizer"][name] for name in ("mean", "std")}
            numpy.savez("model.npz", **arrays, **scale)

    features : array_like, shape (n, m), or str or pathlib.Path
        Features of the element of each atomic number, row 0 for none, or the file
        ``atom_init.json`` that has them: those with which the network was trained, for it knows no
        others.

    Returns
    -------
    Cgcnn
        With the twelve nearest neighbours within the distance of the last Gaussian, 8 Å in the
        published networks.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If an array is missing or does not fit.

    References
    ----------
    github.com/txie-93/cgcnn
    """
    arrays = _archive(Path(path))
    try:
        model = _filled(arrays, _table(features))
    except KeyError as error:
        raise ValueError(f"{path} must have an array {error}; got {sorted(arrays)}") from None
    cutoff = 0.2 * (model.get_layer("gaussians").output.shape[-1] - 1)
    mean, deviation = (
        float(np.asarray(arrays.get(f"normalizer.{name}", default)).squeeze())
        for name, default in (("mean", 0.0), ("std", 1.0))
    )
    return Cgcnn(
        Fitted(model, {}, 0.0), GraphSettings(rule="nearest", cutoff=cutoff), mean, deviation
    )


def _archive(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read all arrays of an archive."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, AttributeError, EOFError, BadZipFile) as error:
        raise ValueError(f"path must be an archive of NumPy, .npz; got {path}: {error}") from None


def _table(features: npt.ArrayLike | str | Path) -> npt.ArrayLike:
    """Read a table of features, lists by atomic number."""
    if not isinstance(features, str | Path):
        return features
    rows = json.loads(Path(features).read_text(encoding="utf-8"))
    table = np.zeros((1 + max(map(int, rows)), len(next(iter(rows.values())))), np.float32)
    for number, row in rows.items():
        table[int(number)] = row
    return table


def _filled(arrays: Arrays, features: npt.ArrayLike) -> keras.Model:
    """Build the network of the sizes of the arrays, and set its weights."""
    width, n_features = arrays["embedding.weight"].shape
    hidden = arrays["conv_to_fc.weight"].shape[0]
    output = arguments.array("fc_out.weight", arrays["fc_out.weight"], f"(1, {hidden})")
    n_convolutions, n_hidden = (
        _count(arrays, "convs.{}.fc_full.weight"),
        _count(arrays, "fcs.{}.weight"),
    )
    model = build_cgcnn(
        width=width,
        n_convolutions=n_convolutions,
        hidden=hidden,
        n_hidden=1 + n_hidden,
        n_gaussians=arrays["convs.0.fc_full.weight"].shape[1] - 2 * width,
        features=features,
        seed=0,
    )
    layers = {layer.name: layer for layer in model.layers}
    elements = layers["elements"]
    if elements.kernel.shape[0] != n_features:
        raise ValueError(
            f"features must have {n_features} columns, as the network was trained with; "
            f"got {elements.kernel.shape[0]}"
        )
    elements.kernel.assign(arrays["embedding.weight"].T)
    elements.bias.assign(arrays["embedding.bias"])
    for number in range(n_convolutions):
        _fill_convolution(layers[f"convolution_{number + 1}"], arrays, f"convs.{number}", width)
    for number in range(1 + n_hidden):
        name = f"fcs.{number - 1}" if number else "conv_to_fc"
        layers[f"hidden_{number + 1}"].set_weights(
            [arrays[f"{name}.weight"].T, arrays[f"{name}.bias"]]
        )
    layers["property"].set_weights([output.T, arrays["fc_out.bias"]])
    return model


def _fill_convolution(layer: Any, arrays: Arrays, name: str, width: int) -> None:
    """Cut the one matrix of the authors into those of centre, neighbour and edge."""
    weight = arrays[f"{name}.fc_full.weight"].T
    layer.centre.set_weights([weight[:width], arrays[f"{name}.fc_full.bias"]])
    layer.neighbour.set_weights([weight[width : 2 * width]])
    layer.edge.set_weights([weight[2 * width :]])
    layer.of_edges.set_weights([arrays[f"{name}.bn1.{part}"] for part in _NORMALISATION])
    layer.of_atoms.set_weights([arrays[f"{name}.bn2.{part}"] for part in _NORMALISATION])


def _count(arrays: Arrays, pattern: str) -> int:
    """Count the layers of a kind, which are numbered from 0."""
    n = 0
    while pattern.format(n) in arrays:
        n += 1
    return n
