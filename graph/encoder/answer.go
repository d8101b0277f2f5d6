// Package encoder writes answers as GraphQL JSON, straight from the values of a store, without walking the selection again.
package encoder

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/crimegraph/crimegraph/store"
)

// Answer is what every graph-shaped field answers: a value of the store and the shape that the selection gives it.
// Exactly one of Object, Connection and Tree is set; a Tree writes Result and the records that it names. An Answer whose value is null writes null.
type Answer struct {
	Value      store.Value
	Object     *Object
	Connection *Connection
	Tree       *Tree
	Result     any
	Records    Records
}

// Append appends the answer as JSON.
func (a *Answer) Append(b []byte) []byte {
	switch {
	case a.Connection != nil:
		return AppendConnection(b, a.Connection, a.Value)
	case a.Tree != nil:
		return AppendTree(b, a.Tree, a.Result, a.Records)
	default:
		return AppendObject(b, a.Object, a.Value)
	}
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// largestKept bounds the memory that idle buffers hold.
const largestKept = 1 << 20

// MarshalGQL writes the answer, where the schema names an interface.
func (a *Answer) MarshalGQL(w io.Writer) {
	// The writer is gqlgen's buffer in memory; it gives no error.
	_ = a.MarshalGQLContext(context.Background(), w)
}

// MarshalGQLContext writes the answer.
func (a *Answer) MarshalGQLContext(_ context.Context, w io.Writer) error {
	buffer := buffers.Get().(*[]byte)
	b := a.Append((*buffer)[:0])
	_, err := w.Write(b)
	if cap(b) <= largestKept {
		*buffer = b
		buffers.Put(buffer)
	}
	return err
}

// UnmarshalGQLContext is never called: answers are not read.
func (a *Answer) UnmarshalGQLContext(context.Context, any) error {
	return errors.New("an answer is no argument")
}
