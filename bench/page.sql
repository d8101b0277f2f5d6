SELECT '[' || ifnull(group_concat('[' || json_quote(g.id) || ',' || json_quote(g.name) || ',' || (
  SELECT '[' || ifnull(group_concat('[' || json_quote(r.id) || ',' || json_quote(r.name) || ',' || (
    SELECT '[' || ifnull(group_concat('[' || json_quote(c.id) || ',' || json_quote(c.name) || ']', ','), '') || ']'
    FROM (
      SELECT n.id, n.name
      FROM edge e CROSS JOIN node n ON n.key_ = e.dst_
      WHERE e.src_ = r.key_ AND e.relation_ = {CARRIES} AND e.retractedAt IS NULL AND e.compartments = '[]'
        AND n.kind_ = {Commodity} AND n.retractedAt IS NULL AND n.compartments = '[]'
      GROUP BY e.dst_ ORDER BY n.name, n.id LIMIT 10) c
  ) || ',' || (
    SELECT '[' || ifnull(group_concat('[' || json_quote(l.id) || ',' || l."order" || ',' || l.mode || ',' || ifnull((
      SELECT '[' || json_quote(n.id) || ',' || json_quote(n.name) || ']'
      FROM edge e CROSS JOIN node n ON n.key_ = e.dst_
      WHERE e.src_ = l.key_ AND e.relation_ = {FROM} AND n.retractedAt IS NULL AND n.compartments = '[]'
    ), 'null') || ',' || ifnull((
      SELECT '[' || json_quote(n.id) || ',' || json_quote(n.name) || ']'
      FROM edge e CROSS JOIN node n ON n.key_ = e.dst_
      WHERE e.src_ = l.key_ AND e.relation_ = {TO} AND n.retractedAt IS NULL AND n.compartments = '[]'
    ), 'null') || ']', ','), '') || ']'
    FROM (
      SELECT n.key_, n.id, n."order", n.mode
      FROM edge e CROSS JOIN node n ON n.key_ = e.dst_
      WHERE e.src_ = r.key_ AND e.relation_ = {HAS_LEG} AND n.retractedAt IS NULL AND n.compartments = '[]'
      ORDER BY n."order", n.id LIMIT 10) l
  ) || ']', ','), '') || ']'
  FROM (
    SELECT n.key_, n.id, n.name
    FROM edge e CROSS JOIN node n ON n.key_ = e.dst_
    WHERE e.src_ = g.key_ AND e.relation_ = {OPERATES} AND e.retractedAt IS NULL AND e.compartments = '[]'
      AND n.kind_ = {Route} AND n.retractedAt IS NULL AND n.compartments = '[]'
    GROUP BY e.dst_ ORDER BY n.name, n.id LIMIT 10) r
) || ']', ','), '') || ']'
FROM (
  SELECT key_, id, name FROM node
  WHERE kind_ = {Group} AND retractedAt IS NULL AND compartments = '[]'
  ORDER BY name, id LIMIT ?) g
