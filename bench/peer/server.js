// Serves the graph of a Neo4j server by @neo4j/graphql on a free port of 127.0.0.1, which it prints, until its standard input ends.
//
//     node server.js BOLT_URI
//
// Parsed and validated queries are kept, as servers do.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Neo4jGraphQL } from "@neo4j/graphql";
import { execute, parse, validate } from "graphql";
import neo4j from "neo4j-driver";

const driver = neo4j.driver(process.argv[2]);
const typeDefs = readFileSync(new URL("schema.graphql", import.meta.url), "utf8");
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
const documents = new Map();

function document(query) {
  if (!documents.has(query)) {
    const parsed = parse(query);
    const errors = validate(schema, parsed);
    if (errors.length > 0) {
      throw errors[0];
    }
    documents.set(query, parsed);
  }
  return documents.get(query);
}

async function answer(body) {
  const { query, variables } = JSON.parse(body);
  return execute({ schema, document: document(query), variableValues: variables, contextValue: { executionContext: driver } });
}

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  let result;
  try {
    result = await answer(Buffer.concat(parts).toString());
  } catch (error) {
    result = { errors: [{ message: error.message }] };
  }
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(result.errors ? { errors: result.errors } : { data: result.data }));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
