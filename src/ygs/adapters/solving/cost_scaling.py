"""The choice of greatest weight and its prices, by cost scaling (Goldberg and Kennedy 1995), from any prices.

Every unit of a node's capacity goes to a pair or to the *hub*, a further node that stands for having no pair: it takes
units of side 0 and fills up side 1, for nothing. A node's *potential* is what a further unit there is worth: a price on
side 0, a negative price on side 1. A choice is *eps-optimal* when no unit gains more than eps by moving. `refine` makes
it so for one eps, starting from what the last one left. Weights are multiplied by more than the number of nodes: so at
an eps of 1 the choice is optimal, and the potentials give whole prices.

A free unit of side 0 takes its best partner and lowers the partner's potential until another is as good; who is worth
least there is free again. Where many compete for too few, potentials fall by eps at a time; `update_potentials` lowers
them together now and then.

Nothing overflows. Potentials only fall during one eps, and those of nodes that still miss a unit do not. The hub has an
arc to these, each node of side 0 one to the hub, and each unit of side 1 one back to the hub or to a node of side 0. So
no potential falls further than three times the greatest weight, and a few eps; and where the last eps left them, all
were within the greatest weight, and three eps, of the hub's; an eps that was given up adds another such fall. Firsts
are left out: their worth times the number of nodes would overflow. The exact repair adds them.
"""

from typing import Any

import numpy as np

from ygs.adapters.jit import allocating_kernel, kernel
from ygs.adapters.solving.graph import Graph, State
from ygs.adapters.solving.hub import Takers, admit, best, build, new_takers, remove_best, takes
from ygs.adapters.solving.network import (
    EXCESS,
    LEAST,
    NOBODY,
    SIZE,
    Flow,
    Network,
    Queue,
    cost,
    count,
    dequeue,
    enqueue,
    head,
    network_of,
    new_flow,
    new_queue,
    replace,
)
from ygs.adapters.solving.potential_updates import new_buckets, update_potentials

_MOST_COST = 1 << 57  # The greatest weight times the number of nodes: potentials are a few times as far apart.
_STEP = 10  # Each eps is so many times as large as the next.
_FIRST_STEP = 100  # The greatest weight is so many times as large as the first eps,
_WARM_STEP = 10_000  # and with a start, of which most is right already, so many times.
_PATIENCE = 4  # Bids cost so many times as much as global updates.
_ONLY_TIES = 20  # An eps below 1/20 of a unit of weight only decides ties: then the last eps is tried next.
_FEW_BIDS = 8  # A start, or the last eps before its turn, saves time if it takes at most so many bids per node,
_LEAST_BIDS = 2_000  # or so many in all.
_ANY_BIDS = 1 << 62


