package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/crimegraph/crimegraph/loader"
)

// progress shows how far a load is: a bar on a terminal, now and then a line elsewhere.
type progress struct {
	w     io.Writer
	now   func() time.Time
	start time.Time
	// told is when the last line was written.
	told  time.Time
	lines time.Duration
	bars  *mpb.Progress
	bar   *mpb.Bar
	// label is what stands before the bar: a string, which the bar reads on its own.
	label atomic.Value
}

// lineEvery is how often a line is written where there is no terminal. Loads that are done before say nothing.
const lineEvery = 5 * time.Second

func newProgress(w io.Writer, now func() time.Time, lines time.Duration) *progress {
	p := &progress{w: w, now: now, start: now(), told: now(), lines: lines}
	if f, is := w.(*os.File); is && isatty.IsTerminal(f.Fd()) {
		p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	}
	return p
}

// update takes over how far the load is.
func (p *progress) update(at loader.Progress) {
	label := fmt.Sprintf("%s %s, %d rows ", at.Step, at.File, at.Rows)
	if p.bars != nil {
		p.label.Store(label)
		if p.bar == nil {
			p.bar = p.bars.AddBar(at.Whole, mpb.BarRemoveOnComplete(),
				mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.label.Load().(string) })),
				mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.Name(" "),
					decor.AverageSpeed(decor.SizeB1000(0), "% .1f"), decor.Name(", "), decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left")))
		}
		p.bar.SetCurrent(at.Done)
		return
	}
	now := p.now()
	if now.Sub(p.told) < p.lines {
		return
	}
	p.told = now
	passed := now.Sub(p.start)
	line := "crimegraph: " + strings.TrimSpace(label)
	if at.Whole > 0 && at.Done > 0 {
		left := time.Duration(float64(passed) * float64(at.Whole-at.Done) / float64(at.Done))
		line += fmt.Sprintf(", %d %% of %s at %s/s, %s left", 100*at.Done/at.Whole, size(at.Whole), size(int64(float64(at.Done)/passed.Seconds())), left.Round(time.Second))
	}
	fmt.Fprintln(p.w, line)
}

// size prints bytes for people.
func size(bytes int64) string {
	const mega = 1e6
	if bytes < mega {
		return fmt.Sprintf("%d kB", (bytes+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/mega)
}

// Write writes messages above the bar.
func (p *progress) Write(text []byte) (int, error) {
	if p.bar != nil {
		return p.bars.Write(text)
	}
	return p.w.Write(text)
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Abort(true)
	}
	if p.bars != nil {
		p.bars.Wait()
	}
}
