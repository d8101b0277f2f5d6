// Package explorer holds CrimeGraph's web pages, built and embedded, so that the program serves them with no network
// and no files beside it.
//
// The sources and their builds are in the folders below this one. To rebuild a page after a change in app/ or
// graphiql/, run npm ci && npm run build there; check.sh tells whether the committed builds are those that the sources make.
package explorer

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// GraphiQL returns the files of the GraphiQL page: index.html, to be served at /graphiql, and what it refers to as
// /graphiql/NAME. NOTICES.txt names the licences of the software inside.
//
// The page asks its own server only: GET /examples.json for the example questions (it works without them) and POST
// /graphql for everything else. The query parameters query and variables fill the editor; nothing runs by itself.
//
// It works under this content security policy, in which the hash stands for the one style sheet that GraphiQL 4.1.2
// writes into the page, to stop scrolling behind a dialog:
//
//	default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; font-src data:;
//	style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo=';
//	frame-ancestors 'none'; base-uri 'none'; form-action 'none'
func GraphiQL() fs.FS {
	files, err := fs.Sub(dist, "dist/graphiql")
	if err != nil {
		// fs.Sub refuses malformed paths only, and this one is a constant.
		panic(err)
	}
	return files
}

// App returns the files of the explorer: index.html, to be served at /, and what it refers to as /explorer/NAME. NOTICES.txt
// names the licences of the software inside.
//
// The page asks its own server only: POST /graphql, and GET /export/subgraph.FORMAT for downloads. What it shows follows from
// the query of its address, which it reads itself. Beside scripts and styles of its own it needs images from data: addresses,
// in which it draws its pictures as PNG.
func App() fs.FS {
	files, err := fs.Sub(dist, "dist/explorer")
	if err != nil {
		panic(err) // as above
	}
	return files
}
