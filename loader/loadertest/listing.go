package loadertest

import (
	"cmp"
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/crimegraph/crimegraph/loader"
)

// Listing is a data set made for tests: what one source says of some numbered groups, each with places, an ally and a route. Two listings
// that hold the same number state the same nodes, and claims of their own.
type Listing struct {
	// ID is what follows dataset/ and names the source; Version and Retrieved are the manifest's.
	ID, Version, Retrieved string
	Groups                 []int
	// Note goes into every record of a group: listings with other notes state other records.
	Note string
	// Grade is the reliability of its source, B where it is empty.
	Grade string
}

// Set is the listing as a data set.
func (l Listing) Set() loader.Dataset {
	files := map[string]*strings.Builder{}
	line := func(file, text string) {
		if files[file] == nil {
			files[file] = &strings.Builder{}
		}
		fmt.Fprintln(files[file], text)
	}
	line("dataset.yaml", fmt.Sprintf("id: dataset/%s\ntitle: Listing %s\nversion: %q\nretrieved: %q\ndefaults:\n  source: source/%s", l.ID, l.ID, l.Version, l.Retrieved, l.ID))
	line("Source.csv", "id,name,reliability")
	line("Source.csv", "source/"+l.ID+",Source "+l.ID+","+cmp.Or(l.Grade, "B"))
	line("Place.csv", "id,name,kind,within")
	line("Place.csv", "place/all,All,REGION,")
	line("Group.csv", "id,name,aliases,description,basedIn")
	line("ACTIVE_IN.csv", "from,to,credibility,validFrom")
	line("ALLIED_WITH.csv", "from,to,stance")
	line("Route.csv", "id,name")
	line("Leg.csv", "id,route,order,mode,from,to")
	line("OPERATES.csv", "from,to")
	placed := map[int]bool{}
	place := func(n int) string {
		if !placed[n] {
			placed[n] = true
			line("Place.csv", fmt.Sprintf("place/p%d,Place %d,CITY,place/all", n, n))
		}
		return fmt.Sprintf("place/p%d", n)
	}
	for at, n := range l.Groups {
		line("Group.csv", fmt.Sprintf("group/g%d,Group %d,Gang %d; Crew %d,%s,%s", n, n, n, n, l.Note, place(n%7)))
		line("ACTIVE_IN.csv", fmt.Sprintf("group/g%d,%s,2,2020-0%d", n, place(n%5), 1+n%9))
		line("Route.csv", fmt.Sprintf("route/r%d,Route %d", n, n))
		line("Leg.csv", fmt.Sprintf("leg/r%d-1,route/r%d,1,SEA,%s,%s", n, n, place(n%7), place((n+3)%7)))
		line("OPERATES.csv", fmt.Sprintf("group/g%d,route/r%d", n, n))
		if at > 0 {
			line("ALLIED_WITH.csv", fmt.Sprintf("group/g%d,group/g%d,ASSERTS", n, l.Groups[at-1]))
		}
	}
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text.String())}
	}
	return loader.Dataset{Name: l.ID, Files: out}
}
