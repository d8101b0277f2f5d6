// Package data holds the bundled example data set, whose manifest names its sources, licence and caveats.
package data

import (
	"embed"
	"io/fs"
)

//go:embed example
var files embed.FS

// Example is the example data set in the native format.
func Example() fs.FS {
	example, err := fs.Sub(files, "example")
	if err != nil {
		// The folder is embedded: only an invalid path could fail.
		panic(err)
	}
	return example
}
