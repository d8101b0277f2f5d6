package format

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Packed files may grow to freeSize without question, and beyond it to maxRatio times what was read of them.
const (
	freeSize = 64 << 20
	maxRatio = 100
)

// unpack opens what is packed in a file, by the end of its name or its beginning, and returns it with its own name. What is packed within is not unpacked further.
func unpack(name string, head []byte, file io.Reader) (io.Reader, string, error) {
	extension := strings.ToLower(path.Ext(name))
	switch {
	case extension == ".gz", bytes.HasPrefix(head, []byte("\x1f\x8b")):
		counted := &counter{r: file}
		unpacked, err := gzip.NewReader(counted)
		if err != nil {
			return nil, "", packFault("gzip", err)
		}
		return &bounded{r: unpacked, packed: func() int64 { return counted.read }}, unpackedName(name, ".gz"), nil
	case extension == ".zip":
		return unzip(file)
	}
	return file, name, nil
}

func unpackedName(name, extension string) string {
	if strings.EqualFold(path.Ext(name), extension) {
		return name[:len(name)-len(extension)]
	}
	return name
}

// packFault explains why a packed file cannot be read. Whatever is no error of the system's is the file's: the libraries have no type for it.
func packFault(how string, err error) error {
	_, system := errors.AsType[*fs.PathError](err)
	_, explained := errors.AsType[*RowError](err)
	if err == nil || system || explained {
		return err
	}
	return &RowError{Line: 1, Column: 1, Reason: fmt.Sprintf("the file is no whole %s file: %v", how, err), Fix: "fetch it again", Final: true}
}

// unzip opens the one file of an archive.
func unzip(file io.Reader) (io.Reader, string, error) {
	at, size, err := random(file)
	if err != nil {
		return nil, "", err
	}
	archive, err := zip.NewReader(at, size)
	if err != nil {
		return nil, "", packFault("zip", err)
	}
	var found []*zip.File
	var names []string
	for _, f := range archive.File {
		base := path.Base(f.Name)
		if f.FileInfo().IsDir() || strings.HasPrefix(base, ".") || strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasPrefix(strings.ToUpper(base), "README") {
			continue
		}
		found = append(found, f)
		if len(names) < 5 {
			names = append(names, fmt.Sprintf("%.60s", base))
		}
	}
	if len(found) != 1 {
		return nil, "", &RowError{Line: 1, Column: 1, Reason: fmt.Sprintf("the archive holds %d files: %s", len(found), strings.Join(names, ", ")),
			Fix: "unpack it, and load the file that is meant", Final: true}
	}
	packed := max(int64(found[0].CompressedSize64), 1)
	unpacked, err := found[0].Open()
	if err != nil {
		return nil, "", packFault("zip", err)
	}
	return &bounded{r: unpacked, packed: func() int64 { return min(packed, size) }}, found[0].Name, nil
}

// maxInMemory is the size of the largest archive that is kept in memory, where the file cannot be read at random.
const maxInMemory = 64 << 20

// random gives access to any place of a file.
func random(file io.Reader) (io.ReaderAt, int64, error) {
	if at, is := file.(io.ReaderAt); is {
		if f, is := file.(interface{ Stat() (fs.FileInfo, error) }); is {
			info, err := f.Stat()
			if err != nil {
				return nil, 0, err
			}
			return at, info.Size(), nil
		}
	}
	whole, err := io.ReadAll(io.LimitReader(file, maxInMemory+1))
	if err != nil {
		return nil, 0, err
	}
	if len(whole) > maxInMemory {
		return nil, 0, &RowError{Line: 1, Column: 1, Reason: fmt.Sprintf("the archive is larger than %d bytes and packed once more", maxInMemory), Fix: "unpack it", Final: true}
	}
	return bytes.NewReader(whole), int64(len(whole)), nil
}

type counter struct {
	r    io.Reader
	read int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read += int64(n)
	return n, err
}

// bounded stops where a file grows out of all proportion.
type bounded struct {
	r      io.Reader
	size   int64
	packed func() int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.size > freeSize && b.size > maxRatio*b.packed() {
		return 0, &RowError{Line: 1, Column: 1, Reason: fmt.Sprintf("the file grows to more than %d times its packed size; reading stopped here", maxRatio),
			Fix: "unpack it, and see whether it is what it should be", Final: true}
	}
	n, err := b.r.Read(p)
	b.size += int64(n)
	if err != nil && err != io.EOF {
		err = packFault("packed", err)
	}
	return n, err
}
