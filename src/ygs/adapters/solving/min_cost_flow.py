"""The cold start: OR-Tools' cost-scaling flow (Goldberg and Tarjan 1990), and dual prices, which it does not return.

The flow ignores firsts: cost scaling multiplies every cost by the number of nodes, so a promise's worth would overflow.
The exact repair adds them. The prices are computed from the chosen pairs alone, as longest paths.
"""

import numpy as np

from ygs.adapters.jit import allocating_kernel
from ygs.adapters.solving.graph import FAR, Graph, Ints, State

_MOST_COST = 1 << 62


def cold_start(graph: Graph, state: State) -> None:
    """Choose the pairs of greatest weight and set the prices.

    Weights that would overflow OR-Tools are rounded to multiples of a power of two. The start is then only nearly the
    best; the exact repair does the rest.
    """
    if not len(graph.weight):
        return
    shift = _shift(int(graph.weight.max()), len(state.price))
    rounded = graph._replace(weight=graph.weight >> shift) if shift else graph
    state.chosen[:] = _flow(rounded, state.capacity.astype(np.int64))
    state.price[:] = _prices(rounded, state) << shift


def _shift(heaviest: int, nodes: int) -> int:
    """By how many bits weights must be lowered for OR-Tools, which multiplies each by the number of nodes."""
    most = _MOST_COST // (nodes + 3) ** 2
    return max(0, heaviest.bit_length() - most.bit_length() + 1) if heaviest > most else 0


def _flow(graph: Graph, capacity: Ints) -> Ints:
    from ortools.graph.python import min_cost_flow

    nodes = len(capacity)
    pairs = len(graph.weight)
    givers = np.flatnonzero(graph.side == 0)
    takers = np.flatnonzero(graph.side == 1)
    one = _givers_of(graph)
    units = int(capacity[givers].sum())
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate((one, np.full(len(givers), nodes), takers, [nodes])),
        np.concatenate((one ^ graph.ends, givers, np.full(len(takers), nodes + 1), [nodes + 1])),
        np.concatenate((np.ones(pairs, np.int64), capacity[givers], capacity[takers], [units])),
        np.concatenate((-graph.weight, np.zeros(nodes + 1, np.int64))),
    )
    flow.set_nodes_supplies(np.array([nodes, nodes + 1]), np.array([units, -units]))
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError("a flow that may go unused cannot be infeasible: please report this market")
    chosen: Ints = flow.flows(arcs[:pairs])
    return chosen


@allocating_kernel
def _givers_of(graph: Graph) -> Ints:
    """The end on side 0 of each pair."""
    one = np.zeros(len(graph.weight), np.int64)
    for v in range(len(graph.side)):
        if graph.side[v] == 0:
            for i in range(graph.start[v], graph.start[v + 1]):
                one[graph.pair[i]] = v
    return one


@allocating_kernel
def _prices(graph: Graph, state: State) -> Ints:
    """The price of each node, by label correcting in first-in, first-out order (Bellman 1958).

    A label is a taker's price or a giver's price negated. Each open pair requires one label to be at least the other
    plus the pair's weight; the least labels that satisfy this are the longest paths.
    """
    nodes = len(state.price)
    label = _least(graph, state)
    queue = np.empty(nodes + 1, np.int32)
    waiting = np.zeros(nodes, np.uint8)
    head = 0
    tail = 0
    for v in range(nodes):
        if graph.side[v] == 0 and state.capacity[v]:
            queue[tail] = v
            waiting[v] = 1
            tail += 1
    while head != tail:
        v = queue[head]
        head = (head + 1) % (nodes + 1)
        waiting[v] = 0
        giver = graph.side[v] == 0
        for i in range(graph.start[v], graph.start[v + 1]):
            e = graph.pair[i]
            y = graph.ends[e] ^ v
            if (state.chosen[e] != 0) == giver or not state.capacity[y]:
                continue
            reach = label[v] + (graph.weight[e] if giver else -graph.weight[e])
            if reach > label[y]:
                label[y] = reach
                if not waiting[y]:
                    queue[tail] = y
                    waiting[y] = 1
                    tail = (tail + 1) % (nodes + 1)
    return np.where(graph.side == 0, -label, label)


@allocating_kernel
def _least(graph: Graph, state: State) -> Ints:
    """The labels before any path: 0, but for givers without free capacity by the weights of their chosen pairs."""
    label = np.zeros(len(state.price), np.int64)
    for v in range(len(state.price)):
        if graph.side[v] == 0:
            room = state.capacity[v]
            most = -FAR
            for i in range(graph.start[v], graph.start[v + 1]):
                if state.chosen[graph.pair[i]]:
                    room -= 1
                    most = max(most, -graph.weight[graph.pair[i]])
            if room == 0 and state.capacity[v]:
                label[v] = most
    return label
