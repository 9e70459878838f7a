"""A good first guess at the prices: Bertsekas' forward auction in scaled steps (1988), for one side with capacities.

Side 0 bids for side 1. Prices on side 1 only rise within a phase, and a node nobody holds starts each phase at price 0,
so that every phase ends within `step` of optimal. Firsts are left to the exact repair: where promises outnumber the
partners they compete for, an auction would climb towards their worth one step at a time.
"""

from typing import Any

import numpy as np
from numba import njit

from ygs.adapters.solving.graph import FAR, Flags, Graph, Ints, Places, State

_MOST = 7  # pairs a node may hold
_SHRINK, _FINEST = 5, 100  # of the largest weight: measured, a finer auction costs more than the repair it saves


def auction(graph: Graph, state: State) -> None:
    """Put prices on side 1, and the pairs chosen at them, in `state` (which starts without either)."""
    largest = int(graph.weight.max(initial=0))
    held = np.zeros((len(state.price), _MOST), np.int32)
    count = np.zeros(len(state.price), np.int32)
    step = largest // 4
    while step > 0:
        _phase(graph, state.price, state.capacity, state.chosen, step, held, count)
        if step <= max(1, largest // _FINEST):
            return
        step = max(1, largest // _FINEST, step // _SHRINK)


@njit(cache=True)
def _phase(graph: Graph, price: Ints, capacity: Places, chosen: Flags, step: int, held: Places, count: Places) -> None:
    nodes = len(price)
    stack = np.empty(nodes, np.int32)
    waiting = np.zeros(nodes, np.uint8)
    top = 0
    for v in range(nodes):
        if graph.side[v] == 0 and not _stays(graph, price, capacity, held, count, v, step):
            _let_go(graph, chosen, held, count, v)
            stack[top], waiting[v] = v, 1
            top += 1
    price[(graph.side == 1) & (count < capacity)] = 0
    while top:
        v = stack[top - 1]
        lost = _bid(graph, price, capacity, chosen, step, held, count, v)
        if lost == -2:
            top -= 1
            waiting[v] = 0
        elif lost >= 0 and not waiting[lost]:
            stack[top], waiting[lost] = lost, 1
            top += 1


@njit(cache=True)
def _stays(graph: Graph, price: Ints, capacity: Places, held: Places, count: Places, v: int, step: int) -> bool:
    """Whether a node that holds its only pair is still within `step` of its best; sets its own price."""
    if capacity[v] != 1 or count[v] != 1:
        return False
    best = mine = np.int64(0)
    for i in range(graph.start[v], graph.start[v + 1]):
        e = graph.pair[i]
        gain = graph.weight[e] - price[graph.ends[e] ^ v]
        if e == held[v, 0]:
            mine = gain
        elif gain > best and capacity[graph.ends[e] ^ v]:
            best = gain
    price[v] = min(best - step, mine)
    return bool(mine >= best - step)


@njit(cache=True)
def _let_go(graph: Graph, chosen: Flags, held: Places, count: Places, v: int) -> None:
    while count[v]:
        e = held[v, 0]
        chosen[e] = 0
        _drop(held, count, v, e)
        _drop(held, count, graph.ends[e] ^ v, e)


@njit(cache=True)
def _drop(held: Places, count: Places, v: Any, e: Any) -> None:
    for j in range(count[v]):
        if held[v, j] == e:
            count[v] -= 1
            held[v, j] = held[v, count[v]]
            return


@njit(cache=True)
def _bid(
    graph: Graph, price: Ints, capacity: Places, chosen: Flags, step: int, held: Places, count: Places, v: int
) -> int:
    """Let a node take its best pair at a price at which it would as soon have its next best.

    Returns who lost a pair by it, -1 when nobody did, -2 when the node wants nothing more.
    """
    if count[v] >= capacity[v]:
        return -2
    best, second, pick = -FAR, np.int64(0), -1
    for i in range(graph.start[v], graph.start[v + 1]):
        e = graph.pair[i]
        y = graph.ends[e] ^ v
        if chosen[e] or not capacity[y]:
            continue
        gain = graph.weight[e] - price[y]
        if gain > best:
            second = max(second, best)
            best, pick = gain, e
        elif gain > second:
            second = gain
    if best <= 0:
        price[v] = 0
        return -2
    price[v] = second - step
    held[v, count[v]] = pick
    count[v] += 1
    chosen[pick] = 1
    return _receive(graph, price, capacity, chosen, held, count, graph.ends[pick] ^ v, pick)


@njit(cache=True)
def _receive(
    graph: Graph, price: Ints, capacity: Places, chosen: Flags, held: Places, count: Places, y: int, e: int
) -> int:
    """Take a bid; a full node lets its lowest go, and asks the lowest it still holds. Returns who lost, or -1."""
    lowest, next_lowest, at = graph.weight[e] - price[graph.ends[e] ^ y], FAR, -1
    for j in range(count[y]):
        level = graph.weight[held[y, j]] - price[graph.ends[held[y, j]] ^ y]
        if level < lowest:
            next_lowest, lowest, at = lowest, level, j
        elif level < next_lowest:
            next_lowest = level
    if count[y] < capacity[y]:
        held[y, count[y]] = e
        count[y] += 1
        if count[y] == capacity[y]:
            price[y] = max(price[y], lowest)
        return -1
    loser = e
    if at >= 0:
        loser, held[y, at] = held[y, at], e
    price[y] = max(price[y], next_lowest)
    chosen[loser] = 0
    v = graph.ends[loser] ^ y
    _drop(held, count, v, loser)
    return int(v)
