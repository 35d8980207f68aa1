"""Changes one argument of a valid call at a time, and judges the answer.

A table of calls maps a name to a function without arguments, which makes a valid call anew: a
function or class, and its arguments by name. `faults` tries them.
"""

import contextlib
import dataclasses
import os
import re
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mdesign.physics import NotConverged

SECONDS = 20
TRIALS = int(os.environ.get("MDESIGN_FUZZ", "600"))

Call = tuple[Callable[..., Any], dict[str, Any]]
Calls = dict[str, Callable[[], Call]]


class Text(str):
    """A text that may say anything, unlike a choice."""


class AnyShape(np.ndarray):
    """An array whose shape is free."""


def named(public: Mapping[str, Any], table: Mapping[str, Callable[[], dict[str, Any]]]) -> Calls:
    """Calls of public functions and classes from the arguments of each, by its name."""
    return {name: valid(public[name], make) for name, make in table.items()}


def valid(function: Callable[..., Any], make: Callable[[], dict[str, Any]]) -> Callable[[], Call]:
    """A valid call, made anew each time: a generator of random numbers is used up by one."""
    return lambda: (function, make())


def changes(calls: Calls) -> list[tuple[str, str, str, int]]:
    """All changes of one argument: names of call and argument, bad or same, and which."""
    return [
        (name, argument, rule, number)
        for name, make in calls.items()
        for argument, value in make()[1].items()
        for rule, values in (("bad", bad_values(value)), ("same", same_values(value)))
        for number, _ in enumerate(values)
    ]


def faults(calls: Calls, trials: int = TRIALS) -> str:
    """What is wrong with a random sample of the changed calls, a line each; empty if nothing is."""
    tried = changes(calls)
    order = np.random.default_rng(0).permutation(len(tried))[:trials]
    said = {tried[i]: fault(calls, *tried[i]) for i in order}
    return "\n".join(f"{one}: {text}" for one, text in said.items() if text)


def bad_values(value: Any) -> Iterator[tuple[str, Any]]:
    """Pairs of what must happen and a value: "type", "value", "either" or "no nan"."""
    if isinstance(value, np.random.Generator):
        yield from (("type", other) for other in (0, None, "seed"))
    elif isinstance(value, bool):
        yield from (("type", other) for other in ("yes", [True]))
    elif isinstance(value, int):
        yield from (("type", other) for other in ("3", [value], 1j, {}))
        yield from (("either", other) for other in (value + 0.5, float("nan")))
        yield from (("no nan", other) for other in (-1, 0, -(10**9)))
        yield "no nan", None
    elif isinstance(value, float):
        yield from (("type", other) for other in ("3", 1j, {}))
        yield "no nan", None
        yield "no nan", [value]  # an array of one number to some
        yield "value", float("nan")
        yield from (("no nan", other) for other in (-1.0, 0.0, np.inf, -np.inf, 1e300, 1e-300))
    elif isinstance(value, str):
        yield from (("type", other) for other in (3, ["a"], b"a"))
        if not isinstance(value, Text):
            yield from (("value", other) for other in ("nonsense", ""))
    elif isinstance(value, np.ndarray):
        yield from _bad_arrays(value)
    elif isinstance(value, tuple | list):
        yield from (("type", other) for other in ("ab", {}, object()))
        yield "either", type(value)([3 if isinstance(value[0], str) else "a", *value[1:]])
        yield "either", type(value)([float("nan"), *value[1:]])
        if all(type(one) is int for one in value):
            yield "either", type(value)([*value[:-1], value[-1] + 0.5])
        yield from (("no nan", other) for other in (type(value)(), type(value)([*value, 1])))
    elif isinstance(value, Mapping):
        yield from (("type", other) for other in ("ab", 3, [1]))
        yield "no nan", {}
        for name, member in list(value.items())[:1]:
            yield from ((rule, {**value, name: other}) for rule, other in bad_values(member))
    elif isinstance(value, Path):
        yield from (("type", other) for other in (3, [value], object()))
    elif dataclasses.is_dataclass(value):
        yield from (("type", other) for other in (object(), "settings", 3))
    elif isinstance(value, type) and issubclass(value, np.generic):
        yield from (("value", other) for other in (np.int16, "float16"))
        yield from (("type", other) for other in (3, [value], object()))
    else:  # a function, a network, a panel
        yield from (("type", other) for other in ("f", 3, [value], object()))
        if callable(value):
            yield "no nan", lambda *_, **__: None


