//go:build race

package graph_test

// underRace: SQLite compiled to Go is some fifteen times slower under the race detector.
const underRace = true
