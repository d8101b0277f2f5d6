"""Compares what the network answers about graphs, one a line as JSON, with what NetworkX computes."""

import itertools
import json
import math
import sys

import networkx as nx


def simple_paths(graph, line):
    """All paths from one set to the other that touch no further node of either."""
    ends = set(line["from"]) | set(line["to"])
    for source in line["from"]:
        for target in line["to"]:
            within = graph.subgraph(set(graph) - (ends - {source, target}))
            yield from nx.all_simple_paths(within, source, target, cutoff=line["maxHops"])


def in_order(path, spans):
    """Whether there is a claim for each step so that the steps can have happened one after the other."""
    steps = [spans[frozenset(step)] for step in zip(path, path[1:])]
    for claims in itertools.product(*steps):
        first = [-math.inf if a is None else a for a, _ in claims]
        last = [math.inf if b is None else b for _, b in claims]
        if all(first[i] <= last[j] for i in range(len(claims)) for j in range(i, len(claims))):
            return True
    return False


# Kilometres of a degree of the equator of WGS 84.
DEGREE = 6378.137 * math.pi / 180


def world_differences(world):
    graph = nx.Graph()
    places = len(world["longitudes"])
    graph.add_nodes_from(range(places))
    for number, (a, b) in enumerate(world["legs"] or []):
        half = abs(world["longitudes"][a] - world["longitudes"][b]) * DEGREE / 2
        graph.add_edge(a, places + number, weight=half)
        graph.add_edge(places + number, b, weight=half)
    source, target = world["from"], world["to"]
    paths = sorted(nx.all_simple_paths(graph, source, target, cutoff=world["maxHops"]), key=lambda path: nx.path_weight(graph, path, "weight"))
    costs = [nx.path_weight(graph, path, "weight") for path in paths][: world["k"]]
    if len(costs) != len(world["costs"] or []) or any(abs(a - b) > 1e-3 for a, b in zip(costs, world["costs"] or [])):
        yield f"kilometres {world['costs']}, not {costs}"
    for path, cost in zip(world["paths"], world["costs"] or []):
        if path not in paths or abs(nx.path_weight(graph, path, "weight") - cost) > 1e-3:
            yield f"path {path} is not {cost} km long"
    if len({tuple(path) for path in world["paths"]}) != len(world["paths"]):
        yield "a path comes twice"
    status = "COMPLETE" if len(paths) <= world["k"] else "TRUNCATED"
    if world["status"] != status:
        yield f"status of the world {world['status']}, not {status}"
    if world["maxHops"] >= 2 * (places - 1) and nx.has_path(graph, source, target):
        shortest = nx.dijkstra_path_length(graph, source, target)
        if abs(shortest - world["costs"][0]) > 1e-3:
            yield f"{world['costs'][0]} km, Dijkstra finds {shortest}"


def differences(line):
    graph = nx.Graph()
    graph.add_nodes_from(range(line["nodes"]))
    for (a, b), likelihood in zip(line["edges"] or [], line["weights"] or []):
        graph.add_edge(a, b, weight=-math.log(likelihood))
    paths = list(simple_paths(graph, line))
    expected = sorted(paths, key=lambda path: (len(path), path))
    if line["paths"] != expected[: line["k"]]:
        yield f"paths {line['paths']}, not {expected[: line['k']]}"
    status = "COMPLETE" if len(paths) <= line["k"] else "TRUNCATED"
    if line["status"] != status:
        yield f"status {line['status']}, not {status}"
    costs = sorted(nx.path_weight(graph, path, "weight") for path in paths)[: line["k"]]
    if len(costs) != len(line["costs"] or []) or any(abs(a - b) > 1e-4 for a, b in zip(costs, line["costs"] or [])):
        yield f"costs {line['costs']}, not {costs}"
    for path, cost in zip(line["evidence"], line["costs"] or []):
        if abs(nx.path_weight(graph, path, "weight") - cost) > 1e-4:
            yield f"path {path} does not cost {cost}"
    spans = {frozenset(edge): span for edge, span in zip(line["edges"] or [], line["spans"] or [])}
    timed = [path for path in expected if in_order(path, spans)]
    if line["timed"] != timed[: line["k"]]:
        yield f"in order of time {line['timed']}, not {timed[: line['k']]}"
    yield from world_differences(line["world"])
    reached = nx.single_source_shortest_path_length(graph, line["from"][0], cutoff=min(line["maxHops"], 4))
    if {int(node): depth for node, depth in line["reached"].items()} != dict(reached):
        yield f"reached {line['reached']}, not {dict(reached)}"
    if line["apart"] or line["joined"]:
        together = {node: part for part, nodes in enumerate(nx.connected_components(graph)) for node in nodes}
        pairs = [(a, b) for a in range(line["nodes"]) for b in range(a + 1, line["nodes"])]
        apart = [[a, b] for a, b in pairs if together[a] != together[b]]
        if sorted(line["apart"] or []) != apart:
            yield f"apart {line['apart']}, not {apart}"
        lengths = dict(nx.all_pairs_shortest_path_length(graph))
        joined = [[a, b, lengths[a][b]] for a, b in pairs if together[a] == together[b]]
        if sorted(line["joined"] or []) != joined:
            yield f"joined {line['joined']}, not {joined}"


agreeing = 0
for number, text in enumerate(sys.stdin):
    found = list(differences(json.loads(text)))
    for difference in found:
        print(f"graph {number}: {difference}")
    agreeing += not found
print(f"{agreeing} graphs agree")
