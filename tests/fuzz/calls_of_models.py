"""Valid calls of everything public in `mdesign.models`."""

import functools
import importlib
import pkgutil
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from fuzzing import Calls, named, valid

from mdesign import models
from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.data.sets.stiffness import COMPOSITE, StiffnessCells
from mdesign.data.sets.strains import CellSettings
from mdesign.models.features import build_feature_network
from mdesign.models.gan.network import GanWeights, build_discriminator, build_generator
from mdesign.models.gan.training import GanSettings, GanTraining
from mdesign.models.gidn import Box, VolumePenalty, build_designer, build_predictor
from mdesign.models.homogenization.baselines import two_point_regression
from mdesign.models.homogenization.network import build_homogenization_cnn
from mdesign.models.homogenization.training import StiffnessNetwork
from mdesign.models.localization.agents import AgentSettings, MultiAgent, SingleAgent
from mdesign.models.localization.mks import InfluenceCoefficients
from mdesign.models.localization.neighbourhood import (
    LocalizationNetwork,
    Neighbourhoods,
    NeighbourhoodSettings,
)
from mdesign.models.localization.neighbourhood_network import build_localization_cnn
from mdesign.models.localization.whole_field import WholeFieldNetwork, WholeFieldSettings
from mdesign.models.localization.whole_field_network import build_whole_field
from mdesign.models.mdn import build_mdn, mixture_of
from mdesign.models.structure_property.network import build_structure_property
from mdesign.models.structure_property.training import Learner, NetworkSettings
from mdesign.models.structure_property.trait_training import Trait
from mdesign.models.surrogate.network import build_property_cnn
from mdesign.models.surrogate.training import Surrogate
from mdesign.models.vae.network import MorphologyWeights, build_decoder, build_encoder
from mdesign.models.vae.training import GenerationSettings, Generator
from mdesign.training.fit import FitSettings, Fitted

FOLDER = Path(tempfile.mkdtemp(prefix="mdesign-fuzz-"))
MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(models.__path__, "mdesign.models.")
    # See calls_of_chemistry, calls_of_crystals, calls_of_oxides and calls_of_sites.
    if not {"cgcnn", "crystal_sites", "elemnet", "oxides"} & set(module.name.split("."))
]
PUBLIC = {name for module in MODULES for name in getattr(module, "__all__", ())}

#: Nothing to be called by a user, or nothing that can be checked when it is called.
NOT_CALLED = {
    # Results, protocols, types, constants, and modules that are in the list of a package.
    *("Accuracy", "Designer", "FeatureSettings", "GanTraining", "Mixture", "Predictor"),
    *("TrainedNetwork", "TwoPointRegression", "StiffnessNetwork", "Surrogate"),
    *("LocalizationNetwork", "WholeFieldNetwork", "Generator"),
    *("SingleAgent", "MultiAgent", "UnitMean", "TraitTraining"),
    *("DENSE", "FEATURES", "FILTERS", "HEADS", "KINDS", "LOG_2_PI", "NAMES", "PAPER_FIT"),
    *("PENALTY", "SCALE_FLOOR", "STRAIN_SCALE", "trained_record"),
    # Functions of tensors, which Keras traces before there are values.
    *("collapse_loss", "gram", "real_or_not", "style_distance", "style_loss", "divergence"),
    *("squared_error", "floored_softplus", "shifted_elu", "project", "pixel_gradient"),
    *("directional_derivative", "gradient_error", "slope_error"),
}

RNG = np.random.default_rng(0)
SQUARES = RNG.integers(0, 2, (6, 16, 16)).astype(np.uint8)
LARGE = RNG.integers(0, 2, (4, 32, 32)).astype(np.uint8)
CELLS = RNG.integers(0, 2, (6, 4, 4, 4)).astype(np.uint8)
VALUES = RNG.random(6)
PAIRS = RNG.random((4, 2))
MAPS = RNG.random((2, 1, 2))
FIT = FitSettings(batch_size=2, epochs=1, patience=1)
STIFF = StiffnessCells(CELLS, VALUES + 1, np.ones((6, 3)))
FIELDS = CellSettings(2.0, 4).solve(CELLS)
SETS = LabelledSets(*(Labelled(LARGE, RNG.random((4, 2))) for _ in range(3)))
DESIGNS = RNG.random((3, 5))

