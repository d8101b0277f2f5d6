package store

// Diagnosis is one thing that was looked at in a store, and what to do about it.
type Diagnosis struct {
	// Check names what was looked at.
	Check string `json:"check"`
	State State  `json:"state"`
	// Detail says what was found.
	Detail string `json:"detail"`
	// Fix says what to do, where something is to be done.
	Fix string `json:"fix,omitempty"`
}

// State says how a Diagnosis came out.
type State string

// The states.
const (
	// StateGood needs nothing done.
	StateGood State = "ok"
	// StateDoubtful works, but deserves attention.
	StateDoubtful State = "warning"
	// StateBad does not work.
	StateBad State = "fault"
)
