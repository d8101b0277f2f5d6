// Package neo4jtest gives tests a real Neo4j: Neo4j Community from Maven Central's jars in a process of its own, that ends
// with the test's, and a proxy that breaks the connection to it in ways that a network does.
package neo4jtest
