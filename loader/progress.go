package loader

import (
	"io"
	"io/fs"
)

// Progress says how far a load is.
type Progress struct {
	// Step is what is done, and File where.
	Step, File string
	// Rows were read of the file in this step.
	Rows int
	// Done are bytes that were read, Whole those of all readings that are foreseen. A file may be read more often.
	Done, Whole int64
}

// readings is how often a file is read, as a rule: nodes are checked and written, claims are written.
func (f *file) readings() int64 {
	switch {
	case f.shape == nil:
		return 3
	case f.shape.relation == nil:
		return 2
	default:
		return 1
	}
}

// pass tells from time to time how far the load is.
func (l *load) pass(f *file, n int) {
	const often = 1024
	if l.options.OnProgress == nil || n%often != 0 {
		return
	}
	l.progress.File, l.progress.Rows, l.progress.Done = f.name, n, 0
	for _, f := range l.contents.files() {
		l.progress.Done += min(f.read, f.size*f.readings())
	}
	l.options.OnProgress(l.progress)
}

// measured is a file that counts what is read of it.
type measured struct {
	fs.File
	at   io.ReaderAt
	read *int64
}

// measure counts what is read of a file that can be read at random, as files of a file system can.
func (f *file) measure(opened fs.File) fs.File {
	if at, is := opened.(io.ReaderAt); is {
		return &measured{File: opened, at: at, read: &f.read}
	}
	return opened
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.File.Read(p)
	*m.read += int64(n)
	return n, err
}

func (m *measured) ReadAt(p []byte, offset int64) (int, error) {
	n, err := m.at.ReadAt(p, offset)
	*m.read += int64(n)
	return n, err
}
