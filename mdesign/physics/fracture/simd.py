"""A vector of designs in one register: explicit SIMD for numba kernels.

numba vectorises an innermost loop over designs, but keeps nothing in registers between two such
loops. `SimdVector` is a value type of 64 bytes (8 doubles or 16 singles), one number of as many
designs, for local variables and accumulators of a kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

#: Bytes of one register-wide vector.
BYTES = 64


class SimdVector(types.Type):
    """numba type of a vector of `width` numbers of `dtype`."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.width = BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"SimdVector({dtype}, {self.width})")


@register_model(SimdVector)
class _SimdVectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: SimdVector) -> None:
        scalar = ir.FloatType() if lanes.dtype == types.float32 else ir.DoubleType()
        super().__init__(manager, lanes, ir.VectorType(scalar, lanes.width))


def allocate_vectors(rows: int, dtype: npt.DTypeLike) -> npt.NDArray:
    """Uninitialised flat memory for `rows` vectors, on a 64-byte boundary."""
    raw = np.empty((rows + 1) * BYTES, dtype=np.uint8)
    start = -raw.ctypes.data % BYTES
    return raw[start : start + rows * BYTES].view(dtype)


def _vector_pointer(context: Any, builder: Any, array: Any, row: Any, kind: Any) -> Any:
    """Address of vector number `row` of a flat array."""
    width = BYTES * 8 // kind.dtype.bitwidth
    data = context.make_array(kind)(context, builder, array).data
    scalar = builder.gep(data, [builder.mul(row, ir.Constant(row.type, width))])
    vector = ir.VectorType(scalar.type.pointee, width)
    return builder.bitcast(scalar, vector.as_pointer())


@intrinsic
def load(context: Any, array: Any, row: Any) -> Any:
    """Vector number `row` of a flat, aligned array."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _vector_pointer(context, builder, args[0], args[1], signature.args[0])
        return builder.load(pointer, align=BYTES)

    return SimdVector(array.dtype)(array, types.intp), build


@intrinsic
def store(context: Any, array: Any, row: Any, value: Any) -> Any:
    """Write a vector to place `row` of a flat, aligned array."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _vector_pointer(context, builder, args[0], args[1], signature.args[0])
        builder.store(args[2], pointer, align=BYTES)
        return context.get_dummy_value()

    return types.none(array, types.intp, value), build


@intrinsic
def fill(context: Any, array: Any, number: Any) -> Any:
    """Vector of the type of `array` with `number` in every lane."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(signature.return_type)
        scalar = context.cast(builder, args[1], number, array.dtype)
        empty = ir.Constant(vector, ir.Undefined)
        zero = ir.Constant(ir.IntType(32), 0)
        first = builder.insert_element(empty, scalar, zero)
        mask = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None)
        return builder.shuffle_vector(first, empty, mask)

    return SimdVector(array.dtype)(array, number), build


@intrinsic
def divide(context: Any, a: Any, b: Any) -> Any:
    """Lane by lane, a / b."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fdiv(*args)

    return a(a, b), build


@intrinsic
def multiply(context: Any, a: Any, b: Any) -> Any:
    """Lane by lane, a * b."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fmul(*args)

    return a(a, b), build


@intrinsic
def multiply_add(context: Any, a: Any, b: Any, c: Any) -> Any:
    """Lane by lane, a * b + c, fused where the processor can."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        product = builder.fmul(args[0], args[1], flags=("contract",))
        return builder.fadd(product, args[2], flags=("contract",))

    return a(a, b, c), build


@intrinsic
def negate(context: Any, a: Any) -> Any:
    """Lane by lane, -a."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fneg(args[0])

    return a(a), build


@intrinsic
def maximum(context: Any, a: Any, b: Any) -> Any:
    """Lane by lane, the larger of a and b; b where a is no number."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return a(a, b), build


@intrinsic
def square_root(context: Any, a: Any) -> Any:
    """Lane by lane, the square root."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = args[0].type
        name = f"llvm.sqrt.v{vector.count}f{a.dtype.bitwidth}"
        root = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector]), name
        )
        return builder.call(root, args)

    return a(a), build
