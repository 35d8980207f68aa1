"""The machine: its processor, its cores, and how many notebooks it can run at a time."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

import psutil

__all__ = ["cores", "device", "processor", "suitable_jobs"]

_GIB_PER_JOB = 3  # of a notebook that trains a network in the quick profile
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def device() -> str:
    """Name the graphics processors that Keras' backend uses if it is loaded, else the processor."""
    keras = sys.modules.get("keras")
    if keras and keras.backend.backend() == "jax":
        names = [one.device_kind for one in sys.modules["jax"].devices() if one.platform == "gpu"]
        if names:
            return ", ".join(names)
    elif tensorflow := sys.modules.get("tensorflow"):
        devices = tensorflow.config.list_physical_devices("GPU")
        details = map(tensorflow.config.experimental.get_device_details, devices)
        names = [detail.get("device_name", "GPU") for detail in details]
        if names:
            return ", ".join(names)
    return f"{processor()}, {cores()} cores"


def processor() -> str:
    """Model name of the processor."""
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def suitable_jobs() -> int:
    """Count the notebooks to run at a time: one a core, no more than fit into memory."""
    # TensorFlow takes the whole memory of a graphics processor: one notebook at a time there.
    if shutil.which("nvidia-smi") and os.environ.get("CUDA_VISIBLE_DEVICES") not in ("", "-1"):
        return 1
    return max(1, min(cores(), int(_free_memory() / 2**30 / _GIB_PER_JOB)))


def _free_memory() -> float:
    """Bytes of memory that are free, within the limit of a container."""
    limit = _CGROUP_LIMIT.read_text().strip() if _CGROUP_LIMIT.is_file() else "max"
    return min(
        psutil.virtual_memory().available, float(limit) if limit.isdecimal() else float("inf")
    )
