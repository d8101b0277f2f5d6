// Package export writes a graph in the formats that drawing and analysis programs read. Every format holds the same nodes and edges with the same
// attributes, under the names of the API, and says how complete it is and what its highest handling mark is.
package export

import (
	"bufio"
	"fmt"
	"io"
	"iter"

	"github.com/crimegraph/crimegraph/network"
)

// Graph is what is written. Nodes and Edges can be gone through several times, and give the same in the same order.
type Graph struct {
	About
	Nodes iter.Seq[network.SubgraphNode]
	Edges iter.Seq[network.Edge]
	// Feature is how a node lies on the map; false for one that does not.
	Feature func(id string) (network.Feature, bool)
}

// About is what a graph says of itself.
type About struct {
	// Status is COMPLETE, or says why something is missing.
	Status network.Completeness
	// OmittedNodes and OmittedEdges were within reach and left out.
	OmittedNodes, OmittedEdges int
	// Tlp is the highest handling mark of what the graph was taken from; empty where nothing is marked.
	Tlp string
}

// Format is a way to write a graph.
type Format struct {
	// Name is the end of file names.
	Name string
	// Media is the media type.
	Media string
	// For says who reads it.
	For   string
	write func(w io.Writer, g Graph) error
}

// Formats lists all formats, the default first.
func Formats() []Format {
	return []Format{
		{"json", "application/json", "programs; nodes and edges as lists of objects", writeJSON},
		{"cytoscape.json", "application/json", "Cytoscape and cytoscape.js", writeCytoscape},
		{"graphology.json", "application/json", "graphology and Sigma.js", writeGraphology},
		{"gexf", "application/gexf+xml", "Gephi (GEXF 1.2)", writeGEXF},
		{"graphml", "application/graphml+xml", "NetworkX, igraph, yEd, Gephi", writeGraphML},
		{"geojson", "application/geo+json", "maps; what has no place on earth has a null geometry (RFC 7946)", writeGeoJSON},
		{"csv.zip", "application/zip", "spreadsheets and R; nodes.csv, edges.csv and about.json", writeCSV},
	}
}

// Named finds a format; false where there is none of that name.
func Named(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Write writes a graph as it goes through it: of a graph of any size little is held in memory.
func (f Format) Write(w io.Writer, g Graph) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := f.write(b, g); err != nil {
		return fmt.Errorf("write %s: %w", f.Name, err)
	}
	return b.Flush()
}
