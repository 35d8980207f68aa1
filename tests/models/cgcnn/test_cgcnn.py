"""Crystal graph networks against an independent forward pass, and what must not change them."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from mdesign.crystals import Structure, crystal_graphs
from mdesign.data.sets.crystals import Crystals
from mdesign.models.cgcnn.batches import GraphBatches, as_inputs
from mdesign.models.cgcnn.network import build_cgcnn, site_model
from mdesign.models.cgcnn.training import SHORT_FIT, Cgcnn, GraphSettings, train_cgcnn
from mdesign.models.cgcnn.weights import load_cgcnn_weights
from mdesign.training.fit import Fitted

FEATURES = np.random.default_rng(9).integers(0, 2, (101, 92)).astype(np.float32)
"""Another table than that of the package, as the authors have another."""

SALT = Structure(2.82 * (1 - np.eye(3)), [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])


def crystals(n: int = 12, seed: int = 0) -> list[Structure]:
    """Distorted crystals of a few atoms on a grid, none too close."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        places = np.stack(np.meshgrid(*3 * [[0, 0.5]], indexing="ij"), -1).reshape(-1, 3)
        chosen = rng.permutation(8)[: rng.integers(1, 6)]
        lattice = 4.5 * (np.eye(3) + 0.15 * rng.uniform(-1, 1, (3, 3)))
        positions = places[chosen] + 0.04 * rng.normal(size=(len(chosen), 3))
        made.append(Structure(lattice, positions, rng.choice([8, 22, 38, 56, 26], len(chosen))))
    return made


def random_state(width: int = 8, hidden: int = 5, n_convolutions: int = 2, n_fcs: int = 1) -> dict:
    """Arrays of the names and shapes of the authors' code."""
    rng = np.random.default_rng(4)
    n = 2 * width

    def linear(name: str, outputs: int, inputs: int) -> dict:
        scale = 3 * inputs**-0.5  # so that crystals differ
        return {
            f"{name}.weight": scale * rng.normal(size=(outputs, inputs)),
            f"{name}.bias": rng.normal(size=outputs),
        }

    state = linear("embedding", width, 92)
    for number in range(n_convolutions):
        name = f"convs.{number}"
        state |= linear(f"{name}.fc_full", n, n + 41)
        for part, size in (("bn1", n), ("bn2", width)):
            state |= {
                f"{name}.{part}.weight": rng.normal(size=size),
                f"{name}.{part}.bias": rng.normal(size=size),
                f"{name}.{part}.running_mean": rng.normal(size=size),
                f"{name}.{part}.running_var": rng.uniform(0.5, 2, size),
                f"{name}.{part}.num_batches_tracked": np.array(7),
            }
    state |= linear("conv_to_fc", hidden, width)
    for number in range(n_fcs):
        state |= linear(f"fcs.{number}", hidden, hidden)
    return {
        **state,
        **linear("fc_out", 1, hidden),
        "normalizer.mean": np.array([-1.5]),
        "normalizer.std": np.array([0.7]),
    }


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


def published_forward(state: dict, structure: Structure, neighbours: int = 12) -> float:
    """Forward pass as the article writes it: one row for each pair, one matrix for all of it."""
    graph = crystal_graphs(structure, neighbours=neighbours, rule="nearest")
    targets = graph.targets.reshape(-1, neighbours)
    distances = graph.distances.reshape(-1, neighbours)
    edges = np.exp(-((distances[..., None] - np.arange(0, 8.1, 0.2)) ** 2) / 0.2**2)

    def linear(name: str, x: np.ndarray) -> np.ndarray:
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def normalised(name: str, x: np.ndarray) -> np.ndarray:
        deviation = np.sqrt(state[f"{name}.running_var"] + 1e-5)
        centred = (x - state[f"{name}.running_mean"]) / deviation
        return centred * state[f"{name}.weight"] + state[f"{name}.bias"]

    atoms = linear("embedding", FEATURES[structure.numbers])
    for name in ("convs.0", "convs.1"):
        centre = np.repeat(atoms[:, None], neighbours, axis=1)
        pairs = np.concatenate([centre, atoms[targets], edges], axis=-1)
        mixed = normalised(f"{name}.bn1", linear(f"{name}.fc_full", pairs))
        gate, core = np.split(mixed, 2, axis=-1)
        total = (softplus(core) / (1 + np.exp(-gate))).sum(axis=1)
        atoms = softplus(atoms + normalised(f"{name}.bn2", total))
    crystal = softplus(atoms.mean(axis=0))
    crystal = softplus(linear("fcs.0", softplus(linear("conv_to_fc", crystal))))
    return float(0.7 * linear("fc_out", crystal)[0] - 1.5)