GAN = GanSettings(
    n_fields=2, field_size=32, image_size=32, batch_size=2, n_steps=1, feature_filters=(2, 2)
)
VAE = GenerationSettings("vae", 16, 0.05, 1, n_latent=2, batch_size=2)
NETWORK = NetworkSettings(
    (2,) * 5, 2, FitSettings(batch_size=2, epochs=1, patience=1, steps=1, check_every=1)
)
AGENTS = AgentSettings(levels=2, voxels_per_cell=8, trees=2, contexts=2)
NEAR = NeighbourhoodSettings(FIT, side=3, filters=(2,), heads=(2,), planes_per_cell=1)
TRAIT = Trait(LARGE.astype(float), (np.ones((4, 32, 32)), np.ones(4)), weight=1.0, batch_size=2)

GENERATOR = build_generator((2, 2, 2, 2), seed=0)
DISCRIMINATOR = build_discriminator(32, (2, 2), seed=0)
FEATURES = build_feature_network((2, 2), seed=0)
ENCODER = build_encoder(16, width=0.05, n_latent=2, seed=0)
DECODER = build_decoder(16, width=0.05, n_latent=2, seed=0)
MADE = Generator(VAE, ENCODER, DECODER, {}, 0.0)
PREDICTOR = build_predictor(5, hidden=(4,), seed=0)
DESIGNER = build_designer(PREDICTOR, DESIGNS[:2])
MDN = build_mdn(2, n_components=3, hidden=(4,), seed=0)
MIXTURE = mixture_of(MDN, [0.1, 0.2])
CNN = build_homogenization_cnn(4, filters=(2,), dense=(2,), seed=0)
STIFFNESS = StiffnessNetwork(Fitted(CNN, {}, 0.0))
PLANES = LocalizationNetwork(
    Fitted(build_localization_cnn(3, filters=(2,), heads=(2,), seed=0), {}, 0.0)
)
WHOLE = WholeFieldNetwork(Fitted(build_whole_field(2, 1, seed=0), {}, 0.0))
REGRESSION = two_point_regression(STIFF, components=(1,), degrees=(1,))
PROPERTY = build_structure_property(32, 2, filters=(2,) * 5, head=2, seed=0)
LEARNER = Learner(SETS, NETWORK, None)
SURROGATE = Surrogate(
    build_property_cnn((2, 2), head=2, seed=0), np.ones(3), 1.0, Fitted(CNN, {}, 0.0)
)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def eagerly(function):
    """Call without compiling, which takes longer than a training of one step."""

    @functools.wraps(function)
    def call(**arguments):
        tf.config.run_functions_eagerly(True)
        try:
            return function(**arguments)
        finally:
            tf.config.run_functions_eagerly(False)

    return call


def calls() -> Calls:
    """A valid call of each public function, by its name; a class by its constructor."""
    public = {}
    for module in MODULES:
        public |= vars(module)
    return (
        named(public, _builders() | _others())
        | {name: valid(eagerly(public[name]), make) for name, make in _trainings().items()}
        | {name: valid(*call) for name, call in _methods().items()}
    )


