"""Layers of crystal graph networks."""

from __future__ import annotations

from typing import Any, no_type_check

import keras

__all__ = [
    "CONVOLUTIONS",
    "Above",
    "ElementVectors",
    "GaussianDistances",
    "GraphConvolution",
    "MeanOfCrystal",
]

CONVOLUTIONS = ("gated", "simple")
"""Kinds of `GraphConvolution`."""


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class ElementVectors(keras.layers.Layer):
    """Linear map of the features of an element, looked up by the atomic number."""

    def __init__(self, shape: tuple[int, int], width: int, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self._shape, self._width, self._seed = tuple(shape), width, seed

    def build(self, _: Any) -> None:
        """Make room for the features, which are kept with the weights."""
        self.features = self.add_weight(shape=self._shape, trainable=False, name="features")
        self.kernel = self.add_weight(
            shape=(self._shape[1], self._width),
            initializer=keras.initializers.GlorotUniform(seed=self._seed),
            name="kernel",
        )
        self.bias = self.add_weight(shape=(self._width,), initializer="zeros", name="bias")

    def call(self, numbers: Any) -> Any:
        """Vectors (n, width) of atoms (n,)."""
        vectors = keras.ops.matmul(self.features, self.kernel) + self.bias
        return keras.ops.take(vectors, numbers, axis=0)

    def compute_output_shape(self, shape: Any) -> Any:
        """One vector an atom."""
        return (*shape, self._width)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        own = {"shape": self._shape, "width": self._width, "seed": self._seed}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class GaussianDistances(keras.layers.Layer):
    """Gaussians of a distance in Å, centred at equal steps from zero on, as wide as a step."""

    def __init__(self, n: int = 41, step: float = 0.2, **options: Any) -> None:
        super().__init__(**options)
        self._n, self._step = n, step

    def call(self, distances: Any) -> Any:
        """Features (n_edges, n) of distances (n_edges,)."""
        centres = keras.ops.arange(self._n, dtype=self.compute_dtype) * self._step
        return keras.ops.exp(-(((distances[:, None] - centres) / self._step) ** 2))

    def compute_output_shape(self, shape: Any) -> Any:
        """All Gaussians of each edge."""
        return (*shape, self._n)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return super().get_config() | {"n": self._n, "step": self._step}


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class GraphConvolution(keras.layers.Layer):
    """Update each atom by its neighbours.

    Gated: ``v + BN(sum(sigmoid(f) softplus(c)))`` with ``f, c = BN(W [v_i, v_j, u] + b)``. Simple:
    ``BN(W_n sum([v_j, u]) + W_s v_i + b)``. A softplus follows either. Linear maps of atoms are
    taken before these are spread along the edges, which has the same result for a tenth of the
    work.
    """

    def __init__(self, width: int, kind: str, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self._width, self._kind, self._seed = width, kind, seed
        n = 2 * width if kind == "gated" else width
        self.centre = self._linear("centre", n, 0, use_bias=True)
        self.neighbour = self._linear("neighbour", n, 1)
        self.edge = self._linear("edge", n, 2)
        self.of_edges: Any = self._normalisation("of_edges") if kind == "gated" else None
        self.of_atoms = self._normalisation("of_atoms")

    def _linear(self, name: str, n: int, place: int, *, use_bias: bool = False) -> Any:
        start = keras.initializers.VarianceScaling(
            1 / 3, "fan_in", "uniform", seed=self._seed + place
        )
        return keras.layers.Dense(
            n, use_bias=use_bias, kernel_initializer=start, name=name, dtype=self.dtype_policy
        )

    def _normalisation(self, name: str) -> Any:
        return keras.layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, name=name, dtype=self.dtype_policy
        )

    def build(self, shapes: Any) -> None:
        """Make the weights for atoms (n, width) and edges (n_edges, n)."""
        atoms, edges = shapes[0], shapes[1]
        self.centre.build(atoms)
        self.neighbour.build(atoms)
        self.edge.build(edges)
        self.of_atoms.build(atoms)
        if self.of_edges is not None:
            self.of_edges.build((None, 2 * self._width))
        self.built = True

    def call(self, inputs: list[Any], training: bool | None = None) -> Any:
        """Update atoms, given features, ends and mask of the edges, and the mask of the atoms."""
        atoms, edges, sources, targets, edge_mask, atom_mask = inputs
        if self._kind == "gated":
            mixed = (
                keras.ops.take(self.centre(atoms), sources, axis=0)
                + keras.ops.take(self.neighbour(atoms), targets, axis=0)
                + self.edge(edges)
            )
            mixed = self.of_edges(mixed, training=training, mask=edge_mask)
            gate, core = mixed[:, : self._width], mixed[:, self._width :]
            messages = keras.ops.sigmoid(gate) * keras.ops.softplus(core)
            total = self._sum(messages, sources, atoms)
            return keras.ops.softplus(
                atoms + self.of_atoms(total, training=training, mask=atom_mask)
            )
        neighbours = self._sum(keras.ops.take(atoms, targets, axis=0), sources, atoms)
        total = (
            self.centre(atoms)
            + self.neighbour(neighbours)
            + self.edge(self._sum(edges, sources, atoms))
        )
        return keras.ops.softplus(self.of_atoms(total, training=training, mask=atom_mask))

    def _sum(self, values: Any, sources: Any, atoms: Any) -> Any:
        """Sum what the edges of each atom carry."""
        n = keras.ops.shape(atoms)[0]
        return keras.ops.segment_sum(values, sources, num_segments=n)

    def compute_output_shape(self, shapes: Any) -> Any:
        """As many vectors as before."""
        return shapes[0]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        own = {"width": self._width, "kind": self._kind, "seed": self._seed}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class MeanOfCrystal(keras.layers.Layer):
    """Mean over the atoms of each crystal; atoms of the crystal after the last are padding."""

    def call(self, inputs: list[Any]) -> Any:
        """Means (n, k) of values (n_atoms, k), crystals (n_atoms,) and numbers of atoms (n,)."""
        values, crystals, sizes = inputs
        n = keras.ops.shape(sizes)[0] + 1
        totals = keras.ops.segment_sum(values, crystals, num_segments=n)
        return totals[:-1] / keras.ops.cast(sizes, values.dtype)[:, None]

    def compute_output_shape(self, shapes: Any) -> Any:
        """One vector a crystal."""
        return (shapes[2][0], shapes[0][1])


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class Above(keras.layers.Layer):
    """Tell which values are above a bound."""

    def __init__(self, above: float, **options: Any) -> None:
        super().__init__(**options)
        self._above = above

    def call(self, values: Any) -> Any:
        """Booleans of the same shape."""
        return values > self._above

    def compute_output_spec(self, values: Any) -> Any:
        """Booleans."""
        return keras.KerasTensor(values.shape, dtype="bool")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return super().get_config() | {"above": self._above}
