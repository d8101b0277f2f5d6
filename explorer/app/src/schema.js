// What the server's schema says of kinds, so that a kind or property that is added there shows here.

import { ask } from './ask.js';

const KINDS = `query Kinds {
  query: __type(name: "Query") { fields { name type { name ofType { name } } } }
  kinds: __type(name: "NodeKind") { enumValues { name } }
  relations: __type(name: "RelationKind") { enumValues { name } }
}`;

const KIND = `query Kind($name: String!) {
  __type(name: $name) { description fields { name description args { name } type { ...Type } } }
}
fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;

/** All kinds, relations, root fields, and the root field that lists a kind. */
export async function kinds() {
  const { query, kinds: nodes, relations } = await ask({ query: KINDS, variables: {} });
  const lists = {};
  query.fields.forEach(({ name, type }) => {
    const listed = /^(.*)Connection$/.exec(type.name ?? type.ofType?.name ?? '');
    if (listed) lists[listed[1]] = name;
  });
  return { fields: new Set(query.fields.map(({ name }) => name)), kinds: nodes.enumValues.map(({ name }) => name), relations: relations.enumValues.map(({ name }) => name), lists };
}

/** The properties of a kind that are plain values: [{ name, description, type, list }]. */
export async function properties(kind) {
  const { __type: type } = await ask({ query: KIND, variables: { name: kind } });
  return type.fields.filter(({ args }) => args.length === 0).map(({ name, description, type: of }) => {
    let inner = of;
    let list = false;
    while (inner.ofType) {
      list ||= inner.kind === 'LIST';
      inner = inner.ofType;
    }
    return { name, description, type: inner.name, plain: inner.kind === 'SCALAR' || inner.kind === 'ENUM', list };
  }).filter(({ plain }) => plain);
}
