package graph

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// pages serves the files of a folder by their names, and index.html where no name is given. Each has a hash of its content as its tag, so that a
// browser asks whether it changed and gets the whole of it only then; one that takes gzip gets it compressed, once for all.
type pages map[string]page

type page struct {
	plain, zipped []byte
	media, tag    string
}

// pagesOf reads the files of a folder, which are those of an embedded build: a fault in reading them is the program's.
func pagesOf(files fs.FS) pages {
	read := pages{}
	names, err := fs.Glob(files, "*")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		var zipped bytes.Buffer
		writer := gzip.NewWriter(&zipped)
		_, _ = writer.Write(content) // a buffer takes everything
		_ = writer.Close()
		hash := sha256.Sum256(content)
		read[name] = page{plain: content, zipped: zipped.Bytes(), media: mime.TypeByExtension(path.Ext(name)), tag: hex.EncodeToString(hash[:12])}
	}
	return read
}

// ServeHTTP answers a request for the file that the pattern calls {file}.
func (p pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if name == "" {
		name = "index.html"
	}
	file, known := p[name]
	if !known {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding")
	content := file.plain
	header.Set("ETag", `"`+file.tag+`"`)
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && len(file.zipped) < len(file.plain) {
		content = file.zipped
		header.Set("ETag", `"`+file.tag+`-gzip"`)
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Type", file.media)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
