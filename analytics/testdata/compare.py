"""Compares figures, one case a line as JSON, with those of NetworkX, SciPy and scikit-learn, to 1e-9; and communities with NetworkX's by Louvain."""

import json
import sys

import networkx as nx
import numpy as np
from scipy import stats
from sklearn.metrics import adjusted_rand_score, brier_score_loss, roc_auc_score


def graph_of(case):
    graph = nx.Graph()
    graph.add_nodes_from(range(case["nodes"]))
    for (a, b), weight in zip(case["ties"] or [], case["weights"] or []):
        graph.add_edge(a, b, weight=weight)
    return graph


def expected(case):
    graph = graph_of(case)
    yield "betweenness", list(nx.betweenness_centrality(graph).values())
    ties = nx.edge_betweenness_centrality(graph)
    yield "ties", [ties.get((a, b), ties.get((b, a))) for a, b in case["ties"] or []]
    yield "cores", list(nx.core_number(graph).values())
    for which in ("partition", "other"):
        partition = {}
        for node, community in enumerate(case[which]):
            partition.setdefault(community, set()).add(node)
        if graph.number_of_edges():
            yield f"modularity of {which}", nx.community.modularity(graph, partition.values())
    yield "rand", adjusted_rand_score(case["partition"], case["other"])
    counts = np.array(case["counts"])
    yield "entropy", stats.entropy(counts)
    yield "hhi", float(((counts / counts.sum()) ** 2).sum())
    total, sample = int(counts.sum()), case["sample"]
    yield "rarefied", float(sum(1 - stats.hypergeom(total, int(n), sample).pmf(0) for n in counts))
    happened = case["happened"]
    if 0 < sum(happened) < len(happened):
        yield "auc", roc_auc_score(happened, case["scores"])
    yield "brier", brier_score_loss(happened, case["scores"], pos_label=True)
    low, high = stats.binomtest(sum(happened), len(happened)).proportion_ci(0.95, "wilson")
    yield "wilson", [low, high]


def communities(case):
    """Modularity of the communities, and of those that Louvain finds; and whether the former are connected."""
    graph = graph_of(case)
    partition = {}
    for node, community in enumerate(case["partition"]):
        partition.setdefault(community, set()).add(node)
    if not graph.number_of_edges():
        return 0, 0, True
    ours = nx.community.modularity(graph, partition.values())
    louvain = nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=1))
    return ours, louvain, all(nx.is_connected(graph.subgraph(nodes)) for nodes in partition.values())


def main():
    cases, wrong, ours, louvain = 0, 0, 0, 0
    for line in sys.stdin:
        case = json.loads(line)
        cases += 1
        found, other, connected = communities(case)
        ours, louvain = ours + found, louvain + other
        if not connected:
            wrong += 1
            print(f"case {cases}: a community falls apart")
        for name, value in expected(case):
            got = np.array(case["answers"][name], dtype=float)
            value = np.array(value, dtype=float)
            if got.shape != value.shape or not np.allclose(got, value, rtol=0, atol=1e-9):
                wrong += 1
                print(f"case {cases}, {name}: {got.tolist()}, not {value.tolist()}")
    if ours < louvain:
        wrong += 1
        print(f"mean modularity {ours / cases}, by Louvain {louvain / cases}")
    if not wrong:
        print(f"{cases} cases agree")


main()
