"""What a number was computed on."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

__all__ = ["cores", "device", "processor"]


def device() -> str:
    """Name the graphics processors that TensorFlow uses if it is loaded, else the processor."""
    if tensorflow := sys.modules.get("tensorflow"):
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
