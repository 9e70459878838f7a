"""The innermost loop, written as vector instructions: how satisfied a block of people could be with one partner.

Left to itself the compiler widens every 16-bit sum to 64 bits and keeps it in memory. Spelled out in LLVM's own terms
the same loop is several times faster, runs at the speed of C, and needs no C compiler; where a machine has narrower
vectors, LLVM splits them.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.extending import intrinsic

cgutils: Any = untyped_cgutils

LANES = 256  # people in a block
WORDS = LANES // 64  # 64-bit words that hold a flag for each of them

_WIDTH = 32
_AT_ONCE = 128  # lanes summed side by side: eight 256-bit registers, or four of 512
_INT16, _INT32, _INT64 = ir.IntType(16), ir.IntType(32), ir.IntType(64)
_VECTOR = ir.VectorType(_INT16, _WIDTH)
_UNDEFINED = ir.Constant(_VECTOR, ir.Undefined)


def _emit_pass_lanes(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    table, base, rows, at, groups, limits, limits_at, first, second, sums, sums_at, bits, bits_at = args
    kinds = signature.args

    def start(position: int, array: Any, offset: Any) -> Any:
        return builder.gep(context.make_array(kinds[position])(context, builder, array).data, [offset])

    block, partner = start(0, table, base), start(2, rows, at)
    limit, sums_out, bits_out = start(5, limits, limits_at), start(9, sums, sums_at), start(11, bits, bits_at)
    thresholds = _thresholds(builder, limit, _splat(builder, first), _splat(builder, second))
    for lane in range(0, LANES, _AT_ONCE):
        totals = _row_sums(builder, block, partner, groups, lane)
        words = []
        for k, total in enumerate(totals):
            offset = lane + k * _WIDTH
            _store(builder, total, sums_out, offset)
            reached = builder.icmp_signed(">=", total, thresholds(offset))
            words.append(builder.zext(builder.bitcast(reached, _INT32), _INT64))
        for k in range(0, len(words), 2):
            word = builder.or_(words[k], builder.shl(words[k + 1], _int64(32)))
            builder.store(word, builder.gep(bits_out, [_int64(lane // 64 + k // 2)]))
    return context.get_dummy_value()


def _row_sums(builder: Any, block: Any, partner: Any, groups: Any, lane: int) -> list[Any]:
    """Vectors of sums for `_AT_ONCE` lanes; LLVM keeps the totals in registers."""
    totals = [cgutils.alloca_once(builder, _VECTOR) for _ in range(_AT_ONCE // _WIDTH)]
    for total in totals:
        builder.store(ir.Constant(_VECTOR, [0] * _WIDTH), total)
    with cgutils.for_range(builder, groups, intp=_INT64) as loop:
        row = builder.sext(builder.load(builder.gep(partner, [loop.index])), _INT64)
        row_start = builder.gep(block, [builder.mul(row, _int64(LANES))])
        for k, total in enumerate(totals):
            more = _load(builder, row_start, lane + k * _WIDTH)
            builder.store(_add(builder, builder.load(total), more), total)
    return [builder.load(total) for total in totals]


def _thresholds(builder: Any, limit: Any, first: Any, second: Any) -> Callable[[int], Any]:
    def at(offset: int) -> Any:
        one = _add(builder, _load(builder, limit, LANES + offset), first)
        other = _add(builder, _load(builder, limit, 2 * LANES + offset), second)
        return _pick(builder, ">", _load(builder, limit, offset), _pick(builder, "<", one, other))

    return at


def _int64(value: int) -> Any:
    return ir.Constant(_INT64, value)


def _vector_at(builder: Any, start: Any, offset: int) -> Any:
    return builder.bitcast(builder.gep(start, [_int64(offset)]), _VECTOR.as_pointer())


def _load(builder: Any, start: Any, offset: int) -> Any:
    return builder.load(_vector_at(builder, start, offset), align=2)


def _store(builder: Any, vector: Any, start: Any, offset: int) -> None:
    builder.store(vector, _vector_at(builder, start, offset), align=2)


def _add(builder: Any, one: Any, other: Any) -> Any:
    """Saturating: what a refusal took off must not come back by wrapping round."""
    kind = ir.FunctionType(_VECTOR, (_VECTOR, _VECTOR))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.sadd.sat.v32i16"), [one, other])


def _pick(builder: Any, comparison: str, one: Any, other: Any) -> Any:
    return builder.select(builder.icmp_signed(comparison, one, other), one, other)


def _splat(builder: Any, value: Any) -> Any:
    lowest = builder.insert_element(_UNDEFINED, value, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(lowest, _UNDEFINED, ir.Constant(ir.VectorType(_INT32, _WIDTH), [0] * _WIDTH))


def _pass_lanes(
    typingctx: Any,
    table: Any,
    base: Any,
    rows: Any,
    at: Any,
    groups: Any,
    limits: Any,
    limits_at: Any,
    first: Any,
    second: Any,
    sums: Any,
    sums_at: Any,
    bits: Any,
    bits_at: Any,
) -> Any:
    """Sum one partner's rows over the lanes of a block, and flag the lanes whose sum reaches their limit.

    ``sums[lane]`` is the saturating int16 sum of ``table[base + rows[at + g] * LANES + lane]`` over the `groups`
    groups g.
    The limit, of three rows x, y, z of `limits`, is ``max(x, min(y + first, z + second))``, saturating too. All arrays
    are flat; `bits` gets `WORDS` uint64.
    """
    i64 = types.int64
    signature = types.void(table, i64, rows, i64, i64, limits, i64, types.int16, types.int16, sums, i64, bits, i64)
    return signature, _emit_pass_lanes


def _count_ones(typingctx: Any, word: Any) -> Any:
    """How many bits of an int64 are set."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(word), emit


def _first_one(typingctx: Any, word: Any) -> Any:
    """The position of the lowest set bit of an int64 that is not 0."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(word), emit


# Callable from kernels. Typed by what numba sees, of which mypy knows nothing.
pass_lanes: Any = intrinsic(_pass_lanes)
count_ones: Any = intrinsic(_count_ones)
first_one: Any = intrinsic(_first_one)
