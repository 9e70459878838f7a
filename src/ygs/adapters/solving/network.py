"""The network of cost scaling: pairs in rows of both sides, and where each unit of capacity is placed."""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel, kernel
from ygs.adapters.solving.graph import Flags, Graph, Ints, Places, State

NOBODY = np.int32(-1)
LEAST = -(np.int64(1) << 62)  # Below every potential.


class Network(NamedTuple):
    """Per node ``v`` its arcs ``start[v] : start[v + 1]``: to which node, of what scaled weight, by which pair.

    Only pairs that may be chosen: both people have capacity, and the weight is not negative. `side`: per node. The hub
    is the node ``len(side)`` and has no row.
    """

    start: Ints
    to: Places
    weight: Ints
    pair: Places
    side: Flags


class Flow(NamedTuple):
    """Per node ``v`` its units ``slot[v] : slot[v + 1]``: `holder`, the node at the other end, the hub or `NOBODY`, and
    `arc`, the arc of the node of side 0 that leads there. `potential`: per node, and of the hub."""

    slot: Ints
    holder: Places
    arc: Places
    potential: Ints


class Queue(NamedTuple):
    """The nodes of side 0 with units to place, first in, first out, in a ring; `waiting`: per node.

    `at`: the positions of the head and the tail, the length, and the units that the hub has too many.
    """

    ring: Places
    waiting: Flags
    at: Ints


HEAD, TAIL, SIZE, EXCESS = range(4)


@allocating_kernel
def new_queue(nodes: int) -> Queue:
    """An empty queue."""
    return Queue(np.empty(nodes + 1, np.int32), np.zeros(nodes, np.uint8), np.zeros(4, np.int64))


def network_of(graph: Graph, capacity: Places, shift: int, scale: int) -> Network:
    """Build the network of a graph, its weights lowered by `shift` bits and multiplied by `scale`.

    Side 0 bids for side 1. It is the one with less capacity, or many would bid for the few, and most in vain.
    """
    start, to, weight, pair = _rows(graph, capacity, shift, scale)
    room = np.bincount(graph.side, np.where(start[1:] > start[:-1], capacity, 0), minlength=2)
    side = graph.side if room[0] <= room[1] else 1 - graph.side
    return Network(start, to, weight, pair, side)


@allocating_kernel
def _rows(graph: Graph, capacity: Places, shift: int, scale: int) -> tuple[Ints, Places, Ints, Places]:
    start = np.zeros_like(graph.start)
    to = np.empty(len(graph.pair), np.int32)
    weight = np.empty(len(graph.pair), np.int64)
    pair = np.empty(len(graph.pair), np.int32)
    size = 0
    for v in range(len(capacity)):
        for i in range(graph.start[v], graph.start[v + 1]):
            e = graph.pair[i]
            y = graph.ends[e] ^ v
            if capacity[v] and capacity[y] and graph.weight[e] >= 0:
                to[size] = y
                weight[size] = (graph.weight[e] >> shift) * scale
                pair[size] = e
                size += 1
        start[v + 1] = size
    return start, to[:size].copy(), weight[:size].copy(), pair[:size].copy()


def new_flow(network: Network, state: State, scale: int) -> Flow:
    """The flow of a state's prices and choice, as far as capacities allow the choice.

    Nodes have one unit more than arcs at most, and without arcs none: the hub would have to place each. The one more
    shows that a further unit is worth nothing.
    """
    nodes = len(network.side)
    arcs = np.diff(network.start)
    units = np.where(arcs > 0, np.minimum(state.capacity, arcs + 1), 0)
    slot = np.concatenate(([0], np.cumsum(units, dtype=np.int64)))
    holder = np.full(slot[-1], NOBODY, np.int32)
    potential = np.zeros(nodes + 1, np.int64)
    potential[:nodes] = np.where(network.side == 0, state.price, -state.price) * scale
    flow = Flow(slot, holder, np.zeros(len(holder), np.int32), potential)
    _place(network, flow, state)
    return flow


@allocating_kernel
def _place(network: Network, flow: Flow, state: State) -> None:
    for v in range(len(network.side)):
        if network.side[v] == 0:
            for i in range(network.start[v], network.start[v + 1]):
                y = network.to[i]
                if state.chosen[network.pair[i]] and count(flow, v, NOBODY) and count(flow, y, NOBODY):
                    replace(flow, v, NOBODY, y, i)
                    replace(flow, y, NOBODY, v, i)


@kernel
def count(flow: Flow, v: int, holder: int) -> Any:
    """How many units of a node are held by another."""
    units = 0
    for s in range(flow.slot[v], flow.slot[v + 1]):
        units += flow.holder[s] == holder
    return units


@kernel
def replace(flow: Flow, v: int, holder: int, successor: int, arc: int) -> None:
    """Move one unit of a node from a holder to another, by an arc of side 0."""
    for s in range(flow.slot[v], flow.slot[v + 1]):
        if flow.holder[s] == holder:
            flow.holder[s] = successor
            flow.arc[s] = arc
            break


@kernel
def enqueue(queue: Queue, v: int) -> None:
    """Let a node wait, unless it does."""
    if not queue.waiting[v]:
        queue.waiting[v] = 1
        queue.ring[queue.at[TAIL]] = v
        queue.at[TAIL] = (queue.at[TAIL] + 1) % len(queue.ring)
        queue.at[SIZE] += 1


@kernel
def dequeue(queue: Queue) -> Any:
    """Take the node that has waited longest."""
    v = queue.ring[queue.at[HEAD]]
    queue.at[HEAD] = (queue.at[HEAD] + 1) % len(queue.ring)
    queue.at[SIZE] -= 1
    queue.waiting[v] = 0
    return v
