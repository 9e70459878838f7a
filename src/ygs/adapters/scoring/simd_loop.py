"""What a scan asks of 64 people and one partner at once, in vector instructions: sums of bounds, and comparisons.

The compiler would widen every 16-bit sum to 64 bits and keep it in memory. Written in LLVM's intermediate language, the
same loops are several times faster, run near the speed of C, and need no C compiler. LLVM splits the vectors on a
machine with narrower ones.
"""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.extending import intrinsic

cgutils: Any = untyped_cgutils

LANES = 256  # people in a block
WORDS = LANES // 64  # 64-bit words that hold a flag for each of them
PIECE = 32  # int16 that one instruction looks 32 others up in
TRANSPOSED = 16  # people whose rows are transposed at once

_WIDTH = 32
_INT16 = ir.IntType(16)
_INT32 = ir.IntType(32)
_INT64 = ir.IntType(64)
_VECTOR = ir.VectorType(_INT16, _WIDTH)
_FLOATS = ir.VectorType(ir.FloatType(), _WIDTH)
_INTS = ir.VectorType(_INT64, _WIDTH)


def _emit_pass_lanes(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    table, base, rows, at, groups, limits, limits_at, sums = args
    start = _starts(context, builder, signature.args)
    limit = start(5, limits, limits_at)
    sums_out = start(7, sums, _int64(0))
    totals = _row_sums(builder, start(0, table, base), start(2, rows, at), groups)

    def passes(lane: int) -> Any:
        total = totals[lane // _WIDTH]
        _store(builder, total, sums_out, lane)
        return builder.icmp_signed(">=", total, _load(builder, limit, lane))

    return _word(builder, passes)


def _emit_raise_lanes(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    sums, greatest, at = args
    start = _starts(context, builder, signature.args)
    own = start(0, sums, _int64(0))
    most = start(1, greatest, at)
    for lane in range(0, 64, _WIDTH):
        higher = _pick(builder, ">", _load(builder, own, lane), _load(builder, most, lane))
        _store(builder, higher, most, lane)
    return context.get_dummy_value()


def _emit_pass_looked_up(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    table, base, firsts, single, pieces, codes, codes_at, least, sums = args
    start = _starts(context, builder, signature.args)
    row = start(0, table, base)
    first = start(2, firsts, _int64(0))
    code = start(5, codes, codes_at)
    sums_out = start(8, sums, _int64(0))
    totals = [cgutils.alloca_once_value(builder, ir.Constant(_VECTOR, [0] * _WIDTH)) for _ in range(64 // _WIDTH)]
    with cgutils.for_range_slice(builder, _int64(0), single, _int64(1), intp=_INT64) as (k, _):
        _look_up(builder, row, first, code, totals, k, guarded=False)
    with cgutils.for_range_slice(builder, single, pieces, _int64(1), intp=_INT64) as (k, _):
        _look_up(builder, row, first, code, totals, k, guarded=True)
    required = _splat(builder, least)

    def passes(lane: int) -> Any:
        total = builder.load(totals[lane // _WIDTH])
        _store(builder, total, sums_out, lane)
        return builder.icmp_signed(">=", total, required)

    return _word(builder, passes)


def _look_up(builder: Any, row: Any, first: Any, code: Any, totals: Sequence[Any], k: Any, *, guarded: bool) -> None:
    """Add the entries of one piece for 64 lanes; `guarded`: of the lanes whose code lies in it."""
    entries = _load(builder, builder.gep(row, [builder.load(builder.gep(first, [k]))]), 0)
    codes = builder.gep(code, [builder.mul(k, _int64(64))])
    kind = ir.FunctionType(_VECTOR, (_VECTOR, _VECTOR))
    permute = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.permvar.hi.512")
    for half, total in enumerate(totals):
        index = _load(builder, codes, half * _WIDTH)
        found = builder.call(permute, [entries, index])
        if guarded:
            inside = builder.icmp_unsigned("<", index, ir.Constant(_VECTOR, [PIECE] * _WIDTH))
            found = builder.select(inside, found, ir.Constant(_VECTOR, [0] * _WIDTH))
        builder.store(_add(builder, builder.load(total), found), total)


def _emit_pass_chances(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    chances, wanted, *numbers, bits = args
    start = _starts(context, builder, signature.args)
    own = [start(0, chances, _int64(k * LANES)) for k in range(3)]
    least = start(1, wanted, _int64(0))
    bits_out = start(7, bits, _int64(0))
    partner = [_splat(builder, each, _FLOATS) for each in numbers]
    one = ir.Constant(_FLOATS, [1.0] * _WIDTH)

    def passes(lane: int) -> Any:
        mine = [_load(builder, each, lane, _FLOATS) for each in own]
        first = builder.fadd(_load(builder, least, lane, _FLOATS), partner[3])
        second = builder.fadd(_load(builder, least, 2 * LANES + lane, _FLOATS), partner[4])
        there = builder.fadd(builder.fmul(mine[1], partner[2]), one)
        back = builder.fadd(builder.fmul(mine[2], partner[1]), one)
        product = builder.fmul(builder.fmul(_lesser(builder, first, second), there), back)
        return builder.fcmp_unordered("<=", product, builder.fmul(mine[0], partner[0]))

    for word in range(WORDS):
        flags = _word(builder, passes, 64 * word)
        builder.store(flags, builder.gep(bits_out, [_int64(word)]))
    return context.get_dummy_value()


def _emit_pass_most(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    sums, most, *rest = args
    start = _starts(context, builder, signature.args)
    known = start(0, sums, _int64(0))
    back = _splat(builder, most, _FLOATS)
    reaches = _score_test(builder, start, 2, rest)
    return _word(builder, lambda lane: reaches(lane, _float(builder, known, lane), back))


def _emit_pass_scores(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return _emit_pass_sums(context, builder, signature, args, _score_test)


def _emit_pass_both(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return _emit_pass_sums(context, builder, signature, args, _both_test)


def _emit_pass_sums(context: Any, builder: Any, signature: Any, args: Any, test: Any) -> Any:
    sums, back, *rest = args
    start = _starts(context, builder, signature.args)
    known = start(0, sums, _int64(0))
    others = start(1, back, _int64(0))
    reaches = test(builder, start, 2, rest)
    return _word(builder, lambda lane: reaches(lane, _float(builder, known, lane), _float(builder, others, lane)))


def _score_test(builder: Any, start: Any, position: int, args: Any) -> Callable[[int, Any, Any], Any]:
    """Whether both sums, less what they lack in common values, multiply to the square of the required score."""
    own, held, per, lowered, lanes_at, partner_at, step = args
    lowest = start(position + 3, lowered, lanes_at)
    partner = start(position + 3, lowered, partner_at)
    first = _splat(builder, builder.load(partner), _FLOATS)
    second = _splat(builder, builder.load(builder.gep(partner, [_int64(2 * LANES)])), _FLOATS)
    less = _less_lacking(builder, start, position, (own, held, per, lanes_at, partner_at, step))
    nothing = ir.Constant(_FLOATS, [0.0] * _WIDTH)

    def reaches(lane: int, there: Any, back: Any) -> Any:
        mine, theirs = less(lane, there, back)
        wanted = _lesser(
            builder,
            builder.fadd(_load(builder, lowest, lane, _FLOATS), first),
            builder.fadd(_load(builder, lowest, 2 * LANES + lane, _FLOATS), second),
        )
        enough = builder.fcmp_unordered(">=", builder.fmul(mine, theirs), builder.fmul(wanted, wanted))
        return builder.or_(enough, builder.fcmp_unordered("<=", wanted, nothing))

    return reaches


def _both_test(builder: Any, start: Any, position: int, args: Any) -> Callable[[int, Any, Any], Any]:
    """Whether each sum, less what they lack in common values, reaches what its person requires."""
    own, held, per, lowered, lanes_at, partner_at, step = args
    lowest = start(position + 3, lowered, lanes_at)
    partner = _splat(builder, builder.load(start(position + 3, lowered, partner_at)), _FLOATS)
    less = _less_lacking(builder, start, position, (own, held, per, lanes_at, partner_at, step))

    def reaches(lane: int, there: Any, back: Any) -> Any:
        mine, theirs = less(lane, there, back)
        enough = builder.fcmp_unordered(">=", mine, _load(builder, lowest, lane, _FLOATS))
        return builder.and_(enough, builder.fcmp_unordered(">=", theirs, partner))

    return reaches


def _less_lacking(builder: Any, start: Any, position: int, args: Any) -> Callable[[int, Any, Any], tuple[Any, Any]]:
    """Both sums, less what the two lack in common values."""
    own, held, per, lanes_at, partner_at, step = args
    columns = [start(position + k, each, lanes_at) for k, each in enumerate((own, held, per))]
    scalars = [start(position + k, each, partner_at) for k, each in enumerate((own, held, per))]
    mask = _splat(builder, builder.load(scalars[0]), _INTS)
    most, rate = (_splat(builder, builder.load(each), _FLOATS) for each in scalars[1:])
    each = _splat(builder, step, _FLOATS)
    count = cgutils.get_or_insert_function(builder.module, ir.FunctionType(_INTS, (_INTS,)), "llvm.ctpop.v32i64")
    nothing = ir.Constant(_FLOATS, [0.0] * _WIDTH)

    def less(lane: int, there: Any, back: Any) -> tuple[Any, Any]:
        common = builder.call(count, [builder.and_(mask, _load(builder, columns[0], lane, _INTS))])
        held = _load(builder, columns[1], lane, _FLOATS)
        lacking = builder.fsub(_lesser(builder, held, most), builder.fmul(builder.uitofp(common, _FLOATS), each))
        lacking = builder.select(builder.fcmp_ordered(">", lacking, nothing), lacking, nothing)
        mine = builder.fsub(there, builder.fmul(lacking, _load(builder, columns[2], lane, _FLOATS)))
        return mine, builder.fsub(back, builder.fmul(lacking, rate))

    return less


def _lesser(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", one, other), one, other)


def _float(builder: Any, start: Any, lane: int) -> Any:
    """Sums in basis points, and a little more, for the rounding of float32."""
    unit = ir.Constant(_FLOATS, [(1 + 2e-6) / 3] * _WIDTH)
    more = ir.Constant(_FLOATS, [0.05] * _WIDTH)
    return builder.fadd(builder.fmul(builder.sitofp(_load(builder, start, lane), _FLOATS), unit), more)


def _emit_pass_proof(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    own_xs, own_ys, row, x, y, at = args
    start = _starts(context, builder, signature.args)
    own_x = _splat(builder, builder.load(start(0, own_xs, row)), _FLOATS)
    own_y = _splat(builder, builder.load(start(1, own_ys, row)), _FLOATS)
    their_x = start(3, x, at)
    their_y = start(4, y, at)

    def passes(lane: int) -> Any:
        mine = builder.fcmp_ordered(">", own_x, _load(builder, their_y, lane, _FLOATS))
        return builder.and_(mine, builder.fcmp_ordered(">", _load(builder, their_x, lane, _FLOATS), own_y))

    return _word(builder, passes)


def _emit_pass_masks(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    own_holds, own_refuses, row, holds, refuses, at = args
    start = _starts(context, builder, signature.args)
    held = _splat(builder, builder.load(start(0, own_holds, row)), _INTS)
    refused = _splat(builder, builder.load(start(1, own_refuses, row)), _INTS)
    their_holds = start(3, holds, at)
    their_refuses = start(4, refuses, at)
    nothing = ir.Constant(_INTS, [0] * _WIDTH)

    def passes(lane: int) -> Any:
        mine = builder.and_(refused, _load(builder, their_holds, lane, _INTS))
        theirs = builder.and_(held, _load(builder, their_refuses, lane, _INTS))
        return builder.icmp_signed("==", builder.or_(mine, theirs), nothing)

    return _word(builder, passes)


def _word(builder: Any, passes: Callable[[int], Any], first: int = 0) -> Any:
    """The flags of 64 lanes, from `first` on, as one number."""
    low, high = (builder.zext(builder.bitcast(passes(first + lane), _INT32), _INT64) for lane in (0, _WIDTH))
    return builder.or_(low, builder.shl(high, _int64(32)))


def _starts(context: Any, builder: Any, kinds: Any) -> Callable[[int, Any, Any], Any]:
    def start(position: int, array: Any, offset: Any) -> Any:
        return builder.gep(context.make_array(kinds[position])(context, builder, array).data, [offset])

    return start


def _row_sums(builder: Any, block: Any, partner: Any, groups: Any) -> list[Any]:
    """Vectors of sums for 64 lanes; LLVM keeps the totals in registers."""
    totals = [cgutils.alloca_once(builder, _VECTOR) for _ in range(64 // _WIDTH)]
    for total in totals:
        builder.store(ir.Constant(_VECTOR, [0] * _WIDTH), total)
    with cgutils.for_range(builder, groups, intp=_INT64) as loop:
        row = builder.sext(builder.load(builder.gep(partner, [loop.index])), _INT64)
        row_start = builder.gep(block, [builder.mul(row, _int64(64))])
        for k, total in enumerate(totals):
            more = _load(builder, row_start, k * _WIDTH)
            builder.store(_add(builder, builder.load(total), more), total)
    return [builder.load(total) for total in totals]


def _int64(value: int) -> Any:
    return ir.Constant(_INT64, value)


def _vector_at(builder: Any, start: Any, offset: int, kind: Any = _VECTOR) -> Any:
    return builder.bitcast(builder.gep(start, [_int64(offset)]), kind.as_pointer())


def _load(builder: Any, start: Any, offset: int, kind: Any = _VECTOR) -> Any:
    return builder.load(_vector_at(builder, start, offset, kind), align=2)


def _store(builder: Any, vector: Any, start: Any, offset: int) -> None:
    builder.store(vector, _vector_at(builder, start, offset), align=2)


def _add(builder: Any, one: Any, other: Any) -> Any:
    """Saturating addition: after a refusal a sum must not wrap round to a large one."""
    kind = ir.FunctionType(_VECTOR, (_VECTOR, _VECTOR))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.sadd.sat.v32i16"), [one, other])


def _pick(builder: Any, comparison: str, one: Any, other: Any) -> Any:
    return builder.select(builder.icmp_signed(comparison, one, other), one, other)


def _splat(builder: Any, value: Any, kind: Any = _VECTOR) -> Any:
    undefined = ir.Constant(kind, ir.Undefined)
    lowest = builder.insert_element(undefined, value, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(lowest, undefined, ir.Constant(ir.VectorType(_INT32, _WIDTH), [0] * _WIDTH))


def _pass_lanes(
    typingctx: Any,
    table: Any,
    base: Any,
    rows: Any,
    at: Any,
    groups: Any,
    limits: Any,
    limits_at: Any,
    sums: Any,
) -> Any:
    """Sum one partner's rows over 64 lanes; flag, as an int64, the lanes whose sum reaches their limit.

    ``sums[lane]`` is the saturating int16 sum of ``table[base + rows[at + g] * 64 + lane]`` over the `groups` groups g.
    All arrays are flat.
    """
    i64 = types.int64
    signature = types.int64(table, i64, rows, i64, i64, limits, i64, sums)
    return signature, _emit_pass_lanes


def _pass_looked_up(
    typingctx: Any,
    table: Any,
    base: Any,
    firsts: Any,
    single: Any,
    pieces: Any,
    codes: Any,
    codes_at: Any,
    least: Any,
    sums: Any,
) -> Any:
    """Sum one person's entries for 64 lanes; flag, as an int64, the lanes whose sum is at least `least`.

    ``sums[lane]`` is the saturating int16 sum of ``table[base + firsts[p] + codes[p * 64 + lane]]`` over the pieces p;
    of those from `single` on, codes outside of a piece count 0. Needs AVX-512.
    """
    i64 = types.int64
    i16 = types.int16
    return types.int64(table, i64, firsts, i64, i64, codes, i64, i16, sums), _emit_pass_looked_up


def _pass_chances(
    typingctx: Any,
    chances: Any,
    wanted: Any,
    partner_answers: Any,
    partner_against: Any,
    partner_unwanted: Any,
    first: Any,
    second: Any,
    bits: Any,
) -> Any:
    """Flag the lanes of a block whose chance with one partner, if both are fully satisfied, reaches what it must.

    `chances`: three rows of `LANES`, see `WorthTables`: answers, against, unwanted. A lane must reach
    ``min(x + first, z + second)``, of the rows x and z of `wanted`, with one row between them. A lane is flagged unless
    that, times one more than both odds, is above the product of both rates of answering. `bits` gets `WORDS` int64.
    """
    f32 = types.float32
    return types.void(chances, wanted, f32, f32, f32, f32, f32, bits), _emit_pass_chances


def _raise_lanes(typingctx: Any, sums: Any, greatest: Any, at: Any) -> Any:
    """Raise each of 64 numbers in `greatest`, from `at` on, to that in `sums`, where that is greater; int16."""
    return types.void(sums, greatest, types.int64), _emit_raise_lanes


def _pass_most(
    typingctx: Any,
    sums: Any,
    most: Any,
    own: Any,
    held: Any,
    per: Any,
    lowered: Any,
    lanes_at: Any,
    partner_at: Any,
    step: Any,
) -> Any:
    """Flag, as an int64, the 64 lanes whose mutual score with one partner may reach what it must.

    A lane must reach ``min(x[lane] + x[partner], z[lane] + z[partner])``, where x are the first rows of `lowered`, for
    lanes and partners, and z the next two. Its satisfaction is at most its sum, the partner's at most `most`, each less
    what the two lack in common values: ``max(min(held) - step * popcount(own & own), 0)``, times `per`.
    """
    i64 = types.int64
    f32 = types.float32
    return types.int64(sums, f32, own, held, per, lowered, i64, i64, f32), _emit_pass_most


def _pass_scores(
    typingctx: Any,
    sums: Any,
    back: Any,
    own: Any,
    held: Any,
    per: Any,
    lowered: Any,
    lanes_at: Any,
    partner_at: Any,
    step: Any,
) -> Any:
    """As `pass_most`, where the partner's satisfaction is at most their sum in `back`."""
    i64 = types.int64
    f32 = types.float32
    return types.int64(sums, back, own, held, per, lowered, i64, i64, f32), _emit_pass_scores


def _pass_both(
    typingctx: Any,
    sums: Any,
    back: Any,
    own: Any,
    held: Any,
    per: Any,
    lowered: Any,
    lanes_at: Any,
    partner_at: Any,
    step: Any,
) -> Any:
    """Flag, as an int64, the 64 lanes who may reach ``lowered[lane]`` while their partner reaches
    ``lowered[partner]``; the satisfactions as for `pass_scores`."""
    i64 = types.int64
    f32 = types.float32
    return types.int64(sums, back, own, held, per, lowered, i64, i64, f32), _emit_pass_both


def _pass_proof(typingctx: Any, own_x: Any, own_y: Any, row: Any, x: Any, y: Any, at: Any) -> Any:
    """Flag, as an int64, the 64 lanes from `at` on with ``own_x[row] > y[lane]`` and ``x[lane] > own_y[row]``."""
    i64 = types.int64
    return types.int64(own_x, own_y, i64, x, y, i64), _emit_pass_proof


def _pass_masks(typingctx: Any, own_holds: Any, own_refuses: Any, row: Any, holds: Any, refuses: Any, at: Any) -> Any:
    """Flag, as an int64, the 64 lanes from `at` on that hold no bit of ``own_refuses[row]``, nor refuse one of
    ``own_holds[row]``."""
    i64 = types.int64
    return types.int64(own_holds, own_refuses, i64, holds, refuses, i64), _emit_pass_masks


def _pack_lanes(
    typingctx: Any, table: Any, height: Any, column: Any, order: Any, at: Any, target: Any, target_at: Any
) -> Any:
    """Transpose `TRANSPOSED` columns, from `column` on, of the rows of `TRANSPOSED` people; int16.

    The people are ``order[at]`` and after, negative ones counting as 0, and their rows ``table[person * height]`` and
    after; the columns become rows of 64 at `target_at`.
    """
    i64 = types.int64
    return types.void(table, i64, i64, order, i64, target, i64), _emit_pack_lanes


def _emit_pack_lanes(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Four perfect shuffles of 16 rows: each takes a row and the one half the table below it, element by element."""
    table, height, column, order, at, target, target_at = args
    start = _starts(context, builder, signature.args)
    kind = ir.VectorType(_INT16, TRANSPOSED)
    people = start(3, order, at)
    rows = []
    for k in range(TRANSPOSED):
        person = builder.sext(builder.load(builder.gep(people, [_int64(k)])), _INT64)
        person = _pick(builder, ">", person, _int64(0))
        row = start(0, table, builder.add(builder.mul(person, height), column))
        rows.append(builder.load(_vector_at(builder, row, 0, kind), align=2))
    indices = [k // 2 + TRANSPOSED * (k % 2) for k in range(2 * TRANSPOSED)]
    low, high = (
        ir.Constant(ir.VectorType(_INT32, TRANSPOSED), half) for half in (indices[:TRANSPOSED], indices[TRANSPOSED:])
    )
    for _ in range(TRANSPOSED.bit_length() - 1):
        pairs = [(rows[k], rows[k + TRANSPOSED // 2]) for k in range(TRANSPOSED // 2)]
        rows = [builder.shuffle_vector(*pair, mask) for pair in pairs for mask in (low, high)]
    first = start(5, target, target_at)
    for k, vector in enumerate(rows):
        builder.store(vector, _vector_at(builder, first, k * 64, kind), align=2)
    return context.get_dummy_value()


def _sum_rows(typingctx: Any, table: Any, base: Any, rows: Any, at: Any, groups: Any) -> Any:
    """Sum ``table[base + rows[at + g]]`` over the `groups` groups g, as an int64."""
    i64 = types.int64

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        table, base, rows, at, groups = args
        start = _starts(context, builder, signature.args)
        own = start(0, table, base)
        partner = start(2, rows, at)
        total = cgutils.alloca_once_value(builder, _int64(0))
        with cgutils.for_range(builder, groups, intp=_INT64) as loop:
            row = builder.sext(builder.load(builder.gep(partner, [loop.index])), _INT64)
            more = builder.sext(builder.load(builder.gep(own, [row])), _INT64)
            builder.store(builder.add(builder.load(total), more), total)
        return builder.load(total)

    return i64(table, i64, rows, i64, i64), emit


def _count_ones(typingctx: Any, word: Any) -> Any:
    """The number of set bits of an int64."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(word), emit


def _first_one(typingctx: Any, word: Any) -> Any:
    """The position of the lowest set bit of an int64 that is not 0."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(word), emit


# Callable from kernels. Numba types them; mypy cannot.
pass_lanes: Any = intrinsic(_pass_lanes)
pass_looked_up: Any = intrinsic(_pass_looked_up)
pass_chances: Any = intrinsic(_pass_chances)
raise_lanes: Any = intrinsic(_raise_lanes)
pass_most: Any = intrinsic(_pass_most)
pass_scores: Any = intrinsic(_pass_scores)
pass_both: Any = intrinsic(_pass_both)
pass_proof: Any = intrinsic(_pass_proof)
pass_masks: Any = intrinsic(_pass_masks)
pack_lanes: Any = intrinsic(_pack_lanes)
sum_rows: Any = intrinsic(_sum_rows)
count_ones: Any = intrinsic(_count_ones)
first_one: Any = intrinsic(_first_one)
