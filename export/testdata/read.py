"""Reads one graph in every format with other programs' readers, and prints what each holds as one line of JSON."""

import csv
import io
import json
import pathlib
import sys
import zipfile

import jsonschema
import networkx as nx

folder = pathlib.Path(sys.argv[1])
schemas = pathlib.Path(__file__).parent

NODE = ["kind", "name", "depth", "degree", "x", "y", "latitude", "longitude"]
EDGE = ["relation", "structural", "claimCount", "disputed", "denied", "firstSeen", "lastSeen", "reliability", "tlp"]


def holds(nodes, edges, about):
    """Nodes as (id, attributes), edges as (id, from, to, attributes)."""
    return {
        "about": about,
        "nodes": {id: {k: a[k] for k in NODE if a.get(k) is not None} for id, a in nodes},
        "edges": {id: [f, t, {k: a[k] for k in EDGE if a.get(k) is not None}] for id, f, t, a in edges},
    }


def parsed(name):
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads((schemas / (name.removeprefix("graph.").removesuffix(".json") + ".schema.json")).read_text()))
    return document


def of_json():
    d = parsed("graph.json")
    return holds([(n["id"], n) for n in d["nodes"]], [(e["id"], e["from"], e["to"], e) for e in d["edges"]], d["about"])


def of_cytoscape():
    d = parsed("graph.cytoscape.json")
    for n in d["elements"]["nodes"]:
        if "position" in n:
            assert n["position"] == {"x": n["data"]["x"], "y": n["data"]["y"]}
    return holds(
        [(n["data"]["id"], n["data"]) for n in d["elements"]["nodes"]],
        [(e["data"]["id"], e["data"]["source"], e["data"]["target"], e["data"]) for e in d["elements"]["edges"]],
        d["data"],
    )


def of_graphology():
    d = parsed("graph.graphology.json")
    return holds(
        [(n["key"], n["attributes"]) for n in d["nodes"]],
        [(e["key"], e["source"], e["target"], e["attributes"]) for e in d["edges"]],
        d["attributes"],
    )


def of_geojson():
    d = parsed("graph.geojson")
    nodes = [f for f in d["features"] if "kind" in f["properties"]]
    edges = [f for f in d["features"] if "relation" in f["properties"]]
    assert len(nodes) + len(edges) == len(d["features"])
    return holds(
        [(f["id"], f["properties"]) for f in nodes],
        [(f["id"], f["properties"]["from"], f["properties"]["to"], f["properties"]) for f in edges],
        d["about"],
    )


def of_graphml():
    g = nx.read_graphml(folder / "graph.graphml", force_multigraph=True)
    about = {k: v for k, v in g.graph.items() if k not in ("node_default", "edge_default")}
    return holds(g.nodes(data=True), [(k, f, t, a) for f, t, k, a in g.edges(keys=True, data=True)], about)


def of_gexf():
    g = nx.read_gexf(folder / "graph.gexf")
    keyed = [(a["id"], f, t, a) for f, t, a in g.edges(data=True)]
    return holds(g.nodes(data=True), keyed, None)


def of_csv():
    with zipfile.ZipFile(folder / "graph.csv.zip") as archive:
        assert archive.testzip() is None
        about = json.loads(archive.read("about.json"))
        table = lambda name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"), newline="")))
        nodes, edges = table("nodes.csv"), table("edges.csv")

    def value(k, v):
        if k in ("depth", "degree", "claimCount"):
            return int(v)
        if k in ("x", "y", "latitude", "longitude"):
            return float(v)
        if k in ("structural", "disputed", "denied"):
            return {"true": True, "false": False}[v]
        return v

    filled = lambda row: {k: value(k, v) for k, v in row.items() if v != ""}
    return holds([(n["id"], filled(n)) for n in nodes], [(e["id"], e["from"], e["to"], filled(e)) for e in edges], about)


print(json.dumps({f.__name__.removeprefix("of_"): f() for f in [of_json, of_cytoscape, of_graphology, of_geojson, of_graphml, of_gexf, of_csv]}))