def _bad_arrays(value: np.ndarray) -> Iterator[tuple[str, Any]]:
    yield from (("type", other) for other in ("pores", object(), {}, value.astype(str)))
    spoilt = value.astype(float)
    if not np.isnan(spoilt).any():  # it would be allowed
        spoilt.flat[0] = np.nan
        yield "value", spoilt
    infinite = value.astype(float)
    infinite.flat[0] = np.inf
    odd = (value[:0], value[0], value[np.newaxis], -value, infinite, None)
    yield from (("no nan", other) for other in odd)
    shape_rule = "no nan" if isinstance(value, AnyShape) else "value"
    yield shape_rule, np.stack([value] * 3, axis=-1)[..., np.newaxis]
    if value.dtype.kind in "iub":
        yield from (
            ("value", other) for other in (value * 255, value + 0.5, value.astype(int) + 300)
        )


def same_values(value: Any) -> Iterator[Any]:
    """Other forms of the same value."""
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield from (kind(value) for kind in (np.int8, np.uint16, np.int64) if value < 128)
    elif isinstance(value, float):
        yield np.float64(value)
    elif isinstance(value, Mapping):
        for name, member in list(value.items())[:1]:
            yield from ({**value, name: other} for other in same_values(member))
    elif isinstance(value, Path):
        yield str(value)
    elif type(value) is tuple and all(isinstance(one, int | float) for one in value):
        yield from (list(value), np.asarray(value))
    elif isinstance(value, np.ndarray):
        yield from (np.asfortranarray(value), value.tolist(), value.astype(float))
        if value.dtype == np.uint8:
            yield from (value.astype(bool), value.astype(np.int64))


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Interrupt a call that takes too long."""

    def stop(*_: Any) -> None:
        raise TimeoutError(f"took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fault(calls: Calls, name: str, argument: str, rule: str, number: int) -> str | None:
    """What is wrong with the answer to one changed argument; None if nothing is."""
    function, arguments = calls[name]()
    if rule == "same":
        other = list(same_values(arguments[argument]))[number]
        wanted = function(**calls[name]()[1])
    else:
        rule, other = list(bad_values(arguments[argument]))[number]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), time_limit(SECONDS):
            warnings.simplefilter("ignore")
            result = function(**arguments | {argument: other})
    except (TypeError, ValueError) as error:
        return _fault_of_error(error, argument, rule)
    except (ArithmeticError, NotConverged) as error:
        return None if rule == "no nan" else f"raises {error!r}"
    except Exception as error:
        return f"raises {error!r}"
    if rule == "same":
        return None if same(result, wanted) else f"{type(other)} changes the result"
    if rule != "no nan":
        return f"takes {argument}={str(other)[:60]!r}"
    return "returns NaN" if has_nan(result) else None


def _fault_of_error(error: Exception, argument: str, rule: str) -> str | None:
    wanted = {"type": TypeError, "value": ValueError, "same": ()}.get(rule, Exception)
    if not isinstance(error, wanted):
        return f"{error!r} for {rule}"
    named = re.search(rf"\b{argument}\b", str(error))
    return None if named else f"does not name {argument}: {error!r}"


def members(result: Any) -> list[Any]:
    """Parts of a result, without the times that it took."""
    if dataclasses.is_dataclass(result):
        names = [field.name for field in dataclasses.fields(result)]
        return [getattr(result, name) for name in names if "seconds" not in name]
    if isinstance(result, Mapping):
        return list(result.values())
    if hasattr(result, "get_weights"):
        return result.get_weights()
    return list(result) if isinstance(result, Sequence) and not isinstance(result, str) else []


def has_nan(result: Any) -> bool:
    """Whether there is a NaN anywhere in a result."""
    if isinstance(result, np.ndarray | float | complex | np.generic):
        array = np.asarray(result)
        return array.dtype.kind in "fc" and bool(np.isnan(array).any())
    return any(has_nan(part) for part in members(result))


def same(one: Any, two: Any) -> bool:
    """Whether two results are equal but for rounding."""
    if isinstance(one, np.ndarray | float | np.generic):
        one, two = np.asarray(one), np.asarray(two)
        if one.dtype.kind == "U":
            return np.array_equal(one, two)
        return one.shape == two.shape and bool(np.allclose(one, two, rtol=1e-7, atol=1e-9))
    if parts := members(one):
        return all(same(a, b) for a, b in zip(parts, members(two), strict=True))
    return type(one) is type(two)
