"""Checks of arguments: each returns the value in its plain form, or says what is wrong with it.

A wrong type is a TypeError and a wrong value a ValueError, whose message gives the argument, the
rule, what arrived and, for common cases, the remedy. Annotations are checked when a function is
called, see `mdesign`; what they cannot say is checked here.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import fields
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "array",
    "choice",
    "data_type",
    "function",
    "images",
    "not_empty",
    "number",
    "numbers",
    "phases",
    "settle",
    "text",
    "warn_caller",
    "whole",
    "wholes",
]

Rule = str | Collection[Any]
"""An interval such as ``"(0, 1]"``, or the allowed values."""

_OURS = {"mdesign", "beartype"}
"""Packages whose lines are not the user's."""

_SMALL = 16
"""Sides from which an image is not taken for a toy: below, no guess is made about what it is."""


_SEPARATE = "separate the phases of a grey image by mdesign.microstructure.otsu"


def whole(name: str, value: Any, interval: str = "[1, inf)") -> int:
    """Return a whole number as a plain integer."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        if isinstance(value, Real) and not isinstance(value, bool):
            raise ValueError(f"{name} must be a whole number; got {value}")
        raise TypeError(f"{name} must be a whole number; got {_described(value)}")
    return _within(name, int(value), interval)


def number(name: str, value: Any, interval: str = "(-inf, inf)") -> float:
    """Return a real number as a plain float; NaN lies in no interval."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number; got {_described(value)}")
    try:
        return _within(name, float(value), interval)
    except OverflowError as error:
        raise ValueError(f"{name} must be at most 1.8e308; got more") from error


def choice(name: str, value: Any, choices: Collection[Any]) -> Any:
    """Return one of several allowed values."""
    kinds = {type(one) for one in choices}
    if not isinstance(value, Hashable) or (kinds == {str} and not isinstance(value, str)):
        raise TypeError(f"{name} must be one of {list(choices)}; got {_described(value)}")
    if value not in choices or (isinstance(value, bool) and bool not in kinds):
        raise ValueError(f"{name} must be one of {list(choices)}; got {value!r}")
    return value


def data_type(name: str, value: Any, choices: Collection[str]) -> np.dtype:
    """Return one of several data types of NumPy, asked for in any of its forms."""
    try:
        found = np.dtype(value)
    except TypeError as error:
        kind = ValueError if isinstance(value, str) else TypeError
        raise kind(f"{name} must be a data type; got {_described(value)}") from error
    return np.dtype(choice(name, found.name, choices))


def text(name: str, value: Any) -> str:
    """Return a text that says something."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text; got {_described(value)}")
    if not value.strip():
        raise ValueError(f"{name} must not be empty")
    return value


def function(name: str, value: Any) -> Any:
    """Return what can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be a function; got {_described(value)}")
    return value


def numbers(name: str, value: Any, interval: str = "(-inf, inf)", *, least: int = 1) -> list[float]:
    """Return several real numbers as plain floats."""
    return _several(name, array(name, value, "(n,)", interval), least)


def wholes(name: str, value: Any, interval: str = "[1, inf)", *, least: int = 1) -> list[int]:
    """Return several whole numbers as plain integers."""
    return _several(name, array(name, value, "(n,)", interval, dtype=np.int64), least)


def array(
    name: str,
    value: Any,
    shape: str | None = None,
    interval: str | None = "(-inf, inf)",
    *,
    dtype: npt.DTypeLike | None = np.float64,
) -> npt.NDArray[Any]:
    """Return an array of real numbers in C order.

    Parameters
    ----------
    name : str
        Of the argument.
    value : array_like
        Numbers or booleans, in any order and type.
    shape : str, optional
        Such as ``"(n, nx, nx, 3)"``: a name stands for any size, the same one each time it occurs;
        a leading ``...`` for any further axes. Alternatives are joined by `` or ``.
    interval : str, optional
        Where all values must lie; NaN lies nowhere. Without it they may be anything.
    dtype : data type
        Of the result; a type of integers asks for whole numbers, None keeps that of the value.

    Raises
    ------
    TypeError
        If the value is no array of numbers.
    ValueError
        If its shape or a value breaks the rule.
    """
    values = _numeric(name, value)
    if shape is not None and not any(_fits(values.shape, one) for one in shape.split(" or ")):
        raise ValueError(
            f"{name} must have shape {shape}; got {values.shape}{_remedy(values, shape)}"
        )
    any_number = values.dtype.kind in "biu" and interval in ("(-inf, inf)", "[-inf, inf]")
    if interval and not any_number and not (inside := _inside(values, interval)).all():
        odd = values[~inside].flat[0]
        raise ValueError(f"{name} must {_rule(interval)}; got {odd}{_remedy(values, None)}")
    if dtype is not None and not np.can_cast(values.dtype, dtype):
        _check_cast(name, values, np.dtype(dtype))
    return np.ascontiguousarray(values, dtype).reshape(values.shape)


