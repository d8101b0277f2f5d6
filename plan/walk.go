package plan

// Walk reads all nodes or all claims, whatever their marks and dates, in an order of the store's own, while batches may be applied.
type Walk struct {
	Of Sort
	// Only names the properties whose values are wanted, as that of Records does.
	Only []string
	// Stated, if not nil, leaves out what none of these loads states, but for what no load states any longer.
	Stated []string
}

// Sort is nodes or claims.
type Sort string

// The sorts of records.
const (
	AllNodes  Sort = "NODES"
	AllClaims Sort = "CLAIMS"
)
