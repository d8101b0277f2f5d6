package store

import "fmt"

// Code says what kind of failure an Error is; the edges of the program choose messages and exit codes by it.
type Code string

// The codes.
const (
	// CodeUnreachable: the store cannot be opened or reached.
	CodeUnreachable Code = "UNREACHABLE"
	// CodeNotFound: the store named does not exist.
	CodeNotFound Code = "NOT_FOUND"
	// CodeIncompatible: what is there is no store, or one of a newer version or another ontology.
	CodeIncompatible Code = "INCOMPATIBLE"
	// CodeReadOnly: the store cannot be written.
	CodeReadOnly Code = "READ_ONLY"
	// CodeDangling: a record names a node that does not exist.
	CodeDangling Code = "DANGLING"
	// CodeConflict: the same id with another kind.
	CodeConflict Code = "CONFLICT"
	// CodeDamaged: the store's content is not what it should be.
	CodeDamaged Code = "DAMAGED"
	// CodeDeadline: the deadline passed or the caller gave up before the answer was there.
	CodeDeadline Code = "DEADLINE"
	// CodeBusy: the store serves as many callers as it may, or changed too often while it was read; asking again may help.
	CodeBusy Code = "BUSY"
	// CodeClosed: the store was closed.
	CodeClosed Code = "CLOSED"
	// CodeInternal: anything else.
	CodeInternal Code = "INTERNAL"
)

// Error is the error of every store.
type Error struct {
	Code Code
	// Subject is what the error is about: a path, an id.
	Subject string
	// Fix tells the user what to do, where something can be done.
	Fix string
	Err error
}

func (e *Error) Error() string {
	s := e.Subject
	if e.Err != nil {
		if s != "" {
			s += ": "
		}
		s += e.Err.Error()
	}
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error; %w wraps the cause.
func Errorf(code Code, subject, fix, format string, args ...any) *Error {
	return &Error{Code: code, Subject: subject, Fix: fix, Err: fmt.Errorf(format, args...)}
}