def _builders():
    return {
        "Box": lambda: dict(low=0.0, high=1.0),
        "Gan": lambda: dict(
            generator=GENERATOR,
            discriminator=DISCRIMINATOR,
            features=FEATURES,
            weights=GanWeights(),
            discriminator_steps=2,
        ),
        "MixtureLoss": lambda: dict(n_components=2),
        "PeriodicPadding": lambda: dict(width=1),
        "Variational": lambda: dict(
            kind="morphology",
            encoder=ENCODER,
            decoder=DECODER,
            features=FEATURES,
            weights=MorphologyWeights(),
        ),
        "VolumeFraction": lambda: dict(soft_fraction=0.25),
        "VolumePenalty": lambda: dict(soft_fraction=0.25, weight=10.0),
        "build_decoder": lambda: dict(size=16, width=0.05, n_latent=2, seed=3),
        "build_designer": lambda: dict(
            predictor=PREDICTOR,
            starts=DESIGNS,
            constraint=Box(),
            regularizer=VolumePenalty(0.5),
            learning_rate=0.1,
            maximise=False,
        ),
        "build_discriminator": lambda: dict(image_size=16, filters=(2, 3), slope=0.1, seed=3),
        "build_encoder": lambda: dict(size=16, width=0.05, n_latent=2, variational=True, seed=3),
        "build_feature_network": lambda: dict(filters=(2, 3), seed=3),
        "build_generator": lambda: dict(filters=(2, 3), seed=3),
        "build_homogenization_cnn": lambda: dict(
            size=4, filters=(2, 3), dense=(2,), penalty=0.1, mean=2.0, deviation=3.0, seed=3
        ),
        "build_localization_cnn": lambda: dict(
            side=5, filters=(2,), heads=(2, 3), decay=0.1, seed=3
        ),
        "build_mdn": lambda: dict(
            n_outputs=2, n_components=3, hidden=(4,), scale="elu", standardise=(0.5, 2.0), seed=3
        ),
        "build_predictor": lambda: dict(
            n_inputs=5, hidden=(4, 3), dropout=0.2, initializer="glorot_uniform", seed=3
        ),
        "build_property_cnn": lambda: dict(
            filters=(2, 2), head=3, start=DISCRIMINATOR, frozen=True, seed=3
        ),
        "build_structure_property": lambda: dict(
            size=32, n_outputs=2, filters=(2,) * 5, head=2, mean=np.ones(2), deviation=1.5, seed=3
        ),
        "build_whole_field": lambda: dict(width=2, blocks=1, seed=3),
    }