def images(
    name: str,
    value: Any,
    shape: str = "(n, nx, ny)",
    interval: str = "(-inf, inf)",
    *,
    least: int = 1,
    dtype: npt.DTypeLike | None = np.float64,
) -> npt.NDArray[Any]:
    """Return images or cells of at least `least` pixels a side; see `array`.

    One image in colours is refused, for its rows look like images; a cube that is read as a batch
    of plane images gives a warning.
    """
    values = _numeric(name, value)
    if _is_coloured(values.shape):
        raise ValueError(
            f"{name} must have shape {shape}; got {values.shape}, which looks like one image in "
            f"colours: take one channel, {name}[np.newaxis, ..., 0]"
        )
    checked = array(name, values, shape, interval, dtype=dtype)
    if min(checked.shape[1:], default=least) < least:
        pixels = "one pixel" if least == 1 else f"{least} pixels"
        raise ValueError(f"{name} must have at least {pixels} a side; got {checked.shape}")
    if checked.ndim == 4 and _is_coloured(checked.shape[1:]):
        warn_caller(
            f"{name} of shape {checked.shape} are read as cells {checked.shape[-1]} voxels thick; "
            f"for images in colours take one channel, {name}[..., 0]"
        )
    cube = checked.ndim == 3 and len(set(checked.shape)) == 1 and len(checked) >= _SMALL
    if cube and " or " in shape:
        warn_caller(
            f"{name} of shape {checked.shape} are read as {len(checked)} plane images; "
            f"one volume is {name}[np.newaxis]"
        )
    return checked


def phases(
    name: str, value: Any, shape: str = "(n, nx, ny)", *, n_phases: int = 2, least: int = 1
) -> npt.NDArray[np.uint8]:
    """Return images, cells, designs or patterns of phase numbers; see `images`.

    The message for images of 0 and 255, grey or coloured ones, and those without an axis of the
    batch says what to do.
    """
    return images(name, value, shape, f"[0, {n_phases - 1}]", least=least, dtype=np.uint8)


