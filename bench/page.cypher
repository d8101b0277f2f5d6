MATCH (g:Group) WHERE g.name IS NOT NULL AND g.id IS NOT NULL AND g.retractedAt IS NULL AND g.compartments IS NULL
WITH g ORDER BY g.name, g.id LIMIT $first
CALL (g) {
  MATCH (g)-[o:OPERATES]->(r:Route)
  WHERE o.retractedAt IS NULL AND o.compartments IS NULL AND r.retractedAt IS NULL AND r.compartments IS NULL
  WITH DISTINCT r ORDER BY r.name, r.id LIMIT 10
  CALL (r) {
    MATCH (r)-[e:CARRIES]->(c:Commodity)
    WHERE e.retractedAt IS NULL AND e.compartments IS NULL AND c.retractedAt IS NULL AND c.compartments IS NULL
    WITH DISTINCT c ORDER BY c.name, c.id LIMIT 10
    RETURN collect([c.id, c.name]) AS carries
  }
  CALL (r) {
    MATCH (r)-[:HAS_LEG]->(l:Leg) WHERE l.retractedAt IS NULL AND l.compartments IS NULL
    WITH l ORDER BY l.order, l.id LIMIT 10
    CALL (l) {
      OPTIONAL MATCH (l)-[:FROM]->(p:Place) WHERE p.retractedAt IS NULL AND p.compartments IS NULL
      RETURN CASE WHEN p IS NULL THEN null ELSE [p.id, p.name] END AS start LIMIT 1
    }
    CALL (l) {
      OPTIONAL MATCH (l)-[:TO]->(p:Place) WHERE p.retractedAt IS NULL AND p.compartments IS NULL
      RETURN CASE WHEN p IS NULL THEN null ELSE [p.id, p.name] END AS stop LIMIT 1
    }
    RETURN collect([l.id, l.order, l.mode, start, stop]) AS legs
  }
  RETURN collect([r.id, r.name, carries, legs]) AS routes
}
RETURN g.id, g.name, routes
