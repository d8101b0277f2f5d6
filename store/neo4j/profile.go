package neo4j

import (
	"context"
	"fmt"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/crimegraph/crimegraph/plan"
)

// Operator is a step of the server's own plan of a statement, as it was run: rows that it gave, and accesses to the database (db hits).
type Operator struct {
	Name    string     `json:"name"`
	Details string     `json:"details,omitempty"`
	Rows    int64      `json:"rows"`
	Hits    int64      `json:"dbHits"`
	Inputs  []Operator `json:"inputs,omitempty"`
}

// Profile runs the statement of a plan and gives what the server did for it.
func (s *Store) Profile(ctx context.Context, p plan.Plan) (Operator, error) {
	statement := Compile(s.model, p)
	var out Operator
	err := s.retrying(ctx, func() error {
		session := s.session(ctx, neo4j.AccessModeRead)
		defer session.Close(ctx)
		result, err := session.Run(ctx, "PROFILE "+statement.Cypher, statement.Parameters, deadline(ctx))
		if err != nil {
			return err
		}
		summary, err := result.Consume(ctx)
		if err != nil {
			return err
		}
		if summary.Profile() == nil {
			return fmt.Errorf("the server gave no profile")
		}
		out = operator(summary.Profile())
		return nil
	})
	return out, err
}

func operator(p neo4j.ProfiledPlan) Operator {
	details, _ := p.Arguments()["Details"].(string)
	out := Operator{Name: p.Operator(), Details: details, Rows: p.Records(), Hits: p.DbHits()}
	for _, child := range p.Children() {
		out.Inputs = append(out.Inputs, operator(child))
	}
	return out
}

// Total is the number of db hits of an operator and all its inputs.
func (o Operator) Total() int64 {
	total := o.Hits
	for _, input := range o.Inputs {
		total += input.Total()
	}
	return total
}
