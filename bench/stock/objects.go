// Package stock answers the page of groups with gqlgen's executor as it comes, over plain objects in memory: what the API's own
// encoder is measured against.
package stock

//go:generate go run github.com/99designs/gqlgen generate --config gqlgen.yml

// The objects of schema.graphqls.
type (
	// GroupConnection is a page of groups.
	GroupConnection struct {
		Nodes    []*Group
		PageInfo *PageInfo
	}
	// PageInfo says where a page lies.
	PageInfo struct {
		HasNextPage bool
		EndCursor   *string
	}
	// Group with its routes.
	Group struct {
		ID, Name string
		Operates *RelatedRouteConnection
	}
	// RelatedRouteConnection is a page of routes.
	RelatedRouteConnection struct{ Nodes []*Route }
	// Route with what it carries and its legs.
	Route struct {
		ID, Name string
		Carries  *RelatedCommodityConnection
		Legs     *LegConnection
	}
	// RelatedCommodityConnection is a page of commodities.
	RelatedCommodityConnection struct{ Nodes []*Commodity }
	// Commodity of a route.
	Commodity struct{ ID, Name string }
	// LegConnection is a page of legs.
	LegConnection struct{ Nodes []*Leg }
	// Leg from a place to a place.
	Leg struct {
		ID       string
		Order    int
		Mode     string
		From, To *Place
	}
	// Place at the end of a leg.
	Place struct{ ID, Name string }
)
