package encoder

import (
	"context"
	"errors"
	"io"
)

// Argument stands for every input that is derived from the ontology. The plan reads arguments from the query itself, so nothing
// is kept here.
type Argument struct{}

// UnmarshalGQLContext accepts what gqlparser has validated.
func (*Argument) UnmarshalGQLContext(context.Context, any) error { return nil }

// MarshalGQLContext is never called: arguments are not written.
func (*Argument) MarshalGQLContext(context.Context, io.Writer) error {
	return errors.New("an argument is no answer")
}