def scale_costs(graph: Graph, state: State, *, warm: bool) -> None:
    """Choose the pairs of greatest weight and set the prices that prove it.

    `warm`: the state's prices and choice are those of a similar problem, and only save time.
    Weights that would overflow are rounded to multiples of a power of two. The result is then only nearly the best; the
    exact repair does the rest.
    """
    if not len(graph.weight):
        return
    scale = len(state.price) + 2
    heaviest = max(0, int(graph.weight.max()))
    shift = (heaviest * scale // _MOST_COST).bit_length()
    heaviest >>= shift
    if not warm:
        state.chosen[:] = 0
    state.price[:] = np.clip(state.price >> shift, 0, heaviest) if warm else heaviest // 2
    network = network_of(graph, state.capacity, shift, scale)
    flow = new_flow(network, state)
    eps = max(1, heaviest * scale // (_WARM_STEP if warm else _FIRST_STEP))
    if not refine(network, flow, eps, _few_bids(network) if warm else _ANY_BIDS):
        scale_costs(graph, state, warm=False)
        return
    _refine_further(network, flow, eps, scale)
    _write_back(network, flow, state)
    state.price[:] <<= shift


def _refine_further(network: Network, flow: Flow, eps: int, scale: int) -> None:
    """Make an eps-optimal choice optimal."""
    while eps > 1:
        eps = max(1, eps // _STEP)
        only_ties = eps > 1 and eps * _ONLY_TIES < scale
        if only_ties and refine(network, flow, 1, _few_bids(network)):
            break
        refine(network, flow, eps, _ANY_BIDS)


def _few_bids(network: Network) -> int:
    return max(_LEAST_BIDS, _FEW_BIDS * len(network.side))


@allocating_kernel
def refine(network: Network, flow: Flow, eps: int, most: int) -> bool:
    """Make the choice eps-optimal, with every unit placed. Ends with the hub's potential at 0.

    Gives up after about `most` bids; returns whether it did not.
    """
    nodes = len(network.side)
    queue = new_queue(nodes)
    buckets = new_buckets(nodes + 1)
    takers = new_takers(nodes)
    _free_units(network, flow, queue, eps)
    bids = 0
    update_at = 0
    while (queue.at[SIZE] or queue.at[EXCESS] > 0) and bids < most:
        if bids >= update_at:
            looked_at = update_potentials(network, flow, queue, buckets, eps)
            # An update costs about as much as as many bids on so many arcs, and a little per node.
            update_at = bids + 1 + (looked_at + nodes // 4) * nodes // (len(network.arc) + nodes) * _PATIENCE
        if queue.at[SIZE]:
            _bid(network, flow, queue, takers, eps)
            bids += 1
        else:
            bids += _place_excess(network, flow, queue, takers, eps, update_at - bids)
    flow.potential[:] -= flow.potential[nodes]
    return bool(queue.at[SIZE] == 0 and queue.at[EXCESS] <= 0)


@allocating_kernel
def _free_units(network: Network, flow: Flow, queue: Queue, eps: int) -> None:
    """Keep of the choice what is eps-optimal, and queue the nodes of side 0 with units to place."""
    hub = len(network.side)
    for v in range(hub):
        if network.side[v] == 1:
            _settle_with_hub(flow, v, hub, eps)
    for v in range(hub):
        if network.side[v] == 0 and _keep_best(network, flow, v, eps):
            enqueue(queue, v)
    for v in range(hub):
        placed = flow.slot[v + 1] - flow.slot[v] - count(flow, v, hub)
        queue.at[EXCESS] += placed if network.side[v] == 1 else -placed


@kernel
def _settle_with_hub(flow: Flow, v: int, hub: int, eps: int) -> None:
    """Let the hub fill a node of side 1 that is worth more than the hub is, and leave one that is worth less."""
    gain = flow.potential[v] - flow.potential[hub]
    for s in range(flow.slot[v], flow.slot[v + 1]):
        holder = flow.holder[s]
        if holder == hub and gain < -eps:
            flow.holder[s] = NOBODY
        elif holder != hub and gain > eps:
            if holder != NOBODY:
                replace(flow, holder, v, NOBODY, 0)
            flow.holder[s] = hub


@kernel
def _keep_best(network: Network, flow: Flow, v: int, eps: int) -> Any:
    """Set the potential of a node of side 0 to its best further place, and leave places that are worse than that.

    Returns whether it has units to place.
    """
    hub = len(network.side)
    first, _, _ = _two_best(network, flow, v)
    flow.potential[v] = first
    for s in range(flow.slot[v], flow.slot[v + 1]):
        holder = flow.holder[s]
        if holder == NOBODY:
            continue
        gain = np.int64(0) if holder == hub else cost(network, flow.arc[s])
        if gain + flow.potential[holder] < first - eps:
            flow.holder[s] = NOBODY
            if holder != hub:
                replace(flow, holder, v, NOBODY, 0)
    return count(flow, v, NOBODY) > 0


@kernel
def _two_best(network: Network, flow: Flow, v: int) -> Any:
    """What the best and the second best further place of a unit of side 0 are worth, and the arc to the best.

    The arc is -1 where the hub is best.
    """
    single = flow.slot[v + 1] - flow.slot[v] == 1 and flow.holder[flow.slot[v]] == NOBODY
    first = flow.potential[len(network.side)]
    second = LEAST
    arc = -1
    for i in range(network.start[v], network.start[v + 1]):
        y = head(network, i)
        worth = cost(network, i) + flow.potential[y]
        if worth > second and (single or not count(flow, v, y)):
            if worth > first:
                second = first
                first = worth
                arc = i
            else:
                second = worth
    return first, second, arc


@kernel
def _bid(network: Network, flow: Flow, queue: Queue, takers: Takers, eps: int) -> None:
    """Place one unit of the node at the head of the queue."""
    hub = len(network.side)
    v = dequeue(queue)
    first, second, arc = _two_best(network, flow, v)
    if arc < 0:
        replace(flow, v, NOBODY, hub, 0)
        flow.potential[v] = min(flow.potential[v], first)
        queue.at[EXCESS] += 1
        admit(takers, network, flow, v)
    else:
        y = head(network, arc)
        flow.potential[v] = second - eps
        replace(flow, v, NOBODY, y, arc)
        _free(network, flow, queue, takers, _offer(network, flow, y, v, arc), y)
    if count(flow, v, NOBODY):
        enqueue(queue, v)


@kernel
def _free(network: Network, flow: Flow, queue: Queue, takers: Takers, holder: int, y: int) -> None:
    """Take a unit back from a node of side 1 that put out its holder, or had a place to spare."""
    if holder == len(network.side):
        queue.at[EXCESS] += 1
        admit(takers, network, flow, y)
    elif holder != NOBODY:
        replace(flow, holder, y, NOBODY, 0)
        enqueue(queue, holder)


@kernel
def _offer(network: Network, flow: Flow, y: int, v: int, arc: int) -> Any:
    """Let a node of side 1 take a unit from a node of side 0 or the hub.

    Returns whom it puts out: the holder worth least there, who may be the one that offers; or `NOBODY`.
    """
    out = -1
    most = _compensation(network, flow, v, arc)
    after = LEAST
    for s in range(flow.slot[y], flow.slot[y + 1]):
        if flow.holder[s] == NOBODY:
            flow.holder[s] = v
            flow.arc[s] = arc
            _lower_if_full(network, flow, y)
            return NOBODY
        each = _compensation(network, flow, flow.holder[s], flow.arc[s])
        if each >= most:
            after = most
            most = each
            out = s
        elif each > after:
            after = each
    flow.potential[y] = min(flow.potential[y], after)
    if out < 0:
        return v
    holder = flow.holder[out]
    flow.holder[out] = v
    flow.arc[out] = arc
    return holder


@kernel
def _compensation(network: Network, flow: Flow, v: int, arc: int) -> Any:
    """What a unit of side 1 gains by being given back to its holder: the holder's potential less the pair's weight."""
    if v == len(network.side):
        return flow.potential[v]
    return flow.potential[v] - cost(network, arc)


@kernel
def _lower_if_full(network: Network, flow: Flow, y: int) -> None:
    most = LEAST
    for s in range(flow.slot[y], flow.slot[y + 1]):
        if flow.holder[s] == NOBODY:
            return
        most = max(most, _compensation(network, flow, flow.holder[s], flow.arc[s]))
    flow.potential[y] = min(flow.potential[y], most)


@allocating_kernel
def _place_excess(network: Network, flow: Flow, queue: Queue, takers: Takers, eps: int, most: int) -> int:
    """Place units that the hub has too many, each as `_bid` does; returns how many were offered, `most` at most."""
    hub = len(network.side)
    build(takers, network, flow)
    offered = 0
    while queue.at[EXCESS] > 0 and offered < most:
        v = best(takers, network, flow)
        remove_best(takers)
        other = best(takers, network, flow)
        second = flow.potential[v] if other < 0 or takes(network, flow, v) > 1 else flow.potential[other]
        flow.potential[hub] = min(flow.potential[hub], second - eps)
        _move_from_hub(network, flow, queue, takers, v)
        admit(takers, network, flow, v)
        offered += 1
    return offered


@kernel
def _move_from_hub(network: Network, flow: Flow, queue: Queue, takers: Takers, v: int) -> None:
    hub = len(network.side)
    queue.at[EXCESS] -= 1
    if network.side[v] == 0:
        replace(flow, v, hub, NOBODY, 0)
        enqueue(queue, v)
    else:
        _free(network, flow, queue, takers, _offer(network, flow, v, hub, 0), v)


@allocating_kernel
def _write_back(network: Network, flow: Flow, state: State) -> None:
    """Write the chosen pairs, and the prices in whole units.

    An arc's two potentials may be off by 1. Dividing rounds that away unless a potential is just a multiple of the
    divisor; since there are fewer nodes than remainders, adding the right number to all avoids that.
    """
    hub = len(network.side)
    scale = network.scale
    taken = np.zeros(scale, np.uint8)
    for potential in flow.potential:
        taken[potential % scale] = 1
    shift = 0
    while taken[shift]:
        shift += 1
    base = (flow.potential[hub] - shift) // scale
    state.chosen[:] = 0
    for v in range(hub):
        price = (flow.potential[v] - shift) // scale - base
        if flow.slot[v] == flow.slot[v + 1]:
            price = np.int64(0)
        state.price[network.origin[v]] = price if network.side[v] == 0 else -price
        if network.side[v] == 0:
            for s in range(flow.slot[v], flow.slot[v + 1]):
                if flow.holder[s] < hub:
                    state.chosen[network.pair[flow.arc[s]]] = 1
