package plan

// Part is a part of the graph: nodes with all that joins them, and bundles of claims.
type Part struct {
	// Nodes by id.
	Nodes   []string `json:"nodes,omitempty"`
	Bundles []Bundle `json:"bundles,omitempty"`
}

// Bundle names the claims of one relation from one node to another.
type Bundle struct {
	Relation string `json:"relation"`
	From     string `json:"from"`
	To       string `json:"to"`
}

// Size is how many nodes and bundles the part names.
func (p Part) Size() int { return len(p.Nodes) + len(p.Bundles) }
