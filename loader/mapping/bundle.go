package mapping

import (
	"embed"
	"strings"
)

//go:embed bundled/*.yaml
var bundled embed.FS

// Bundled is the text of a mapping that comes with the program.
func Bundled(name string) ([]byte, bool) {
	text, err := bundled.ReadFile("bundled/" + name + ".yaml")
	return text, err == nil
}

// BundledNames are the names of the mappings that come with the program.
func BundledNames() []string {
	// The folder is part of the program, so that reading it cannot fail.
	entries, _ := bundled.ReadDir("bundled")
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}
