package format

import "io"

// openSTIX reads the objects of a STIX 2.1 bundle. Relationships are objects with `source_ref` and `target_ref`; marking definitions are objects,
// too, and others name them in `object_marking_refs`.
func openSTIX(r io.Reader, o *Options) (Reader, error) {
	return openElements(r, o, "objects")
}
