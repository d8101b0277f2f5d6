package export

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"io"
)

// writeCSV writes an archive of about.json, nodes.csv and edges.csv.
func writeCSV(w io.Writer, g Graph) error {
	archive := zip.NewWriter(w) // closed at the end alone: what is cut short must not look whole
	about, err := archive.Create("about.json")
	if err != nil {
		return err
	}
	if err := json.NewEncoder(about).Encode(g.members()); err != nil {
		return err
	}
	nodes := nodeAttributes()
	table, err := begin(archive, "nodes.csv", []string{"id"}, nodes)
	if err != nil {
		return err
	}
	for n := range g.Nodes {
		if err := table.Write(row([]string{n.Node}, nodes, n)); err != nil {
			return err
		}
	}
	if table.Flush(); table.Error() != nil {
		return table.Error()
	}
	edges := edgeAttributes()
	if table, err = begin(archive, "edges.csv", []string{"id", "from", "to"}, edges); err != nil {
		return err
	}
	for e := range g.Edges {
		if err := table.Write(row([]string{e.ID, e.From, e.To}, edges, e)); err != nil {
			return err
		}
	}
	if table.Flush(); table.Error() != nil {
		return table.Error()
	}
	return archive.Close()
}

// begin begins a table in the archive with its header.
func begin[T any](archive *zip.Writer, name string, header []string, attributes []attribute[T]) (*csv.Writer, error) {
	file, err := archive.Create(name)
	if err != nil {
		return nil, err
	}
	for _, a := range attributes {
		header = append(header, a.name)
	}
	table := csv.NewWriter(file)
	return table, table.Write(header)
}

// row is a line of a table; what is missing is empty.
func row[T any](cells []string, attributes []attribute[T], of T) []string {
	for _, a := range attributes {
		cell := ""
		if v := a.of(of); v != nil {
			cell = written(v)
		}
		cells = append(cells, cell)
	}
	return cells
}
