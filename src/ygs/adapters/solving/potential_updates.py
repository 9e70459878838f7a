"""Global updates of cost scaling: all potentials are lowered to those of shortest paths, by Dial's buckets.

Afterwards a path of arcs that gain something leads from each node with a unit to place to a node that misses one. The
length of an arc is how many eps its nodes' potentials lack until it gains something.
"""

from typing import Any, NamedTuple

import numpy as np

from ygs.adapters.jit import allocating_kernel, kernel
from ygs.adapters.solving.graph import FAR, Flags, Ints, Places
from ygs.adapters.solving.network import EXCESS, NOBODY, SIZE, Flow, Network, Queue, cost, count, head

_WIDTH = 4096
_END = np.int32(-1)


class Buckets(NamedTuple):
    """Nodes by their `distance`, as far as reached: of the distances from ``base[0]`` on, `_WIDTH` have a bucket.

    A bucket is a list: `first` of it, `following` and `previous` of each node. `done`: nodes whose distance is final.
    """

    base: Ints
    first: Places
    distance: Ints
    following: Places
    previous: Places
    done: Flags


@allocating_kernel
def new_buckets(nodes: int) -> Buckets:
    """Buckets for so many nodes."""
    return Buckets(
        np.zeros(1, np.int64),
        np.empty(_WIDTH, np.int32),
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.uint8),
    )


@allocating_kernel
def update_potentials(network: Network, flow: Flow, queue: Queue, buckets: Buckets, eps: int) -> int:
    """Lower the potentials; returns how many arcs were looked at."""
    hub = len(network.side)
    _start(network, flow, queue, buckets)
    left = queue.at[SIZE] + (queue.at[EXCESS] > 0)
    looked_at = 0
    here = np.int64(0)
    while left > 0:
        v, here = _nearest(network, buckets, here)
        if v < 0:
            break
        if v == hub:
            left -= queue.at[EXCESS] > 0
            _reach_from_hub(network, flow, buckets, here, eps)
        elif network.side[v] == 1:
            looked_at += network.start[v + 1] - network.start[v]
            _reach_from_side_1(network, flow, buckets, v, here, eps)
        else:
            left -= queue.waiting[v]
            _reach_from_side_0(network, flow, buckets, v, here, eps)
    for v in range(hub + 1):
        flow.potential[v] -= eps * (buckets.distance[v] if buckets.done[v] else here)
    return looked_at


@kernel
def _start(network: Network, flow: Flow, queue: Queue, buckets: Buckets) -> None:
    """Reach the nodes that miss a unit."""
    hub = len(network.side)
    buckets.base[0] = 0
    buckets.first[:] = _END
    buckets.distance[:] = FAR
    buckets.done[:] = 0
    for v in range(hub):
        if network.side[v] == 1 and count(flow, v, NOBODY):
            _reach(buckets, v, 0)
    if queue.at[EXCESS] < 0:
        _reach(buckets, hub, 0)


@kernel
def _reach(buckets: Buckets, v: int, distance: Any) -> None:
    """Lower a node's distance, unless it is as small."""
    old = buckets.distance[v]
    if buckets.done[v] or distance >= old:
        return
    base = buckets.base[0]
    if old - base < _WIDTH:
        before = buckets.previous[v]
        after = buckets.following[v]
        if before == _END:
            buckets.first[old - base] = after
        else:
            buckets.following[before] = after
        if after != _END:
            buckets.previous[after] = before
    buckets.distance[v] = distance
    if distance - base < _WIDTH:
        after = buckets.first[distance - base]
        buckets.following[v] = after
        buckets.previous[v] = _END
        buckets.first[distance - base] = v
        if after != _END:
            buckets.previous[after] = v


@kernel
def _nearest(network: Network, buckets: Buckets, here: Any) -> Any:
    """Take the nearest node, at a distance of at least `here`. Returns it (-1: none is reached) and its distance."""
    while True:
        if here - buckets.base[0] >= _WIDTH and not _rebase(network, buckets):
            return _END, here
        here = max(here, buckets.base[0])
        v = buckets.first[here - buckets.base[0]]
        if v != _END:
            break
        here += 1
    after = buckets.following[v]
    buckets.first[here - buckets.base[0]] = after
    if after != _END:
        buckets.previous[after] = _END
    buckets.done[v] = 1
    return v, here


@kernel
def _rebase(network: Network, buckets: Buckets) -> Any:
    """Put the nodes that are nearest, beyond all buckets, into buckets again. Returns whether there are any."""
    base = FAR
    for v in range(len(buckets.distance)):
        if not buckets.done[v]:
            base = min(base, buckets.distance[v])
    if base == FAR:
        return False
    buckets.base[0] = base
    for v in network.place:
        distance = buckets.distance[v]
        if not buckets.done[v] and distance - base < _WIDTH:
            buckets.distance[v] = FAR
            _reach(buckets, v, distance)
    return True


@kernel
def _reach_from_hub(network: Network, flow: Flow, buckets: Buckets, here: Any, eps: int) -> None:
    """Reach the nodes from which a unit can go to the hub: all of side 0, and side 1 where it holds one."""
    hub = len(network.side)
    for u in network.place[:-1]:
        if flow.slot[u] < flow.slot[u + 1] and (network.side[u] == 0 or count(flow, u, hub)):
            _reach(buckets, u, here + (flow.potential[u] - flow.potential[hub]) // eps + 1)


@kernel
def _reach_from_side_1(network: Network, flow: Flow, buckets: Buckets, v: int, here: Any, eps: int) -> None:
    """Reach the nodes from which a unit can go to `v`: those whose pair with it is not chosen, and the hub."""
    hub = len(network.side)
    for i in range(network.start[v], network.start[v + 1]):
        u = head(network, i)
        if buckets.done[u]:
            continue
        lack = flow.potential[u] - cost(network, i) - flow.potential[v]
        near = buckets.distance[u] != FAR and (buckets.distance[u] - here) * eps <= lack
        if not near and not count(flow, v, u):
            _reach(buckets, u, here + lack // eps + 1)
    if count(flow, v, hub) < flow.slot[v + 1] - flow.slot[v]:
        _reach(buckets, hub, here + (flow.potential[hub] - flow.potential[v]) // eps + 1)


@kernel
def _reach_from_side_0(network: Network, flow: Flow, buckets: Buckets, v: int, here: Any, eps: int) -> None:
    """Reach the nodes that can give a unit back to `v`, who holds one of them."""
    for s in range(flow.slot[v], flow.slot[v + 1]):
        u = flow.holder[s]
        if u == NOBODY:
            continue
        weight = np.int64(0) if u == len(network.side) else cost(network, flow.arc[s])
        _reach(buckets, u, here + (flow.potential[u] + weight - flow.potential[v]) // eps + 1)
