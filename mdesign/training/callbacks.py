"""A progress bar for `fit` that stays silent unless it is asked for."""

from __future__ import annotations

from typing import Any

import keras
from tqdm import tqdm


class ProgressBar(keras.callbacks.Callback):
    """Advance a tqdm bar by one for each training step, for use with ``fit(verbose=0)``.

    Parameters
    ----------
    bar : tqdm.tqdm
        The bar, owned and closed by the caller.
    """

    def __init__(self, bar: tqdm) -> None:
        super().__init__()
        self.bar = bar

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Advance the bar."""
        self.bar.update(1)
