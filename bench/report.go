package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Report is what a run measured.
type Report struct {
	Machine  string   `json:"machine"`
	Networks []string `json:"networks"`
	Lines    []Line   `json:"lines"`
}

// Line is one measurement, or a subject beside its reference.
type Line struct {
	Name      string  `json:"name"`
	Subject   Figure  `json:"subject"`
	Reference *Figure `json:"reference,omitempty"`
	// Ratio of the medians; 0 without a reference.
	Ratio float64 `json:"ratio,omitempty"`
	// Target is the largest ratio, or without a reference the largest median, that is good enough; 0 for none. Worst says that it is meant for
	// the 95th percentile instead of the median.
	Target float64 `json:"target,omitempty"`
	Worst  bool    `json:"worst,omitempty"`
	Met    *bool   `json:"met,omitempty"`
}

// Figure sums up repetitions.
type Figure struct {
	What        string  `json:"what"`
	Unit        string  `json:"unit"`
	Median      float64 `json:"median"`
	P95         float64 `json:"p95"`
	Repetitions int     `json:"repetitions"`
}

func durations(what string, all []time.Duration) Figure {
	values := make([]float64, len(all))
	for i, d := range all {
		values[i] = float64(d) / float64(time.Millisecond)
	}
	return figure(what, "ms", values)
}

func figure(what, unit string, values []float64) Figure {
	slices.Sort(values)
	return Figure{What: what, Unit: unit, Median: values[len(values)/2], P95: values[(len(values)*95-1)/100], Repetitions: len(values)}
}

// compare adds a line with a reference. target is the largest ratio that is good enough, 0 for none.
func (b *bench) compare(name string, subject, reference Figure, target float64) {
	l := Line{Name: name, Subject: subject, Reference: &reference, Ratio: subject.Median / reference.Median, Target: target}
	if target > 0 {
		met := l.Ratio <= target
		l.Met = &met
	}
	b.report.Lines = append(b.report.Lines, l)
}

// note adds a line without a reference. target is the largest median that is good enough, 0 for none.
func (b *bench) note(name string, subject Figure, target float64) {
	l := Line{Name: name, Subject: subject, Target: target}
	if target > 0 {
		met := subject.Median <= target
		l.Met = &met
	}
	b.report.Lines = append(b.report.Lines, l)
}

// promise adds a line without a reference. target is the largest 95th percentile that is good enough.
func (b *bench) promise(name string, subject Figure, target float64) {
	met := subject.P95 <= target
	b.report.Lines = append(b.report.Lines, Line{Name: name, Subject: subject, Target: target, Worst: true, Met: &met})
}

func (r Report) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", r.Machine)
	for _, n := range r.Networks {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	b.WriteString("\n| measure | subject: median / p95 | reference: median / p95 | ratio | target | met |\n|---|---|---|---|---|---|\n")
	for _, l := range r.Lines {
		reference, ratio, target, met := "", "", "", ""
		if l.Reference != nil {
			reference, ratio = l.Reference.String(), fmt.Sprintf("%.2f", l.Ratio)
		}
		if l.Met != nil {
			target, met = fmt.Sprintf("≤ %g", l.Target), map[bool]string{true: "yes", false: "**no**"}[*l.Met]
			if l.Reference == nil {
				target += " " + l.Subject.Unit
			}
			if l.Worst {
				target = "p95 " + target
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", l.Name, l.Subject, reference, ratio, target, met)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (f Figure) String() string {
	return fmt.Sprintf("%s: %s / %s %s (%d)", f.What, number(f.Median), number(f.P95), f.Unit, f.Repetitions)
}

// number has three significant digits, and no exponent.
func number(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	default:
		return fmt.Sprintf("%.3f", x)
	}
}

func machine() string {
	sqlite := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "modernc.org/sqlite" {
				sqlite = m.Version
			}
		}
	}
	return fmt.Sprintf("%s, %s/%s, GOMAXPROCS %d, modernc.org/sqlite %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), sqlite)
}

// rounds times pieces of work in turn, after a warm-up of a tenth as many rounds.
func rounds(repetitions int, works ...func() error) ([][]time.Duration, error) {
	all := make([][]time.Duration, len(works))
	for round := range repetitions + repetitions/10 {
		for i, work := range works {
			took, err := timed(work)
			if err != nil {
				return nil, err
			}
			if round >= repetitions/10 {
				all[i] = append(all[i], took)
			}
		}
	}
	return all, nil
}

func timed(work func() error) (time.Duration, error) {
	start := time.Now()
	err := work()
	return time.Since(start), err
}
