package format

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// features reads a GeoJSON feature collection after RFC 7946. Beside `id` and `properties.…` a row has `geometry.type`, `longitude` and `latitude` of
// a point, and `path` of a line: a list of longitude and latitude with a blank between.
type features struct {
	*elements
}

func openGeoJSON(r io.Reader, o *Options) (Reader, error) {
	e, err := openElements(r, o, "features")
	if err != nil {
		return nil, err
	}
	return &features{e}, nil
}

type feature struct {
	Geometry *struct {
		Type        string
		Coordinates json.RawMessage
	}
}

func (f *features) Read() (Row, error) {
	text, line, column, err := f.next()
	if err != nil {
		return Row{}, err
	}
	fields, fault := f.object.read(text, line, column)
	if fault != nil {
		fault.Text = excerpt(text)
		return Row{}, fault
	}
	row := Row{Line: line}
	at := Field{Line: line, Column: column}
	for _, field := range fields {
		switch {
		case field.Name == "geometry.coordinates":
			at = field
		case field.Name == "geometry.type", !strings.HasPrefix(field.Name, "geometry."):
			row.Fields = append(row.Fields, field)
		}
	}
	refuse := func(fix, reason string, args ...any) error {
		return &RowError{Line: at.Line, Column: at.Column, Reason: fmt.Sprintf(reason, args...), Fix: fix, Fields: row.Fields, Text: excerpt(text)}
	}
	var read feature
	if err := json.Unmarshal(text, &read); err != nil {
		return Row{}, refuse("write a feature after RFC 7946", "the feature is not one: %v", err)
	}
	if read.Geometry == nil {
		return row, nil
	}
	value := func(name, text string, list bool) {
		row.Fields = append(row.Fields, Field{Name: name, Text: text, List: list, Line: at.Line, Column: at.Column})
	}
	var points [][]float64
	switch read.Geometry.Type {
	case "Point":
		points = make([][]float64, 1)
		err = json.Unmarshal(read.Geometry.Coordinates, &points[0])
	case "LineString":
		err = json.Unmarshal(read.Geometry.Coordinates, &points)
		if err == nil && len(points) < 2 {
			return Row{}, refuse("give at least two points", "the line has %d points", len(points))
		}
	default:
		return Row{}, refuse("give a point of the area, or cut the geometry into lines", "%.40q is neither a Point nor a LineString", read.Geometry.Type)
	}
	if err != nil {
		return Row{}, refuse("write [longitude, latitude]", "the coordinates are not those of a %s: %v", read.Geometry.Type, err)
	}
	path := make([]string, len(points))
	for i, p := range points {
		if len(p) < 2 {
			return Row{}, refuse("write [longitude, latitude]", "a point has %d coordinates", len(p))
		}
		switch {
		case math.Abs(p[1]) > 90 && math.Abs(p[0]) <= 90:
			return Row{}, refuse("exchange the two: GeoJSON writes longitude before latitude", "latitude %v lies outside -90 to 90", p[1])
		case math.Abs(p[1]) > 90 || math.Abs(p[0]) > 180:
			return Row{}, refuse("write degrees of WGS 84", "[%v, %v] lies outside the world", p[0], p[1])
		}
		path[i] = degrees(p[0]) + " " + degrees(p[1])
	}
	if read.Geometry.Type == "Point" {
		value("longitude", degrees(points[0][0]), false)
		value("latitude", degrees(points[0][1]), false)
	} else {
		value("path", strings.Join(path, ontology.ListSeparator), true)
	}
	return row, nil
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }
