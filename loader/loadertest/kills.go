package loadertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crimegraph/crimegraph/loader"
	"github.com/crimegraph/crimegraph/ontology"
	"github.com/crimegraph/crimegraph/store"
)

// Killing is a store on which the program is killed while it loads.
type Killing struct {
	// Address is what --store takes, Environment what the program needs besides.
	Address     string
	Environment []string
	// Open opens the store, which is empty at first.
	Open func() Handle
	// Rows is how many seizures the list holds that is loaded.
	Rows int
}

// Kills kills the program at random points of a load, some runs twice, and completes the load with the same command: what the store holds is
// then what it holds after a load that nothing happened to. seizures writes the list. KILL_POINTS is how many loads are killed, otherwise few are.
func Kills(t *testing.T, model *ontology.Model, points int, seizures func(w io.Writer, rows int, seed uint64) error, k Killing) {
	if given := os.Getenv("KILL_POINTS"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil {
			t.Fatalf("KILL_POINTS: %v", err)
		}
		points = n
	}
	seed := Seed(t)
	t.Logf("%d points, seed %d", points, seed)
	dice := rand.New(rand.NewPCG(seed, 2))
	dir := t.TempDir()
	binary, list := filepath.Join(dir, "crimegraph"), filepath.Join(dir, "seizures.csv")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/crimegraph/crimegraph/cmd/crimegraph").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var rows bytes.Buffer
	if err := errors.Join(seizures(&rows, k.Rows, 1), os.WriteFile(list, rows.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	// run loads the list, and kills the program after a time, 0 for never. It says whether it was killed.
	run := func(after time.Duration) bool {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var output bytes.Buffer
		c := exec.CommandContext(ctx, binary, "load", "--store", k.Address, "--mapping", "unodc-seizures", "--retrieved", "2024-01-01", list)
		c.Env, c.Stdout, c.Stderr = append(os.Environ(), k.Environment...), &output, &output
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		var dead <-chan time.Time
		if after > 0 {
			dead = time.After(after)
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("load: %v\n%s", err, output.Bytes())
			}
			return false
		case <-dead:
			if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			return <-ended != nil
		}
	}
	// held is what the store holds, and takes it away again.
	held := func() (lines []string) {
		t.Helper()
		s := k.Open()
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		loads, err := s.Loads(t.Context())
		if err != nil || len(loads) != 1 || loads[0].State != store.LoadComplete || loads[0].Accepted != k.Rows+1 {
			t.Fatalf("%v, %+v", err, loads)
		}
		lines = Dump(t, s, Everything)
		if _, err := loader.Unload(t.Context(), model, s, loads[0].Name, loader.UnloadOptions{}); err != nil {
			t.Fatal(err)
		}
		if left := Dump(t, s, Everything); left != nil {
			t.Fatalf("%d records are left, %s", len(left), left[0])
		}
		return lines
	}
	begun := time.Now()
	run(0)
	whole := time.Since(begun)
	want := held()
	// The first load plans statements and fills caches that later ones find.
	begun = time.Now()
	run(0)
	whole = min(whole, time.Since(begun))
	if again := held(); !slices.Equal(want, again) {
		t.Fatalf("a second load holds something else\n%s", cmp.Diff(want, again))
	}
	killed, done := 0, 0
	for point := range points {
		for range 1 + dice.IntN(2) {
			after := time.Duration(1 + dice.Float64()*float64(whole)*1.1)
			if run(after) {
				killed++
			} else {
				done++
			}
		}
		run(0)
		if got := held(); !slices.Equal(want, got) {
			t.Fatalf("point %d: the load that was killed holds something else\n%s", point, cmp.Diff(want, got))
		}
	}
	t.Logf("%d records, %s a load; %d runs were killed, %d had ended before", len(want), whole.Round(time.Millisecond), killed, done)
	if killed == 0 {
		t.Error("no run was killed")
	}
}