def not_empty(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a batch of one sample or more."""
    if not len(values):
        raise ValueError(f"{name} must be at least one; got shape {values.shape}")
    return values


def warn_caller(message: str) -> None:
    """Give a warning at the line of the user's code that called this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in _OURS:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def settle(settings: Any, **rules: Rule) -> None:
    """Check the fields of a frozen dataclass, and make them plain: for its ``__post_init__``.

    NumPy numbers become those of Python, lists and arrays tuples. A rule holds for each number of a
    tuple, and not for None; a field without one may be any number but NaN.
    """
    unknown = rules.keys() - {field.name for field in fields(settings)}
    if unknown:
        raise TypeError(f"rules must be those of fields; got {sorted(unknown)}")
    for field in fields(settings):
        value = _plain(getattr(settings, field.name))
        object.__setattr__(settings, field.name, value)
        rule = rules.get(field.name, "[-inf, inf]")
        for one in _flat(value):
            if not isinstance(rule, str):
                choice(field.name, one, rule)
            elif isinstance(one, int | float) and not isinstance(one, bool):
                counted = "int" in str(field.type) and "float" not in str(field.type)
                (whole if counted else _within)(field.name, one, rule)
            elif field.name in rules:
                raise TypeError(f"{field.name} must be a number; got {_described(one)}")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype != object:
        return tuple(value.tolist())
    if type(value) in (list, tuple):
        return tuple(_plain(one) for one in value)
    return value


def _flat(value: Any) -> Iterator[Any]:
    """All values of nested tuples; none for None."""
    if isinstance(value, tuple):
        for one in value:
            yield from _flat(one)
    elif value is not None and not isinstance(value, Mapping):
        yield value


def _several(name: str, values: npt.NDArray[Any], least: int) -> list[Any]:
    """Return the values of a vector that needs at least so many."""
    if len(values) < least:
        raise ValueError(f"{name} must have {least} or more numbers; got {len(values)}")
    return values.tolist()


_INTERVAL = re.compile(r"([\[(])(\S+), (\S+)([\])])")


def _inside(values: Any, interval: str) -> Any:
    """Whether numbers lie in an interval."""
    match = _INTERVAL.fullmatch(interval)
    if match is None:
        raise TypeError(f"interval must be written as in '(0, 1]'; got {interval!r}")
    left, low, high, right = match.groups()
    above = values >= float(low) if left == "[" else values > float(low)
    below = values <= float(high) if right == "]" else values < float(high)
    return above & below


def _within(name: str, value: Any, interval: str) -> Any:
    if not _inside(value, interval):
        rule = _rule(interval)
        if isinstance(value, int):
            rule = rule.removesuffix(" and finite")
        raise ValueError(f"{name} must {rule}; got {value}")
    return value


def _rule(interval: str) -> str:
    """Say an interval in words, where there are usual ones."""
    low, high = interval[1:-1].split(", ")
    if interval == "(-inf, inf)":
        return "be finite"
    if interval == "[-inf, inf]":
        return "be a number"
    if interval == "(0, inf)":
        return "be positive and finite"
    if (interval[0], high) == ("[", "inf"):
        return f"be at least {low}" + (" and finite" if interval[-1] == ")" else "")
    return f"lie in {interval}"


def _numeric(name: str, value: Any) -> npt.NDArray[Any]:
    """Return an array of booleans, integers or floats as it is."""
    try:
        values = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a regular array; got rows of several lengths") from error
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of real numbers; got {_described(value)}")
    return values


def _check_cast(name: str, values: npt.NDArray[Any], dtype: np.dtype) -> None:
    """Check that a smaller type holds the values: whole numbers for integers, none too large."""
    counted = dtype.kind in "iu"
    if counted and values.dtype.kind == "f" and not (values == np.rint(values)).all():
        odd = values[values != np.rint(values)].flat[0]
        grey = values.min() >= 0 and values.max() <= 1
        remedy = f"; {_SEPARATE}" if grey else _remedy(values, None)
        raise ValueError(f"{name} must be whole numbers; got {odd}{remedy}")
    if dtype.kind in "iuf":
        limits = np.iinfo(dtype) if counted else np.finfo(dtype)
        # As floats, among which the largest 64-bit integer is its successor.
        too_large = values >= float(limits.max) + 1 if counted else values > float(limits.max)
        odd = values[np.isfinite(values) & (too_large | (values < float(limits.min)))]
        if odd.size:
            raise ValueError(f"{name} must fit into {dtype}; got {odd.flat[0]}")


def _fits(shape: tuple[int, ...], wanted: str) -> bool:
    """Whether a shape is the one wanted."""
    names = _sizes(wanted)
    if names[:1] == ["..."]:
        names = names[1:]
        if len(shape) < len(names):
            return False
        shape = shape[len(shape) - len(names) :]
    if len(shape) != len(names):
        return False
    sizes: dict[str, int] = {}
    return all(
        size == (int(one) if one.isdigit() else sizes.setdefault(one, size))
        for one, size in zip(names, shape, strict=True)
    )


def _sizes(shape: str) -> list[str]:
    return [part.strip() for part in shape.strip("()").split(",") if part.strip()]


def _is_coloured(shape: tuple[int, ...]) -> bool:
    """Whether a shape is that of one image with channels rather than that of a batch."""
    return len(shape) == 3 and shape[-1] in (3, 4) and min(shape[:2]) >= _SMALL


def _remedy(values: npt.NDArray[Any], shape: str | None) -> str:
    """Say what helps in the common cases."""
    if shape is not None:
        if values.ndim == len(_sizes(shape.split(" or ")[0])) - 1:
            return "; a single one needs an axis in front, [np.newaxis]"
        if values.ndim in (3, 4) and _is_coloured(values.shape[-3:]):
            return "; take one channel of a coloured image, [..., 0]"
        return ""
    low, high = values.min(initial=0), values.max(initial=0)
    if low == 0 and high == 255:
        if np.isin(values, (0, 255)).all():
            return "; divide images of 0 and 255 by 255"
        return f"; {_SEPARATE}"
    return ""


def _described(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) < 60 else text[:57] + '...'} ({type(value).__name__})"
