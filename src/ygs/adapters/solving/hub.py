"""The hub's side of cost scaling: where its units can go, in a heap, so that its price wars cost no look at everybody.

Potentials only fall while the heap is in use, so an entry is at worst too high: it is corrected when it comes up.
"""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.augmenting_paths import sift_down, sift_up
from ygs.adapters.solving.graph import Flags, Ints, Places
from ygs.adapters.solving.network import Flow, Network, count


class Takers(NamedTuple):
    """A heap of the nodes that can take a unit of the hub, the one where it is worth most at ``heap[0]``.

    `cost`: the negative potential of each when it was last looked at; `place`: its position; `inside`: whether it is in
    the heap. `size`: a single number, -1 before the heap is built.
    """

    cost: Ints
    heap: Places
    place: Places
    inside: Flags
    size: Ints


@allocating_kernel
def new_takers(nodes: int) -> Takers:
    """A heap that is not built."""
    return Takers(
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.zeros(nodes, np.uint8),
        np.full(1, -1, np.int64),
    )


@allocating_kernel
def build(takers: Takers, network: Network, flow: Flow) -> None:
    """Put all nodes that can take a unit into the heap, unless it is built."""
    if takers.size[0] < 0:
        takers.size[0] = 0
        for v in network.place[:-1]:
            admit(takers, network, flow, v)


@allocating_kernel
def takes(network: Network, flow: Flow, v: int) -> Any:
    """How many units of the hub a node can take: its own on side 0, and on side 1 those that the hub does not hold."""
    own = count(flow, v, len(network.side))
    return own if network.side[v] == 0 else flow.slot[v + 1] - flow.slot[v] - own


@allocating_kernel
def admit(takers: Takers, network: Network, flow: Flow, v: int) -> None:
    """Put a node into the heap, if it can take a unit and the heap is built."""
    size = takers.size[0]
    if size < 0 or takers.inside[v] or not takes(network, flow, v):
        return
    takers.inside[v] = 1
    takers.cost[v] = -flow.potential[v]
    takers.heap[size] = v
    takers.place[v] = size
    takers.size[0] += 1
    sift_up(takers.cost, takers.heap, takers.place, size)


@allocating_kernel
def best(takers: Takers, network: Network, flow: Flow) -> Any:
    """The node where a unit of the hub is worth most; -1 where none can take one."""
    while takers.size[0]:
        v = takers.heap[0]
        if not takes(network, flow, v):
            remove_best(takers)
        elif takers.cost[v] == -flow.potential[v]:
            return v
        else:
            takers.cost[v] = -flow.potential[v]
            sift_down(takers.cost, takers.heap, takers.place, 0, takers.size[0])
    return np.int32(-1)


@allocating_kernel
def remove_best(takers: Takers) -> None:
    """Take the first node out of the heap."""
    takers.inside[takers.heap[0]] = 0
    takers.size[0] -= 1
    if takers.size[0]:
        takers.heap[0] = takers.heap[takers.size[0]]
        sift_down(takers.cost, takers.heap, takers.place, 0, takers.size[0])
