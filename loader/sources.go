package loader

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// StandardInput is what names the standard input instead of a file.
const StandardInput = "-"

// OpenFiles makes files available to a load by the names that the user gave, and nothing else: whatever stands in one of them, no other file can be
// reached. Standard input is copied to a temporary file, as it is read several times. The function returned removes that, and is never nil.
func OpenFiles(paths []string, stdin io.Reader) (fs.FS, func() error, error) {
	named := sources{}
	var temporary []string
	release := func() error {
		var errs []error
		for _, name := range temporary {
			errs = append(errs, os.Remove(name))
		}
		return errors.Join(errs...)
	}
	for _, path := range paths {
		name := filepath.ToSlash(path)
		if _, twice := named[name]; twice {
			return nil, release, fmt.Errorf("%s is named twice", path)
		}
		if path != StandardInput {
			info, err := os.Stat(path)
			if err != nil {
				return nil, release, err
			}
			if !info.Mode().IsRegular() {
				return nil, release, fmt.Errorf("%s is no file; with a mapping, name the files themselves", path)
			}
			named[name] = path
			continue
		}
		spooled, err := os.CreateTemp("", "crimegraph-stdin-")
		if err != nil {
			return nil, release, err
		}
		temporary = append(temporary, spooled.Name())
		if _, err := io.Copy(spooled, stdin); err != nil {
			return nil, release, errors.Join(err, spooled.Close())
		}
		if err := spooled.Close(); err != nil {
			return nil, release, err
		}
		named[name] = spooled.Name()
	}
	return named, release, nil
}

// sources are files by the names that the user gave.
type sources map[string]string

// Open opens one of them.
func (s sources) Open(name string) (fs.File, error) {
	path, given := s[name]
	if !given {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.Open(path)
}
