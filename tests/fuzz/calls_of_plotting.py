"""Valid calls of everything public in `mdesign.plotting`, which answer with what they draw."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from fuzzing import Calls, Text, has_nan, valid
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mdesign import plotting
from mdesign.plotting import AutoencoderLayers, Flow, localization, weights

RNG = np.random.default_rng(0)
IMAGE = RNG.random((4, 3))
HOLES = np.where(IMAGE > 0.9, np.nan, IMAGE)
IMAGES = RNG.random((2, 4, 4))
ROW = RNG.random(5)
CURVES = RNG.random((3, 5))
GAPS = np.array([np.nan, 0.1, 0.2, 0.3, 0.4])
PATHS = RNG.random((2, 4, 2))
PAIR = {"ours": (ROW, ROW[::-1])}
LAYERS = AutoencoderLayers([(8, 2), (4, 4)], [(4, 2), (8, 1)], (5, 6), 3, True)
FLOW = {
    "latents": IMAGES,
    "patterns": IMAGES,
    "values": ROW,
    "target": 0.5,
    "designed_latents": IMAGES,
    "designed_patterns": IMAGES,
    "designed_values": ROW[:2],
    "filters": (4, 2, 1),
    "neurons": (3, 3),
}


def panel(projection: str | None = None) -> Any:
    return Figure(dpi=20).add_subplot(projection=projection)


def panels(n: int) -> list[Axes]:
    return list(Figure(dpi=20).subplots(1, n, squeeze=False)[0])


def drawn(function: Callable[..., Any]) -> Callable[..., Any]:
    """A drawing function that returns what stands on its panels: nothing is lost in silence.

    Gaps that NaN leaves are not returned where NaN is asked for.
    """

    def draw(**arguments: Any) -> list[Any]:
        function(**arguments)
        places = arguments["ax"] if "ax" in arguments else arguments["axes"]
        marks = [mark for ax in np.ravel(np.asarray(places, object)) for mark in contents(ax)]
        assert any(len(mark) for mark in marks), "nothing is drawn"
        if has_nan([part for value in arguments.values() for part in (value, *parts(value))]):
            return [np.nan_to_num(mark) if isinstance(mark, np.ndarray) else mark for mark in marks]
        return marks

    return draw


def parts(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def contents(ax: Axes) -> Iterator[Any]:
    """Numbers and texts of all marks on a panel."""
    for line in ax.lines:
        yield np.array(line.get_data(orig=False))
    for image in ax.images:
        yield np.asarray(image.get_array())
    for patch in ax.patches:
        yield patch.get_path().vertices
    for group in ax.collections:
        yield np.asarray(group.get_offsets())
        yield from (path.vertices for path in group.get_paths())
        if group.get_array() is not None:
            yield np.ma.filled(group.get_array(), 0)
    for text in (*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label):
        yield text.get_text()
    yield from (part for child in ax.child_axes for part in contents(child))


def calls() -> Calls:
    """A valid call of each public function, by its name; a class by its constructor."""
    quantity = {"quantity": Text("toughness")}
    grid = {"x": ROW[:4].cumsum(), "y": ROW[:3].cumsum(), "z": HOLES}
    colours = {"colours": "viridis"}
    table = {
        "draw_accuracy": lambda: dict(
            ax=panel(),
            sizes=[5, 10, 20],
            curves={"a": np.stack([GAPS, ROW, ROW])},
            levels={"b": 0.5},
            **quantity,
        ),
        "draw_autoencoder": lambda: dict(
            ax=panel(), layers=LAYERS, image=IMAGE, made=IMAGE, losses=[Text("a"), Text("b")]
        ),
        "draw_bands": lambda: dict(
            ax=panel(), groups={"a": CURVES}, distances=ROW, distance=Text("r"), **quantity
        ),
        "draw_comparison": lambda: dict(
            ax=panel(), names=list("abcde"), series={"a": GAPS}, digits=2, **quantity
        ),
        "draw_composite": lambda: dict(
            ax=panel(), image=IMAGE, crack_length=1.5, title=Text("a"), caption=Text("b"), grid=True
        ),
        "draw_composites": lambda: dict(
            axes=panels(3),
            images=IMAGES,
            crack_length=1.5,
            titles=list("ab"),
            captions=list("ab"),
            grid=True,
        ),
        "draw_contours": lambda: dict(ax=panel(), levels=[0.2, 0.5, 0.8], **grid, **colours),
        "draw_convergence": lambda: dict(
            ax=panel(),
            best=ROW,
            mean=ROW,
            steps=np.arange(5.0),
            label=Text("a"),
            step_name=Text("b"),
            **quantity,
        ),
        "draw_distributions": lambda: dict(ax=panel(), samples={"a": ROW}, bins=3, **quantity),
        "draw_failure_index": lambda: dict(
            ax=panel(), index=IMAGE, crack_length=1.5, title=Text("a"), caption=Text("b")
        ),
        "draw_errors": lambda: dict(
            ax=panel(),
            targets=ROW,
            ours={"a": GAPS},
            published={"a": GAPS},
            lowest=0.1,
            **quantity,
        ),
        "draw_flowchart": lambda: dict(ax=panel(), flow=Flow(**FLOW), **quantity),
        "draw_framework": lambda: dict(
            ax=panel(),
            samples=IMAGES,
            starts=IMAGES,
            designs=IMAGES,
            strain=IMAGE,
            captions=("a", "b", "c"),
            crack_length=1.5,
        ),
        "draw_gains": lambda: dict(
            ax=panel(), predicted=CURVES, computed=CURVES, label=Text("a"), number=1
        ),
        "draw_histograms": lambda: dict(
            ax=panel(), samples={"a": ROW}, bins=3, log=False, top=5.0, **quantity
        ),
        "draw_history": lambda: dict(ax=panel(), errors=ROW, n_initial=2, label=Text("a")),
        "draw_mixture_network": lambda: dict(
            ax=panel(),
            neurons=(4, 3),
            inputs=(1, 5),
            heads=[("a", 3), ("b", 2)],
            grid=ROW.cumsum(),
            densities={"a": ROW},
        ),
        "draw_morphology": lambda: dict(
            ax=panel(),
            samples=IMAGES,
            authentic=IMAGES,
            grams=(np.eye(3), np.eye(3)),
            n_latent=3,
            filters=(2, 4),
            weights=(1.0, 2.0),
        ),
        "draw_mosaic": lambda: dict(ax=panel(), rows={"a": IMAGES, "b": IMAGES}),
        "draw_parity": lambda: dict(ax=panel(), groups=PAIR, at_most=100, **quantity),
        "draw_paths": lambda: dict(ax=panel(), paths=PATHS, width=0.5, **colours),
        "draw_ranking": lambda: dict(ax=panel(), groups=PAIR, at_most=100, **quantity),
        "draw_stages": lambda: dict(ax=panel(), sides=(8, 4), channels=(1, 16), title=Text("a")),
        "draw_steps": lambda: dict(
            axes=panels(2), images=IMAGES, captions=list("ab"), label=Text("a"), steps=(0, 3)
        ),
        "draw_strips": lambda: dict(
            ax=panel(),
            groups={"a": ROW, "b": ROW[:3]},
            marks={"m": GAPS[:2]},
            label=Text("b"),
            **quantity,
        ),
        "draw_surface": lambda: dict(ax=panel("3d"), alpha=0.5, **grid, **colours),
        "draw_trait": lambda: dict(ax=panel(), moduli=CURVES, fractions=CURVES, bound=(ROW, ROW)),
        "label_panels": lambda: dict(axes=panels(2), first="c", left=2.0),
        "draw_fields": lambda: dict(
            axes=panels(1), slices={"a": IMAGE}, limits=(0.0, 1.0), **quantity, **colours
        ),
        "draw_influence": lambda: dict(ax=panel(), influence=PAIR, **quantity),
        "draw_weights": lambda: dict(
            ax=panel(), weights=IMAGE, limit=2.0, title=Text("a"), caption=Text("b")
        ),
    }
    public = vars(plotting) | vars(localization) | vars(weights)
    drawing = {name: valid(drawn(public[name]), make) for name, make in table.items()}
    classes = {
        "AutoencoderLayers": lambda: dict(vars(LAYERS)),
        "Flow": lambda: dict(FLOW),
    }
    return drawing | {name: valid(public[name], make) for name, make in classes.items()}


PUBLIC = {*plotting.__all__, *localization.__all__, *weights.__all__}

#: Colours and sizes, the style, which takes nothing, and the key, which takes a figure alone.
NOT_CALLED = {
    *("AUTOENCODER_SIZE", "COLOURS", "COLUMN", "FLOWCHART_SIZE", "FRAMEWORK_SIZE", "MIXTURE_SIZE"),
    *("MORPHOLOGY_SIZE", "PAGE", "PATH_COLOURS", "PHASES", "draw_phase_key", "use_style"),
}
