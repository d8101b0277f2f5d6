package explorer

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page is served under a policy that forbids other origins and inline scripts. A browser would only report a
// violation in its console, so these tests look at the files.

func TestIndexRefersToEmbeddedFilesOnly(t *testing.T) {
	// The outlines of countries are asked for by the script, where there is a map.
	t.Run("explorer", func(t *testing.T) {
		refersToEmbeddedFilesOnly(t, App(), "/explorer/", "NOTICES.txt", "index.html", "countries-110m.json")
	})
	t.Run("graphiql", func(t *testing.T) {
		refersToEmbeddedFilesOnly(t, GraphiQL(), "/graphiql/", "NOTICES.txt", "index.html")
	})
}

func refersToEmbeddedFilesOnly(t *testing.T, files fs.FS, folder string, expected ...string) {
	page := read(t, files, "index.html")
	for _, element := range elements(t, page) {
		for _, attribute := range element.Attr {
			if !slices.Contains([]string{"src", "href", "srcset", "action", "data", "poster"}, attribute.Name.Local) {
				continue
			}
			address := attribute.Value
			if strings.HasPrefix(address, "data:") {
				continue
			}
			name, ok := strings.CutPrefix(address, folder)
			if !ok {
				t.Errorf("<%s %s=%q> does not begin with %s", element.Name.Local, attribute.Name.Local, address, folder)
				continue
			}
			if _, err := fs.Stat(files, name); err != nil {
				t.Errorf("<%s %s=%q>: %v", element.Name.Local, attribute.Name.Local, address, err)
			}
			expected = append(expected, name)
		}
	}

	// What nothing refers to was left by an earlier build, or the page forgot to load it.
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	var embedded []string
	for _, entry := range entries {
		embedded = append(embedded, entry.Name())
	}
	slices.Sort(expected)
	slices.Sort(embedded)
	if !slices.Equal(embedded, slices.Compact(expected)) {
		t.Errorf("the embedded files are %v, the page needs %v", embedded, expected)
	}
}

func TestIndexHasNothingInline(t *testing.T) {
	t.Run("explorer", func(t *testing.T) { hasNothingInline(t, read(t, App(), "index.html")) })
	t.Run("graphiql", func(t *testing.T) { hasNothingInline(t, read(t, GraphiQL(), "index.html")) })
}

func hasNothingInline(t *testing.T, page string) {
	scripts := 0
	for _, element := range elements(t, page) {
		name := element.Name.Local
		attributes := map[string]bool{}
		for _, attribute := range element.Attr {
			attributes[attribute.Name.Local] = true
			if strings.HasPrefix(attribute.Name.Local, "on") {
				t.Errorf("<%s> has the inline event handler %s", name, attribute.Name.Local)
			}
		}
		if name == "script" {
			scripts++
			if !attributes["src"] {
				t.Error("a <script> has no src")
			}
		}
		if name == "style" || attributes["style"] {
			t.Errorf("<%s> has an inline style", name)
		}
	}
	if scripts == 0 {
		t.Error("the page loads no script")
	}
	// A browser ignores what stands inside a script with a src, but then it was meant to do something.
	if regexp.MustCompile(`(?i)<script[^>]*>[^<]`).MatchString(page) {
		t.Error("a <script> has text inside")
	}
}

func TestGraphiQLNamesNoOtherOrigin(t *testing.T) {
	files := GraphiQL()
	// graphiql.min.js is left out: it holds addresses as names (of the SVG name space) and as links in messages.
	for _, name := range []string{"index.html", "boot.js", "page.css"} {
		if found := regexp.MustCompile(`(?i)https?://[^\s"'<>]*`).FindString(read(t, files, name)); found != "" {
			t.Errorf("%s names %s", name, found)
		}
	}
	outside := regexp.MustCompile(`(?i)@import|url\(\s*["']?(https?:)?//`)
	for _, name := range []string{"page.css", "graphiql.min.css"} {
		if found := outside.FindString(read(t, files, name)); found != "" {
			t.Errorf("%s loads something by %s", name, found)
		}
	}
}

// Example questions and answers come from outside the program: they are shown as text, never as HTML or code.
func TestGraphiQLBootMakesNoCodeOfText(t *testing.T) {
	boot := read(t, GraphiQL(), "boot.js")
	for _, way := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "javascript:"} {
		if strings.Contains(boot, way) {
			t.Errorf("boot.js uses %s", way)
		}
	}
	if strings.Contains(strings.ToLower(boot), "dangerouslysetinnerhtml") {
		t.Error("boot.js uses dangerouslySetInnerHTML")
	}
}

func TestGraphiQLNoticesNameWhatIsBundled(t *testing.T) {
	notices := read(t, GraphiQL(), "NOTICES.txt")
	for _, name := range []string{"graphiql 4.1.2", "react 18.2.0", "react-dom 18.2.0", "graphql ", "codemirror ", "fira-code ", "Roboto"} {
		if !strings.Contains(notices, name) {
			t.Errorf("NOTICES.txt does not name %s", name)
		}
	}
}

func TestExplorerNoticesNameWhatIsBundled(t *testing.T) {
	notices := read(t, App(), "NOTICES.txt")
	for _, name := range []string{"preact 11", "cytoscape 3.34.4", "d3-geo 3.1.2", "topojson-client 3", "world-atlas 2.0.2"} {
		if !strings.Contains(notices, name) {
			t.Errorf("NOTICES.txt does not name %s", name)
		}
	}
}

func read(t *testing.T, files fs.FS, name string) string {
	t.Helper()
	content, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// elements returns the start tags of an HTML page, in order, with their names in lower case.
func elements(t *testing.T, page string) []xml.StartElement {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict = false
	decoder.AutoClose = xml.HTMLAutoClose
	decoder.Entity = xml.HTMLEntity
	var found []xml.StartElement
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("index.html: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			element := start.Copy()
			element.Name.Local = strings.ToLower(element.Name.Local)
			for i := range element.Attr {
				element.Attr[i].Name.Local = strings.ToLower(element.Attr[i].Name.Local)
			}
			found = append(found, element)
		}
	}
}
