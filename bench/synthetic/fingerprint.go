package synthetic

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/crimegraph/crimegraph/ontology"
)

// Fingerprint is 16 hexadecimal digits over all records in order. A property that a later ontology adds does not change it, as long as
// no record has it.
func (n *Network) Fingerprint() string {
	h := sha256.New()
	for b := range n.Batches(1000) {
		for _, node := range b.Nodes {
			write(h, node.Kind, node.Values)
			for _, l := range node.Links {
				fmt.Fprintf(h, "%s %s\n", l.Link.Name, l.ID)
			}
		}
		for _, c := range b.Claims {
			fmt.Fprintf(h, "%s %s %s\n", c.From, c.Relation.Name, c.To)
			write(h, n.model.Claim, c.Values)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func write(h hash.Hash, kind *ontology.Kind, values []any) {
	for i, p := range kind.Properties {
		if list, isList := values[i].([]string); values[i] != nil && !(isList && len(list) == 0) {
			fmt.Fprintf(h, "%s %#v\n", p.Name, values[i])
		}
	}
}
