"""The network of cost scaling: pairs in rows of both sides, and where each unit of capacity is placed."""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel, kernel
from ygs.adapters.solving.graph import Flags, Graph, Ints, Places, State

NOBODY = np.int32(-1)
LEAST = -(np.int64(1) << 62)  # Below every potential.


class Network(NamedTuple):
    """Per node ``v`` its arcs ``start[v] : start[v + 1]``: where they lead and what they weigh, and by which pair.

    Only pairs that may be chosen: both people have capacity, and the weight is not negative. `arc`: the node in the
    lowest `bits`, the unscaled weight above, for most of the time goes to fetching arcs from memory. `scale`: what a
    unit of weight is in potentials. `side`: per node; those of side 0 come first, so that the potentials that a row of
    arcs needs are near each other. `origin`: per node, which one of the graph it is; `place`: per node of the graph,
    which one it is here, and last the hub. That is the node ``len(side)`` and has no row.
    """

    start: Ints
    arc: Ints
    bits: int
    scale: int
    pair: Places
    side: Flags
    origin: Places
    place: Places


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
    bits = len(capacity).bit_length()
    room = np.bincount(graph.side, np.where(_has_arcs(graph, capacity), capacity, 0), minlength=2)
    side = graph.side if room[0] <= room[1] else 1 - graph.side
    origin = np.argsort(side, kind="stable").astype(np.int32)
    place = np.arange(len(origin) + 1, dtype=np.int32)
    place[origin] = place[:-1].copy()
    start = np.zeros_like(graph.start)
    arc = np.empty(len(graph.pair), np.int64)
    pair = np.empty(len(graph.pair), np.int32)
    arcs = _fill_rows(graph, capacity, origin, place, shift, bits, start, arc, pair)
    return Network(start, arc[:arcs], bits, scale, pair[:arcs], side[origin], origin, place)


@kernel
def head(network: Network, i: int) -> Any:
    """The node that an arc leads to."""
    return network.arc[i] & (1 << network.bits) - 1


@kernel
def cost(network: Network, i: int) -> Any:
    """The scaled weight of an arc."""
    return (network.arc[i] >> network.bits) * network.scale


@kernel
def _may_be_chosen(graph: Graph, capacity: Places, e: int, v: int) -> Any:
    return capacity[v] and capacity[graph.ends[e] ^ v] and graph.weight[e] >= 0


@allocating_kernel
def _has_arcs(graph: Graph, capacity: Places) -> Flags:
    found = np.zeros(len(capacity), np.uint8)
    for v in range(len(capacity)):
        for i in range(graph.start[v], graph.start[v + 1]):
            if _may_be_chosen(graph, capacity, graph.pair[i], v):
                found[v] = 1
                break
    return found


@allocating_kernel
def _fill_rows(
    graph: Graph,
    capacity: Places,
    origin: Places,
    place: Places,
    shift: int,
    bits: int,
    start: Ints,
    arc: Ints,
    pair: Places,
) -> int:
    size = 0
    for k in range(len(origin)):
        v = origin[k]
        for i in range(graph.start[v], graph.start[v + 1]):
            e = graph.pair[i]
            if _may_be_chosen(graph, capacity, e, v):
                arc[size] = graph.weight[e] >> shift << bits | place[graph.ends[e] ^ v]
                pair[size] = e
                size += 1
        start[k + 1] = size
    return size


def new_flow(network: Network, state: State) -> Flow:
    """The flow of a state's prices and choice, as far as capacities allow the choice.

    Nodes have one unit more than arcs at most, and without arcs none: the hub would have to place each. The one more
    shows that a further unit is worth nothing.
    """
    nodes = len(network.side)
    arcs = np.diff(network.start)
    units = np.where(arcs > 0, np.minimum(state.capacity[network.origin], arcs + 1), 0)
    slot = np.concatenate(([0], np.cumsum(units, dtype=np.int64)))
    holder = np.full(slot[-1], NOBODY, np.int32)
    potential = np.zeros(nodes + 1, np.int64)
    price = state.price[network.origin]
    potential[:nodes] = np.where(network.side == 0, price, -price) * network.scale
    flow = Flow(slot, holder, np.zeros(len(holder), np.int32), potential)
    _place(network, flow, state)
    return flow


@allocating_kernel
def _place(network: Network, flow: Flow, state: State) -> None:
    for v in range(len(network.side)):
        if network.side[v] == 0:
            for i in range(network.start[v], network.start[v + 1]):
                y = head(network, i)
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
