// All records of one kind, a page at a time.

import { ask, useAsync } from './ask.js';
import { elsewhere, go, lensOf, Link } from './place.jsx';
import { KindSign } from './kinds.jsx';
import { count, kindNames, nameOf, sentence } from './words.js';
import { NAMED } from './fragments.js';
import { kinds } from './schema.js';
import { Answer, Empty } from './state.jsx';
import { Table } from './table.jsx';
import { Request } from './request.jsx';

// The name of the root field comes from the server's own schema, never from the address.
function question(field, kind, after, lens) {
  return {
    query: `query List($after: String, $lens: Lens) {
  list: ${field}(first: 100, after: $after, lens: $lens) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { ...Named ... on Entity { aliases description } }
  }
}
${NAMED}`,
    variables: { after: after || null, lens },
  };
}

export function KindList({ at }) {
  const lens = lensOf(at);
  const state = useAsync(JSON.stringify(['kind', at.kind, at.after, lens]), async () => {
    const { lists } = await kinds();
    if (!lists[at.kind]) return { unknown: true };
    const request = question(lists[at.kind], at.kind, at.after, lens);
    return { request, list: (await ask(request)).list };
  });
  return (
    <section class="page">
      <h1><KindSign kind={at.kind} size={24} /> {sentence(kindNames(at.kind))}</h1>
      <Answer state={state} what={kindNames(at.kind)}>
        {({ unknown, request, list }) => {
          if (unknown) return <Empty at={at}>There is no kind of this name.</Empty>;
          if (list.nodes.length === 0) return <Empty at={at}>There are none.</Empty>;
          return (
            <>
              <p class="faint">{count(list.totalCount, at.kind)}{list.pageInfo.hasNextPage || at.after ? `, ${list.nodes.length} on this page` : ''}.</p>
              <Table
                caption={sentence(kindNames(at.kind))} file={kindNames(at.kind)} rows={list.nodes} keyOf={({ id }) => id}
                columns={[
                  { title: 'Name', value: nameOf, show: (node) => <Link to={elsewhere(at, { of: [node.id] })}><bdi>{nameOf(node)}</bdi></Link> },
                  { title: 'Also', value: (node) => (node.aliases ?? []).join(', ') },
                  { title: 'What it is', value: (node) => node.description ?? '' },
                  { title: 'Id', value: ({ id }) => id },
                ]}
              />
              <p class="row">
                {at.after && <button type="button" onClick={() => go({ ...at, after: '' })}>First page</button>}
                {list.pageInfo.hasNextPage && <button type="button" onClick={() => go({ ...at, after: list.pageInfo.endCursor })}>Next page</button>}
              </p>
              <Request requests={[{ title: 'This list', ...request }]} />
            </>
          );
        }}
      </Answer>
    </section>
  );
}
