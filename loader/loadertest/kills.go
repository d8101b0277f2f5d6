package loadertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

// Kills kills the program at random points of a load, some loads twice, and completes the load with the same command: what the store holds is
// then what it holds after a load that nothing happened to. seizures writes the list. KILL_POINTS is how many runs are killed, otherwise few are.
//
// A point is a share of what an undisturbed run reads and writes, so that it does not depend on how busy the machine is: before the first batch,
// within a transaction, between two. A run that ended before its point counts for none.
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
	// run loads the list, and kills the program once it got as far as point, 0 for never. It says how far it got, and whether it was killed.
	run := func(point int64) (got int64, killed bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var output bytes.Buffer
		c := exec.CommandContext(ctx, binary, "load", "--store", k.Address, "--mapping", "unodc-seizures", "--retrieved", "2024-01-01", list)
		c.Env, c.Stdout, c.Stderr = append(os.Environ(), k.Environment...), &output, &output
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		look := time.NewTicker(time.Millisecond / 4)
		defer look.Stop()
		for {
			select {
			case err := <-ended:
				if err != nil {
					t.Fatalf("load: %v\n%s", err, output.Bytes())
				}
				return got, false
			case <-look.C:
				got = max(got, passed(c.Process.Pid, begun))
				if point == 0 || got < point {
					continue
				}
				if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
				return got, <-ended != nil
			}
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
	run(0)
	want := held()
	// The first load plans statements and fills caches that later ones find.
	whole, _ := run(0)
	if again := held(); !slices.Equal(want, again) {
		t.Fatalf("a second load holds something else\n%s", cmp.Diff(want, again))
	}
	killed, ended := 0, 0
	var tenths [10]int
	for killed < points {
		for range 1 + dice.IntN(2) {
			point := 1 + dice.Int64N(whole)
			got, dead := run(point)
			if !dead {
				ended++
				continue
			}
			killed++
			tenths[min(got*10/whole, 9)]++
		}
		run(0)
		if got := held(); !slices.Equal(want, got) {
			t.Fatalf("the load that was killed, %d runs on, holds something else\n%s", killed+ended, cmp.Diff(want, got))
		}
		if ended > 10+killed {
			t.Fatalf("%d runs were killed, %d ended before", killed, ended)
		}
	}
	t.Logf("%d records; %d runs were killed, by tenths of a load %v; %d had ended before", len(want), killed, tenths, ended)
}

// passed is how far a program got: the bytes that it read and wrote, or, where the system does not count them, the time.
func passed(pid int, begun time.Time) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if errors.Is(err, os.ErrNotExist) && runtime.GOOS != "linux" {
		return int64(time.Since(begun))
	}
	var read, written int64
	if _, err := fmt.Sscanf(string(text), "rchar: %d\nwchar: %d\n", &read, &written); err != nil {
		return 0 // it has ended
	}
	return read + written
}
