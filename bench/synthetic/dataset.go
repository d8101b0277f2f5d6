package synthetic

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// inherited are the columns that data sets leave to the loader, which takes them from the source of a claim.
var inherited = map[string]bool{"id": true, "reliability": true, "recordedAt": true}

// Write writes the network as a data set in the native format into a folder that exists, with the columns that it uses.
func (n *Network) Write(dir string) (err error) {
	manifest := "id: dataset/synthetic\ntitle: Synthetic network of " + n.size.String() + "\nretrieved: \"2025-01-01\"\n"
	if err := os.WriteFile(filepath.Join(dir, "dataset.yaml"), []byte(manifest), 0o644); err != nil {
		return err
	}
	used := map[string]map[string]bool{}
	err = n.rows(func(file string, cells []cell) error {
		if used[file] == nil {
			used[file] = map[string]bool{}
		}
		for _, c := range cells {
			if c.text != "" {
				used[file][c.column] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	files := map[string]*table{}
	defer func() {
		for _, t := range files {
			t.csv.Flush()
			err = errors.Join(err, t.csv.Error(), t.buffer.Flush(), t.file.Close())
		}
	}()
	return n.rows(func(file string, cells []cell) error {
		t := files[file]
		if t == nil {
			opened, err := os.Create(filepath.Join(dir, file+".csv"))
			if err != nil {
				return err
			}
			buffer := bufio.NewWriter(opened)
			t = &table{file: opened, buffer: buffer, csv: csv.NewWriter(buffer)}
			files[file] = t
			for _, c := range cells {
				if used[file][c.column] {
					t.row = append(t.row, c.column)
				}
			}
			if err := t.csv.Write(t.row); err != nil {
				return err
			}
		}
		t.row = t.row[:0]
		for _, c := range cells {
			if used[file][c.column] {
				t.row = append(t.row, c.text)
			}
		}
		return t.csv.Write(t.row)
	})
}

type table struct {
	file   *os.File
	buffer *bufio.Writer
	csv    *csv.Writer
	row    []string
}

type cell struct{ column, text string }

// rows gives every record as all cells that a file of its kind or relation can have. The cells are valid until the next row.
func (n *Network) rows(row func(file string, cells []cell) error) error {
	var cells []cell
	for b := range n.Batches(1000) {
		for _, node := range b.Nodes {
			cells = cells[:0]
			for i, p := range node.Kind.Properties {
				cells = append(cells, cell{p.Name, text(p, node.Values[i])})
			}
			for _, l := range node.Kind.Links {
				if !l.Declares {
					continue
				}
				var ids []string
				for _, has := range node.Links {
					if has.Link == l {
						ids = append(ids, has.ID)
					}
				}
				cells = append(cells, cell{l.Name, strings.Join(ids, ontology.ListSeparator)})
			}
			if err := row(node.Kind.Name, cells); err != nil {
				return err
			}
		}
		for _, c := range b.Claims {
			cells = append(cells[:0], cell{"from", c.From}, cell{"to", c.To})
			cells = append(cells, n.stated(c)...)
			if err := row(c.Relation.Name, cells); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *Network) stated(c store.Claim) (cells []cell) {
	for i, p := range n.model.Claim.Properties {
		if !inherited[p.Name] {
			cells = append(cells, cell{p.Name, text(p, c.Values[i])})
		}
	}
	return cells
}

// text is a value as files hold it.
func text(p *ontology.Property, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, ontology.ListSeparator)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case int64:
		return strings.Trim(string(p.Append(nil, v)), `"`)
	default:
		return ""
	}
}
