package network

import (
	"context"
	"encoding/json"
	"math"

	"github.com/tidwall/geodesic"
)

// GeoQuestion asks for what lies around some nodes on the map.
type GeoQuestion struct {
	// Of, Depth and Scope as in a SubgraphQuestion.
	Of    []string
	Depth int
	Scope
	Work int
}

// Geo is a map.
type Geo struct {
	Status Completeness
	// Features is a GeoJSON FeatureCollection (RFC 7946): places as points, legs as lines. Lines follow great circles and are cut at the
	// antimeridian. Properties: id, name, kind; of legs mode, sea and kilometres.
	Features json.RawMessage
	// Unlocated is how many places and legs have no coordinates, not even those of a place around them.
	Unlocated int
}

// Feature is a GeoJSON feature.
type Feature struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Geometry   *Geometry      `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

// Geometry is a GeoJSON geometry; positions are longitude, latitude.
type Geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

// FeatureCollection is a GeoJSON document.
type FeatureCollection struct {
	Type     string    `json:"type"`
	Features []Feature `json:"features"`
}

// place is the kind that lies on the map.
const place = "Place"

// Geo answers the question. The error is an *ArgumentError.
func (n *Network) Geo(ctx context.Context, q GeoQuestion) (Geo, error) {
	s, err := n.Subgraph(ctx, SubgraphQuestion{Of: q.Of, Depth: q.Depth, Scope: q.Scope, MaxNodes: MaxSubgraphNodes, MaxEdges: MaxSubgraphEdges, Work: q.Work})
	if err != nil {
		return Geo{}, err
	}
	answer := Geo{Status: s.Status}
	all := FeatureCollection{Type: "FeatureCollection", Features: []Feature{}}
	for _, x := range s.Nodes {
		f, onMap := n.Feature(x.Node)
		switch {
		case onMap && f.Geometry != nil:
			all.Features = append(all.Features, f)
		case onMap:
			answer.Unlocated++
		}
	}
	answer.Features, err = json.Marshal(all)
	return answer, err
}

// Feature is how a node lies on the map; onMap is false for kinds that do not. Without coordinates there is no geometry.
func (n *Network) Feature(id string) (f Feature, onMap bool) {
	at := n.find(id)
	if at == none {
		return f, false
	}
	kind := n.kind(at)
	f = Feature{Type: "Feature", ID: id, Properties: map[string]any{"id": id, "kind": kind.Name}}
	switch kind.Name {
	case place:
		f.Properties["name"] = n.names.at(int(at))
		if p, known := n.position(at); known {
			f.Geometry = &Geometry{"Point", position(p)}
		}
		return f, true
	case leg:
		mode := kind.Property("mode").Enum.Value(int64(n.modes[at]))
		f.Properties["mode"], f.Properties["sea"] = mode, mode == "SEA"
		start, end := n.ends(at)
		a, known := n.position(start)
		b, too := n.position(end)
		if !known || !too {
			return f, true
		}
		f.Properties["from"], f.Properties["to"] = n.id(start), n.id(end)
		f.Properties["kilometres"] = math.Round(kilometres(a, b)*10) / 10
		lines := greatCircle(a, b)
		if len(lines) == 1 {
			f.Geometry = &Geometry{"LineString", lines[0]}
		} else {
			f.Geometry = &Geometry{"MultiLineString", lines}
		}
		return f, true
	default:
		return f, false
	}
}

func position(p Point) [2]float64 { return [2]float64{micro(p.Longitude), micro(p.Latitude)} }

// micro rounds to millionths of a degree, about 0.1 m.
func micro(degrees float64) float64 { return math.Round(degrees*1e6) / 1e6 }

// greatCircle is the shortest line between two points, with a point every 200 km at most, in parts that do not cross the antimeridian.
func greatCircle(a, b Point) [][][2]float64 {
	var metres, azimuth float64
	geodesic.WGS84.Inverse(a.Latitude, a.Longitude, b.Latitude, b.Longitude, &metres, &azimuth, nil)
	parts := max(1, int(math.Ceil(metres/200_000)))
	line := [][2]float64{position(a)}
	var lines [][][2]float64
	for i := 1; i <= parts; i++ {
		p := b
		if i < parts {
			geodesic.WGS84.Direct(a.Latitude, a.Longitude, azimuth, metres*float64(i)/float64(parts), &p.Latitude, &p.Longitude, nil)
		}
		p.Longitude = math.Remainder(p.Longitude, 360)
		last, next := line[len(line)-1], position(p)
		if math.Abs(next[0]-last[0]) > 180 {
			edge := math.Copysign(180, last[0])
			beyond := next[0] + 2*edge // the next longitude, counted on over the antimeridian
			latitude := last[1]
			if beyond != last[0] {
				latitude += (next[1] - last[1]) * (edge - last[0]) / (beyond - last[0])
			}
			if last != [2]float64{edge, micro(latitude)} {
				line = append(line, [2]float64{edge, micro(latitude)})
			}
			if len(line) > 1 { // else it begins on the antimeridian, and on its other side
				lines = append(lines, line)
			}
			line = [][2]float64{{-edge, micro(latitude)}}
			if next == line[0] {
				continue
			}
		}
		line = append(line, next)
	}
	if len(line) > 1 {
		lines = append(lines, line)
	}
	if len(lines) == 0 { // both ends are one point
		lines = append(lines, append(line, line[0]))
	}
	return lines
}