def test_ported_weights_give_the_published_forward_pass(tmp_path):
    state = random_state()
    np.savez(tmp_path / "model.npz", **state)
    table = tmp_path / "atom_init.json"
    table.write_text(json.dumps({i: row.tolist() for i, row in enumerate(FEATURES) if i}))
    network = load_cgcnn_weights(tmp_path / "model.npz", features=table)
    several = [*crystals(), SALT, Structure(6.5 * np.eye(3), [[0, 0, 0]], [11])]
    expected = [published_forward(state, one) for one in several]
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(network(several), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("convs.1.bn2.running_var"), "must have an array 'convs.1.bn2"),
        (lambda state: state.update({"fc_out.weight": np.zeros((2, 5))}), r"fc_out\.weight"),
        (lambda state: state.update({"embedding.weight": np.zeros((8, 90))}), "90 columns"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, change, message):
    state = random_state()
    change(state)
    np.savez(tmp_path / "model.npz", **state)
    with pytest.raises(ValueError, match=message):
        load_cgcnn_weights(tmp_path / "model.npz", features=FEATURES)


@pytest.fixture
def double():
    """Networks in double precision, in which rounding does not hide a dependence."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def randomised(**options) -> Cgcnn:
    """Build a network with random weights everywhere, also of the normalisation."""
    model = build_cgcnn(width=16, n_convolutions=3, hidden=8, seed=0, **options)
    rng = np.random.default_rng(5)
    for variable in model.trainable_variables:
        variable.assign(variable + 0.1 * rng.normal(size=variable.shape))
    return Cgcnn(Fitted(model, {}, 0.0), GraphSettings(), -1.0, 2.0)


@pytest.mark.parametrize("convolution", ["gated", "simple"])
@pytest.mark.parametrize("readout", ["full", "site"])
def test_energies_do_not_depend_on_how_a_crystal_is_described(double, convolution, readout):
    network = randomised(convolution=convolution, readout=readout)
    rng = np.random.default_rng(6)
    several = [SALT, *crystals(3)]
    assert np.ptp(network(several)) > 0.01
    for crystal in several:
        energies = network([crystal, *crystal.equivalents(rng).values()])
        np.testing.assert_allclose(energies, energies[0], atol=1e-9)


def test_single_precision_keeps_energies_to_a_millionth():
    network = randomised()
    rng = np.random.default_rng(7)
    for crystal in (SALT, *crystals(3)):
        energies = network([crystal, *crystal.equivalents(rng).values()])
        np.testing.assert_allclose(energies, energies[0], atol=1e-6 * max(1, abs(energies[0])))


def test_the_published_rule_depends_on_the_order_of_the_atoms(double):
    """Else the tests above would not notice a shell that is cut."""
    network = replace(randomised(), graphs=GraphSettings(rule="nearest"))
    two = SALT.supercell([2, 1, 1])
    salt = Structure(two.lattice, two.positions, [11, 19, 17, 17])
    rng = np.random.default_rng(8)
    energies = network([salt, *salt.equivalents(rng).values()])
    assert np.ptp(energies) > 1e-4


def test_neither_other_crystals_nor_padding_change_a_prediction(double):
    network, several = randomised(), crystals(9)
    together = network(several)
    alone = [float(network([one])[0]) for one in several]
    np.testing.assert_allclose(together, alone, atol=1e-10)


def test_padding_is_left_out_of_the_normalisation(double):
    """The same batch with more padding gives the same loss and the same moving averages."""
    graphs = crystal_graphs(crystals(5))
    inputs, states = as_inputs(graphs), []
    for more in (0, 37):
        model = build_cgcnn(width=8, n_convolutions=2, hidden=4, seed=1)
        n_atoms, n_edges = len(inputs["numbers"]), len(inputs["distances"])
        padded = {name: values for name, values in inputs.items()}
        for name, filling in (("numbers", 0), ("crystals", len(graphs))):
            padded[name] = np.pad(inputs[name], (0, more), constant_values=filling)
        for name, filling in (("sources", n_atoms), ("targets", n_atoms), ("distances", -1)):
            if more:
                padded[name] = np.pad(inputs[name], (0, 5 * more), constant_values=filling)
        assert len(padded["distances"]) == n_edges + 5 * more
        model.compile("sgd", "mse")
        loss = model.train_on_batch(padded, np.arange(5.0)[:, None])
        states.append([loss, *(keras.ops.convert_to_numpy(one).ravel() for one in model.weights)])
    for one, other in zip(*states, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_site_contributions_have_the_property_as_their_mean():
    network, several = randomised(readout="site"), crystals(6)
    sites = network.of_sites(several)
    assert [len(one) for one in sites] == [len(one) for one in several]
    np.testing.assert_allclose([one.mean() for one in sites], network(several), rtol=1e-6)
    with pytest.raises(ValueError, match="readout='site'"):
        site_model(randomised().model)


def test_a_saved_network_predicts_the_same(tmp_path):
    network = randomised()
    network.model.save(tmp_path / "network.keras")
    again = replace(
        network, fitted=Fitted(keras.models.load_model(tmp_path / "network.keras"), {}, 0)
    )
    np.testing.assert_array_equal(again(crystals()), network(crystals()))
    assert [one.name for one in again.model.layers] == [one.name for one in network.model.layers]


def test_batches_hold_each_crystal_once_an_epoch():
    several = crystals(10)
    graphs = crystal_graphs(several)
    batches = GraphBatches(graphs, np.arange(10.0), batch_size=5, rng=np.random.default_rng(0))
    order = np.concatenate([batches[i][1][:, 0] for i in range(len(batches))])
    assert sorted(order) == list(range(10))
    inputs, targets = batches[1]
    expected = as_inputs(crystal_graphs([several[int(i)] for i in targets[:, 0]]))
    for name, values in expected.items():
        np.testing.assert_array_equal(inputs[name], values)
    state = batches.state
    batches.on_epoch_end()
    assert not np.array_equal(batches[0][1], targets)
    batches.go_on(0, state)
    np.testing.assert_array_equal(batches[1][1], targets)


@pytest.mark.parametrize(("convolution", "readout"), [("gated", "full"), ("simple", "site")])
def test_eight_crystals_are_learnt_by_heart(convolution, readout):
    several = crystals(8)
    values = np.array([one.volume / len(one) for one in several])
    data = Crystals(tuple(several), values)
    settings = replace(SHORT_FIT, epochs=60, batch_size=8, learning_rate=0.02)
    network = train_cgcnn(
        data,
        validation=data,
        convolution=convolution,
        readout=readout,
        width=16,
        n_convolutions=2,
        settings=settings,
    )
    assert np.abs(network(several) - values).mean() < 0.25 * np.abs(values - values.mean()).mean()


def test_a_finished_training_is_loaded(tmp_path):
    several = crystals(8)
    data = Crystals(tuple(several), np.arange(8.0))
    settings = replace(SHORT_FIT, epochs=2, batch_size=3, validation_share=0.25)
    first, second = (
        train_cgcnn(data, width=8, n_convolutions=1, settings=settings, folder=tmp_path)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first(several), second(several))
    assert len(list(tmp_path.glob("cgcnn-*"))) == 1
    assert first.fitted.seconds == second.fitted.seconds


def test_elements_without_features_are_refused_and_new_ones_named(tmp_path):
    np.savez(tmp_path / "model.npz", **random_state())
    network = load_cgcnn_weights(tmp_path / "model.npz", features=FEATURES)
    heavy = Structure(SALT.lattice, SALT.positions, [11, 118])
    with pytest.raises(ValueError, match=r"elements up to Fm, whose features.*; got Og"):
        network(heavy)
    assert network(SALT).shape == (1,)
    with pytest.warns(UserWarning, match="not learnt from: Cl"):
        replace(network, elements=(11, 8))(SALT)


def test_a_file_that_is_no_archive_is_named(tmp_path):
    (tmp_path / "model.npz").write_text("text")
    with pytest.raises(ValueError, match=r"path must be an archive of NumPy.*model\.npz"):
        load_cgcnn_weights(tmp_path / "model.npz", features=FEATURES)


def test_equal_values_are_refused():
    data = Crystals(tuple(crystals(4)), np.ones(4))
    with pytest.raises(ValueError, match=r"crystals must differ in their values; got 1\.0 for all"):
        train_cgcnn(data, validation=data)
