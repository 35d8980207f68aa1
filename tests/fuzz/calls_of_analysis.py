"""Valid calls of everything public in `mdesign.analysis` and `mdesign.studies`."""

from functools import cache
from pathlib import Path

import keras
import numpy as np
from calls_of_design import KEPT, eagerly
from fuzzing import Calls, named, valid

from mdesign.analysis import ascent, calibration, gradient_accuracy, gradients
from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.mdn import Mixture
from mdesign.models.structure_property.training import NetworkSettings
from mdesign.models.vae.training import GenerationSettings
from mdesign.physics import PorousMedium
from mdesign.studies import added_data, materials
from mdesign.training.fit import FitSettings

RNG = np.random.default_rng(6)
GREY = RNG.random((3, 8, 8))
PHASES = RNG.integers(0, 2, (3, 8, 8)).astype(np.uint8)
PIXELS = np.array([[0, 5], [1, 63], [7, 30]])
LATENTS = RNG.normal(size=(3, 2))
SLOPES = RNG.normal(size=(3, 8, 8))
VECTORS = RNG.normal(size=(3, 4))
WEIGHTS = np.log(np.full((4, 2), 0.5))
MIXTURE = Mixture(WEIGHTS, RNG.uniform(-0.5, 0.5, (4, 2, 3)), np.full((4, 2, 3), 0.3))
OBSERVED = RNG.uniform(-0.9, 0.9, (4, 3))
MEDIUM = PorousMedium(pore_modulus=0.1)
FEW = NetworkSettings((2, 2, 2, 2, 2), 4, FitSettings(batch_size=4, steps=1, check_every=1))
GENERATIONS = GenerationSettings("vae", 32, 0.1, 1, batch_size=2)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def samples(n: int) -> Labelled:
    """Images with the share of ones and its square as properties."""
    share = RNG.uniform(0.4, 0.9, n)
    phases = (RNG.random((n, 32, 32)) < share[:, None, None]).astype(np.uint8)
    return Labelled(phases, np.stack([share, share**2], axis=1))


SETS = LabelledSets(samples(6), samples(4), samples(5))
SOURCE = samples(7)
CURVES = {"again": np.zeros((2, 3, 2))}
STUDY = materials.MaterialStudy(
    SETS,
    {"again": SOURCE},
    {},
    {},
    added_data.AddedData((1, 2), np.zeros((3, 2)), np.ones((3, 2)), CURVES),
    np.zeros(2),
)


@cache
def decoder() -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(64, "sigmoid"), keras.layers.Reshape((8, 8, 1))]
    return keras.Sequential([keras.Input((2,)), *layers])


@cache
def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Flatten(), keras.layers.Dense(2, "tanh")]
    return keras.Sequential([keras.Input((8, 8, 1)), *layers])


@cache
def exact() -> gradient_accuracy.ExactGradients:
    return gradient_accuracy.compute_exact_gradients(
        MEDIUM, PHASES, decoder(), LATENTS, n_flips=2, rng=rng()
    )


def calls() -> Calls:
    """A valid call of each public function, by its name; a class by its constructor."""
    of_latents = {"decoder": decoder(), "latents": LATENTS}
    slope = {"gradient": gradient_accuracy.solid_fraction}
    climb = {"step": 0.05, "record": [0, 2]}
    observed = {"mixture": MIXTURE, "points": OBSERVED, "bound": 1.0}
    few = {"sets": SETS, "settings": FEW, "n_draws": 1, "folder": Path(KEPT.name)}
    table = {
        "ascend_images": lambda: dict(images=GREY, **slope, **climb),
        "ascend_latents": lambda: dict(**of_latents, **slope, **climb),
        "grey_share": lambda: dict(images=GREY, margin=0.2),
        "morphology": lambda: dict(images=GREY, authentic=PHASES),
        "path_slopes": lambda: dict(values=VECTORS, along=VECTORS[::-1]),
        "best_widening": lambda: dict(limits=(0.5, 2.0), **observed),
        "coverage": lambda: dict(levels=[0.1, 0.4], nominal=[0.3, 0.5]),
        "density_levels": lambda: dict(n_draws=3, rng=rng(), **observed),
        "widened": lambda: dict(mixture=MIXTURE, factor=2.0),
        "compute_exact_gradients": lambda: dict(
            medium=MEDIUM, authentic=PHASES, n_flips=2, rng=rng(), **of_latents
        ),
        "solid_fraction": lambda: dict(images=GREY),
        "cosine_similarity": lambda: dict(first=VECTORS, second=VECTORS[::-1]),
        "decode_images": lambda: of_latents,
        "flip_changes": lambda: dict(solve=MEDIUM.modulus, phases=PHASES, pixels=PIXELS),
        "image_gradient": lambda: dict(
            predict=gradients.prediction(network()), images=GREY, batch_size=2
        ),
        "latent_gradient": lambda: dict(**slope, **of_latents),
        "prediction": lambda: dict(network=network(), output=1),
        "pull_back": lambda: dict(gradients=SLOPES, **of_latents),
        "push_forward": lambda: dict(directions=LATENTS[::-1], **of_latents),
        "remove_component": lambda: dict(vectors=VECTORS, directions=VECTORS[::-1]),
        "volume_directions": lambda: of_latents,
        "added_data_study": lambda: dict(sources={"copies": SOURCE}, sizes=[3], **few),
        "best_network": lambda: dict(added=SOURCE, sizes=[3], quantity=1, **few),
        "fraction_prediction": lambda: dict(reference=SETS.train, samples=SETS.test, degree=2),
        "fraction_regression": lambda: dict(sets=SETS, degree=2),
        "symmetric_copies": lambda: dict(samples=SOURCE, n=3, rng=rng()),
        "StudySettings": lambda: dict(
            generations=GENERATIONS, networks=FEW, sizes=(2, 3), n_draws=2
        ),
        "equivalent_number": lambda: dict(
            sizes=[100, 400], baseline=0.6, authentic=[0.7, 0.8], value=0.75
        ),
    }
    methods = {
        "ExactGradients.cosines": (exact().cosines, lambda: slope),
        **{
            f"MaterialStudy.{name}": (getattr(STUDY, name), lambda: dict(source="again"))
            for name in ("distances", "spreads", "gains")
        },
    }
    public = {}
    for module in MODULES:
        public |= vars(module)
    public |= {name: eagerly(public[name]) for name in ("added_data_study", "best_network")}
    return named(public, table) | {name: valid(*call) for name, call in methods.items()}


MODULES = (ascent, calibration, gradient_accuracy, gradients, added_data, materials)
PUBLIC = {name for module in MODULES for name in module.__all__}

#: Results that functions return, a protocol and types; and the study of a material, which trains
#: for seconds and whose parts are tried.
NOT_CALLED = {
    *("AddedData", "Ascent", "ExactGradients", "MaterialStudy"),
    *("ImageGradient", "ModulusSolver", "Prediction", "study_material"),
}
