package store

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/crimegraph/crimegraph/ontology"
)

// Load is a data set in the store: a named unit that is listed, resumed and taken away as a whole. A store keeps with each record which
// loads state it, and one Load a name.
type Load struct {
	// Name is the data set and its version, as in `dataset/port-seizures@2024-05`.
	Name string `json:"name"`
	// Run tells one run of the program from another. Begins says that the batch is its first: only that may take the lease, later ones
	// must still hold it.
	Run    string `json:"-"`
	Begins bool   `json:"-"`
	// Hash tells what is loaded: a run may take over from one with the same name and hash that does the same.
	Hash string `json:"hash"`
	// State says how far it is.
	State LoadState `json:"state"`
	// Since names the load that this one continues, whose vanished statements it retracted.
	Since string `json:"since,omitempty"`
	// Retrieved is the date key of when the data set was retrieved: what was retracted later is not stated anew by it.
	Retrieved int64 `json:"retrieved"`
	// Began is when the load first began, Heard when its last batch came; Took is how long all its runs took together.
	Began time.Time     `json:"began"`
	Heard time.Time     `json:"heard"`
	Took  time.Duration `json:"took"`
	// Rows were read by the last run.
	Rows     int `json:"rows"`
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
	// Changes sums up what all runs that ended did.
	Changes Changes `json:"changes"`
	// Manifest is the data set's own account of itself.
	Manifest json.RawMessage `json:"manifest,omitempty"`
	// Regrades are the sources whose grade the load is changing, by id. Until the store holds a source with another grade than From, its copies
	// in statements may have that one or any of To, where earlier runs were stopped.
	// A later load that states the source takes this over into its own account.
	Regrades map[string]Regrade `json:"regrades,omitempty"`
}

// Regrade is a change of a source's grade, by rank; 0 stands for none.
type Regrade struct {
	From int64   `json:"from"`
	To   []int64 `json:"to"`
}

// LoadState says how far a load is.
type LoadState string

// The states of a load.
const (
	// LoadRunning: under way, or ended without a word. While it is under way, no other load may write.
	LoadRunning LoadState = "RUNNING"
	// LoadComplete: all that stands is written.
	LoadComplete LoadState = "COMPLETE"
	// LoadStopped: ended before all was written, or taken away. Doing the same again completes it.
	LoadStopped LoadState = "STOPPED"
	// LoadRemoving: records are being taken away, or that ended without a word.
	LoadRemoving LoadState = "REMOVING"
	// LoadGone: the store forgets the load, and no record is stated by it any longer.
	LoadGone LoadState = "GONE"
)

// LoadLease is how long a load keeps others from writing after its last batch, so that one that died does not do so for ever.
const LoadLease = 10 * time.Second

// Lease is the load under way, as a store keeps it: nobody's where Run is empty.
type Lease struct {
	Name     string `json:"name,omitempty"`
	Run      string `json:"run,omitempty"`
	Hash     string `json:"hash,omitempty"`
	Removing bool   `json:"removing,omitempty"`
	// Until is when others may take it, in milliseconds since 1970, by the store's clock.
	Until int64 `json:"until,omitempty"`
}

// ReadLease reads a lease as a store keeps it; nothing is nobody's. subject names the store.
func ReadLease(text, subject string) (held Lease, err error) {
	if text == "" {
		return held, nil
	}
	if err := json.Unmarshal([]byte(text), &held); err != nil {
		return held, Errorf(CodeDamaged, subject, "", "the lease of a load cannot be read: %w", err)
	}
	return held, nil
}

// Admits says whether a batch of a load may be written now, which is in milliseconds since 1970. The error wraps ErrUnderWay or ErrGivenUp.
func (held Lease) Admits(l *Load, now int64) error {
	switch {
	case held.Run == l.Run && held.Run != "":
		return nil
	case !l.Begins:
		return Errorf(CodeBusy, l.Name, "run the same again", "%w", ErrGivenUp)
	case held.Run != "" && held.Until > now && !(held.Name == l.Name && held.Hash == l.Hash && held.Removing == (l.State == LoadRemoving)):
		return Errorf(CodeBusy, held.Name, "wait until it has ended", "%w", ErrUnderWay)
	}
	return nil
}

// LeaseOf is the lease after a batch of a load that was written by now.
func LeaseOf(l *Load, now int64) Lease {
	if l.State != LoadRunning && l.State != LoadRemoving {
		return Lease{}
	}
	return Lease{Name: l.Name, Run: l.Run, Hash: l.Hash, Removing: l.State == LoadRemoving, Until: now + LoadLease.Milliseconds()}
}

var (
	// ErrUnderWay refuses a batch while another load is under way.
	ErrUnderWay = errors.New("this load is under way")
	// ErrGivenUp refuses a batch of a run that was not heard of for so long that another one may have written meanwhile.
	ErrGivenUp = errors.New("this run was given up: it was not heard of for too long, or another one took over")
)

// Standing is what a store holds of a record that is stated again.
type Standing struct {
	// Recorded and Retracted are the held values of recordedAt and retractedAt.
	Recorded, Retracted any
	// Others says that another load states the record as well.
	Others bool
}

// Settle gives the values that a record has after a load stated it, of which the store held another standing. It has been known since the
// first of its loads, and what was retracted after the load's data were retrieved stays retracted.
func (l *Load) Settle(kind *ontology.Kind, values []any, held Standing) []any {
	recorded, retracted := kind.Property("recordedAt"), kind.Property("retractedAt")
	if recorded == nil || retracted == nil {
		return values
	}
	set := func(p *ontology.Property, v any) {
		values = slices.Clone(values)
		values[p.Position] = v
	}
	if was, known := held.Recorded.(int64); known && held.Others {
		if now, dated := values[recorded.Position].(int64); !dated || was < now {
			set(recorded, was)
		}
	}
	if was, is := held.Retracted.(int64); is && values[retracted.Position] == nil && was > l.Retrieved {
		set(retracted, was)
	}
	return values
}

// StillNamed is the refusal to take away a node that another record names.
func StillNamed(id, by string) *Error {
	return Errorf(CodeDangling, id, "take that away first", "%s still names it", by)
}
