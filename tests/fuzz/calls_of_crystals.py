"""Valid calls of everything public about crystal structures, their graphs and networks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from calls_of_design import KEPT, eagerly
from fuzzing import AnyShape, Calls, Text, named, valid

from mdesign.crystals import graphs, structure
from mdesign.crystals.graphs import crystal_graphs
from mdesign.crystals.structure import Structure, format_cif
from mdesign.data.sets import crystals as sets
from mdesign.data.sets.crystals import Crystals
from mdesign.models.cgcnn import batches, network, training, weights
from mdesign.models.cgcnn.training import SHORT_FIT, Cgcnn, GraphSettings
from mdesign.training.fit import Fitted

FOLDER = Path(KEPT.name)
PLACES = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
OXIDE = Structure(3.9 * np.eye(3), PLACES, [38, 22, 8, 8, 8])
SALT = Structure(4.12 * np.eye(3), PLACES[:2], [55, 17])
SEVERAL = Crystals(
    (OXIDE, SALT, OXIDE.supercell([1, 1, 2]), SALT.supercell([1, 2, 1])), np.arange(4.0)
)
GRAPHS = crystal_graphs(SEVERAL.structures)
SIZES = dict(width=4, n_convolutions=1, hidden=3, n_hidden=1)
FEW = replace(SHORT_FIT, epochs=1, batch_size=2)
POSCAR = "salt\n1.0\n4 0 0\n0 4 0\n0 0 4\nCs Cl\n1 1\ndirect\n0 0 0\n.5 .5 .5\n"


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def calls() -> Calls:
    path = FOLDER / "salt.cif"
    structure.write_cif(SALT, path)
    model = network.build_cgcnn(**SIZES, readout="site", seed=0)
    table = {
        "Structure": lambda: dict(
            lattice=SALT.lattice.copy(), positions=SALT.positions.copy(), numbers=[55, 17]
        ),
        "read_cif": lambda: dict(path=path),
        "parse_cif": lambda: dict(text=Text(format_cif(SALT)), name=Text("salt")),
        "parse_poscar": lambda: dict(text=Text(POSCAR), name=Text("salt")),
        "format_cif": lambda: dict(structure=SALT),
        "write_cif": lambda: dict(structure=SALT, path=path),
        "periodic_neighbours": lambda: dict(structures=SALT, cutoff=4.2),
        "crystal_graphs": lambda: dict(
            structures=[SALT, OXIDE], neighbours=12, cutoff=6.0, rule="nearest"
        ),
        "Crystals": lambda: dict(structures=(SALT, OXIDE), values=np.array([1.0, 2.0])),
        "perovskite_sites": lambda: dict(structure=OXIDE),
        "split_crystals": lambda: dict(
            crystals=SEVERAL, rng=rng(), shares=[0.5, 0.25], groups=[0, 1, 2, 3]
        ),
        "as_inputs": lambda: dict(graphs=GRAPHS),
        "GraphBlocks": lambda: dict(graphs=GRAPHS, targets=SEVERAL.values, batch_size=2),
        "GraphBatches": lambda: dict(
            graphs=GRAPHS, targets=SEVERAL.values, batch_size=2, rng=rng()
        ),
        "build_cgcnn": lambda: dict(
            **SIZES,
            convolution="simple",
            readout="full",
            n_gaussians=5,
            features=np.ones((119, 3)).view(AnyShape),
            seed=3,
        ),
        "site_model": lambda: dict(model=model),
        "GraphSettings": lambda: dict(neighbours=12, cutoff=8.0, rule="shell"),
        "train_cgcnn": lambda: dict(
            crystals=SEVERAL,
            validation=SEVERAL,
            **SIZES,
            convolution="gated",
            readout="site",
            graphs=GraphSettings(),
            settings=FEW,
            loss=Text("mae"),
            folder=FOLDER,
            progress=False,
        ),
    }
    trained = Cgcnn(Fitted(model, {}, 0.0), GraphSettings(), 0.0, 1.0)
    methods = {
        "Structure.supercell": (SALT.supercell, lambda: dict(n=[1, 2, 1])),
        "Structure.equivalents": (SALT.equivalents, lambda: dict(rng=rng())),
        "GraphSettings.of": (GraphSettings().of, lambda: dict(structures=[SALT])),
        "Cgcnn.call": (trained, lambda: dict(structures=[SALT, OXIDE])),
        "Cgcnn.of_sites": (trained.of_sites, lambda: dict(structures=[SALT, OXIDE])),
    }
    public = {name: value for module in MODULES for name, value in vars(module).items()}
    public["train_cgcnn"] = eagerly(public["train_cgcnn"])
    return named(public, table) | {name: valid(*call) for name, call in methods.items()}


MODULES = (structure, graphs, sets, batches, network, training, weights)
PUBLIC = {name for module in MODULES for name in module.__all__}

#: Types, constants and results; what reads public data, or weights of other code.
NOT_CALLED = {
    *(
        "CrystalGraphs",
        "CrystalSplits",
        "READOUTS",
        "RULES",
        "Cgcnn",
        "SHORT_FIT",
        "load_cgcnn_weights",
    ),
    *("materials_project_crystals", "published_perovskite_splits"),
}
