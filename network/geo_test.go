package network_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/crimegraph/crimegraph/network"
)

// at is a place with coordinates.
func (r *records) at(id string, latitude, longitude float64, given ...string) {
	r.Helper()
	r.node(id, append([]string{"latitude", fmt.Sprint(latitude), "longitude", fmt.Sprint(longitude)}, given...)...)
}

// lines are the positions of a feature's parts.
func lines(t testing.TB, f network.Feature) [][][2]float64 {
	t.Helper()
	text, err := json.Marshal(f.Geometry.Coordinates)
	if err != nil {
		t.Fatal(err)
	}
	var out [][][2]float64
	switch f.Geometry.Type {
	case "LineString":
		out = make([][][2]float64, 1)
		err = json.Unmarshal(text, &out[0])
	case "MultiLineString":
		err = json.Unmarshal(text, &out)
	default:
		t.Fatalf("a leg is a %s", f.Geometry.Type)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLegsOnTheMap: lines begin and end where the leg does, follow the geodesic, and no part crosses the antimeridian.
func TestLegsOnTheMap(t *testing.T) {
	for name, c := range map[string]struct {
		from, to   [2]float64 // latitude, longitude
		parts      int
		kilometres float64
	}{
		// Kilometres after GeographicLib 2.1, WGS 84.
		"across Europe":                {[2]float64{51.5, -0.12}, [2]float64{41.9, 12.5}, 1, 1434.9},
		"eastward over the line":       {[2]float64{35.5, 139.8}, [2]float64{37.8, -122.4}, 2, 8293.7},
		"westward over the line":       {[2]float64{37.8, -122.4}, [2]float64{35.5, 139.8}, 2, 8293.7},
		"southward over the line":      {[2]float64{-18.1, 178.4}, [2]float64{-13.8, -171.8}, 2, 1151.7},
		"from the line":                {[2]float64{10, 180}, [2]float64{10, -170}, 1, 1096.4},
		"to the line":                  {[2]float64{10, 170}, [2]float64{10, -180}, 1, 1096.4},
		"along the line":               {[2]float64{-10, 180}, [2]float64{10, 180}, 1, 2211.7},
		"along the equator":            {[2]float64{0, 0}, [2]float64{0, 90}, 1, 10018.8},
		"a short hop over the line":    {[2]float64{0, 179.9}, [2]float64{0, -179.9}, 2, 22.3},
		"one point":                    {[2]float64{5, 5}, [2]float64{5, 5}, 1, 0},
		"over the pole, near the line": {[2]float64{80, 100}, [2]float64{80, -80}, 1, 2233.7},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecords(t)
			r.at("place/a", c.from[0], c.from[1])
			r.at("place/b", c.to[0], c.to[1])
			r.node("route/r", "legs", "leg/l")
			r.node("leg/l", "mode", "SEA", "from", "place/a", "to", "place/b")
			f, onMap := r.network().Feature("leg/l")
			if !onMap || f.Geometry == nil {
				t.Fatalf("%+v", f)
			}
			if got := f.Properties["kilometres"].(float64); got != c.kilometres {
				t.Errorf("%v km, want %v", got, c.kilometres)
			}
			if f.Properties["sea"] != true || f.Properties["from"] != "place/a" || f.Properties["to"] != "place/b" {
				t.Errorf("%v", f.Properties)
			}
			parts := lines(t, f)
			if len(parts) != c.parts {
				t.Errorf("%d parts, want %d: %v", len(parts), c.parts, parts)
			}
			same := func(p [2]float64, place [2]float64) bool {
				return math.Abs(p[1]-place[0]) < 1e-5 && math.Abs(math.Remainder(p[0]-place[1], 360)) < 1e-5
			}
			last := parts[len(parts)-1]
			if !same(parts[0][0], c.from) || !same(last[len(last)-1], c.to) {
				t.Errorf("from %v to %v, want %v to %v", parts[0][0], last[len(last)-1], c.from, c.to)
			}
			length := 0.0
			for i, part := range parts {
				if len(part) < 2 {
					t.Errorf("a part of %d positions", len(part))
				}
				for j, p := range part {
					if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 {
						t.Errorf("a position at %v", p)
					}
					if j == 0 {
						continue
					}
					// Over a pole a line jumps in longitude without crossing the antimeridian.
					if math.Abs(p[0]-part[j-1][0]) > 180 {
						t.Errorf("part %d crosses the line from %v to %v", i, part[j-1], p)
					}
					length += haversine(part[j-1], p)
				}
				if i > 0 {
					end := parts[i-1][len(parts[i-1])-1]
					if math.Abs(end[0]) != 180 || part[0] != [2]float64{-end[0], end[1]} {
						t.Errorf("cut at %v and %v", end, part[0])
					}
				}
			}
			// Of great length when it did not follow the geodesic; the sphere and the ellipsoid differ by half a percent.
			if math.Abs(length-c.kilometres) > max(c.kilometres*0.01, 0.2) {
				t.Errorf("the line is %.1f km long, the leg %.1f", length, c.kilometres)
			}
		})
	}
}

// haversine is the distance of two positions on a sphere, in kilometres.
func haversine(a, b [2]float64) float64 {
	rad := math.Pi / 180
	h := math.Pow(math.Sin((b[1]-a[1])*rad/2), 2) + math.Cos(a[1]*rad)*math.Cos(b[1]*rad)*math.Pow(math.Sin((b[0]-a[0])*rad/2), 2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(h))
}

// TestPlacesWithinEachOther: a place without coordinates lies where the nearest place around it does, and where none has any nowhere, even if
// places lie within each other in a circle.
func TestPlacesWithinEachOther(t *testing.T) {
	r := newRecords(t)
	r.at("place/country", 12, 105)
	r.node("place/city", "within", "place/country")
	r.node("place/site", "within", "place/city")
	r.node("place/x", "within", "place/y")
	r.node("place/y", "within", "place/x")
	r.node("leg/l", "from", "place/site", "to", "place/x")
	n := r.network()
	g, err := n.Geo(t.Context(), network.GeoQuestion{Of: []string{"leg/l", "place/city", "place/y"}, Depth: 1})
	if err != nil {
		t.Fatal(err)
	}
	var all network.FeatureCollection
	if err := json.Unmarshal(g.Features, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Features) != 2 || all.Features[0].ID != "place/city" || all.Features[1].ID != "place/site" || g.Unlocated != 3 {
		t.Errorf("%d without a place on the map; %s", g.Unlocated, g.Features)
	}
	for _, f := range all.Features {
		if fmt.Sprint(f.Geometry.Coordinates) != "[105 12]" {
			t.Errorf("%s at %v", f.ID, f.Geometry.Coordinates)
		}
	}
}