def _others():
    return {
        "AgentSettings": lambda: dict(
            levels=3, axial=True, voxels_per_cell=9, trees=2, leaf=3, contexts=2, seed=1
        ),
        "FieldBatches": lambda: dict(data=FIELDS, batch_size=2),
        "FieldCrops": lambda: dict(settings=GAN, first=0),
        "GanSettings": lambda: dict(
            volume_fraction=0.4,
            correlation=(1.0, 0.4),
            field_size=64,
            n_fields=3,
            image_size=32,
            batch_size=3,
            n_steps=4,
            discriminator_steps=2,
            generator_rate=0.1,
            discriminator_rate=0.1,
            weights=GanWeights(),
            features="random",
            feature_filters=(2, 3),
            seed=1,
        ),
        "GanWeights": lambda: dict(collapse=2.0, style=3.0),
        "GenerationBatches": lambda: dict(images=SQUARES, settings=VAE, first=0),
        "GenerationSettings": lambda: dict(
            kind="vae",
            size=16,
            width=0.5,
            n_steps=3,
            n_latent=2,
            batch_size=3,
            rate=0.1,
            weights=MorphologyWeights(),
            features="imagenet",
            feature_filters=(2, 3, 4),
            seed=1,
        ),
        "InfluenceCoefficients": lambda: dict(values=CELLS[0] * 0.5),
        "Learner": lambda: dict(sets=SETS, settings=NETWORK, folder=FOLDER),
        "MorphologyWeights": lambda: dict(
            reconstruction=1.0, divergence=2.0, collapse=3.0, style=4.0
        ),
        "NeighbourhoodSettings": lambda: dict(
            training=FIT,
            side=3,
            filters=(2,),
            heads=(3,),
            decay=0.1,
            planes_per_cell=2,
            checked_per_cell=3,
        ),
        "Neighbourhoods": lambda: dict(phases=CELLS, side=3),
        "NetworkSettings": lambda: dict(
            filters=(2,) * 5, head=3, training=NETWORK.training, update_steps=2
        ),
        "PlaneBatches": lambda: dict(
            data=FIELDS,
            neighbourhoods=Neighbourhoods(CELLS, 3),
            batch_size=2,
            per_cell=1,
            rng=rng(),
        ),
        "Trait": lambda: dict(
            images=LARGE * 0.5,
            known=(np.ones((4, 32, 32)), np.ones(4)),
            weight=1.0,
            batch_size=2,
        ),
        "WholeFieldSettings": lambda: dict(training=FIT, width=2, blocks=1),
        "accuracy": lambda: dict(predicted=VALUES, true=VALUES + 1),
        "artificial": lambda: dict(model=MADE, n=2, rng=rng(), size=16),
        "bound_slopes": lambda: dict(fractions=[0.2, 0.4], bound=np.square, step=1e-3),
        "by_level": lambda: dict(influence=CELLS[0] * 0.5),
        "check_features": lambda: dict(settings=GAN),
        "check_shape": lambda: dict(size=16, width=0.5, n_latent=3),
        "decode": lambda: dict(generator=GENERATOR, latents=MAPS),
        "feature_network": lambda: dict(settings=GAN),
        "first_excitations": lambda: dict(model=CNN, cells=CELLS[..., None]),
        "first_filters": lambda: dict(model=CNN),
        "images_of": lambda: dict(phases=SQUARES),
        "influence_of_flips": lambda: dict(
            predict=lambda cells: cells.astype(float), phases=CELLS, n_flips=3, rng=rng()
        ),
        "load_discriminator": lambda: dict(name="own"),
        "load_generator": lambda: dict(name="own"),
        "log_density": lambda: dict(mixture=MIXTURE, points=np.full((2, 2), 0.3), bound=1.0),
        "mixture_of": lambda: dict(model=MDN, properties=VALUES),
        "mixture_rules": lambda: dict(fraction=VALUES, composite=COMPOSITE),
        "moved_cells": lambda: dict(cells=CELLS * 0.5, rng=rng()),
        "neighbour_features": lambda: dict(phases=CELLS, levels=2, axial=True),
        "neighbour_levels": lambda: dict(shape=(3, 4, 5)),
        "predict": lambda: dict(model=PROPERTY, phases=LARGE),
        "r_squared": lambda: dict(computed=PAIRS, predicted=PAIRS[::-1]),
        "random_fields": lambda: dict(settings=GAN, n=2, size=16, rng=rng()),
        "sample_mixture": lambda: dict(mixture=MIXTURE, n=3, rng=rng(), bound=1.0),
        "settle_norms": lambda: dict(
            model=build_discriminator(16, (2,), seed=0), inputs=SQUARES[..., None] * 0.5
        ),
        "shifted_and_turned": lambda: dict(patterns=SQUARES, rng=rng()),
        "standardised": lambda: dict(model=PROPERTY),
        "strain_error": lambda: dict(predicted=CELLS * 1.0, strains=CELLS + 0.5),
        "texture": lambda: dict(generator=GENERATOR, settings=GAN, n=2, seed=1),
        "trait_similarity": lambda: dict(model=VALUES, physics=VALUES + 1),
        "two_point_features": lambda: dict(phases=CELLS, max_lag=1),
        "two_point_regression": lambda: dict(
            cells=STIFF, components=(1, 2), degrees=(1,), validation_share=0.4, max_lag=1, seed=1
        ),
        "whitened": lambda: dict(network=FEATURES, images=SQUARES[..., None] * 2.0 - 1),
    }


def _trainings():
    return {
        "optimise_designs": lambda: dict(
            predictor=PREDICTOR,
            starts=DESIGNS,
            steps=1,
            constraint=Box(),
            regularizer=VolumePenalty(0.5),
            learning_rate=0.1,
            maximise=True,
            chunk_size=2,
            path=True,
            progress=False,
        ),
        "run_designer": lambda: dict(designer=DESIGNER, starts=DESIGNS, steps=2, path=False),
        "save_training": lambda: dict(
            training=GanTraining(GENERATOR, DISCRIMINATOR, {"generator": [1.0]}, 2.0),
            settings=GAN,
            folder=FOLDER,
            n=2,
        ),
        "train_gan": lambda: dict(settings=GAN, folder=FOLDER, checkpoint_every=2, progress=False),
        "train_generations": lambda: dict(
            images=SQUARES, settings=VAE, folder=FOLDER, checkpoint_every=2, progress=False
        ),
        "train_homogenization_cnn": lambda: dict(
            cells=STIFF,
            filters=(2,),
            dense=(2,),
            penalty=0.1,
            moved=True,
            settings=FIT,
            folder=FOLDER,
            progress=False,
        ),
        "train_localization_network": lambda: dict(
            training=FIELDS, validation=FIELDS, settings=NEAR, folder=FOLDER, progress=False
        ),
        "train_surrogate": lambda: dict(
            patterns=SQUARES,
            values=VALUES,
            filters=(2, 2),
            start=DISCRIMINATOR,
            frozen=True,
            settings=FIT,
            folder=FOLDER,
            progress=False,
        ),
        "train_whole_field": lambda: dict(
            training=FIELDS,
            validation=FIELDS,
            settings=WholeFieldSettings(FIT, 2, 1),
            folder=FOLDER,
            progress=False,
        ),
        "train_with_trait": lambda: dict(
            sets=SETS, trait=TRAIT, settings=NETWORK, output=1, folder=FOLDER, progress=False
        ),
    }


def _methods():
    cells, learner = (lambda: dict(phases=CELLS)), eagerly(LEARNER.network)
    single = SingleAgent.trained(FIELDS, AGENTS)
    several = MultiAgent.trained(FIELDS, AGENTS)
    trained = lambda: dict(data=FIELDS, settings=AGENTS)  # noqa: E731
    return {
        "AgentSettings.features": (AGENTS.features, cells),
        "Generator.codes": (MADE.codes, lambda: dict(phases=SQUARES)),
        "Generator.grey": (MADE.grey, lambda: dict(latents=PAIRS)),
        "Generator.latents": (MADE.latents, lambda: dict(n=2, rng=rng())),
        "Generator.load": (Generator.load, lambda: dict(folder=_saved())),
        "Generator.sample": (MADE.sample, lambda: dict(n=2, rng=rng())),
        "Generator.save": (MADE.save, lambda: dict(folder=FOLDER)),
        "InfluenceCoefficients.__call__": (InfluenceCoefficients(CELLS[0] * 0.1), cells),
        "InfluenceCoefficients.of_inclusion": (
            InfluenceCoefficients.of_inclusion,
            lambda: dict(settings=CellSettings(2.0, 4), stiff_matrix=True),
        ),
        "Learner.network": (learner, lambda: dict(draw=1, added=SETS.test, size=2)),
        "LocalizationNetwork.__call__": (PLANES, cells),
        "MultiAgent.__call__": (several, cells),
        "MultiAgent.trained": (MultiAgent.trained, trained),
        "NetworkSettings.looks": (NETWORK.looks, lambda: dict(steps=3)),
        "SingleAgent.__call__": (single, cells),
        "SingleAgent.trained": (SingleAgent.trained, trained),
        "StiffnessNetwork.__call__": (STIFFNESS, cells),
        "StiffnessNetwork.averaged": (
            STIFFNESS.averaged,
            lambda: dict(phases=CELLS, copies=2, rng=rng()),
        ),
        "Surrogate.__call__": (SURROGATE, lambda: dict(patterns=SQUARES)),
        "TwoPointRegression.__call__": (REGRESSION, cells),
        "WholeFieldNetwork.__call__": (eagerly(WHOLE), cells),
    }


def _saved() -> Path:
    MADE.save(FOLDER)
    return FOLDER
