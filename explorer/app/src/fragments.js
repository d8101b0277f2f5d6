// Parts of questions that several views share.

/** What a node of any kind is called. */
export const NAMED = `fragment Named on Node {
  __typename
  id
  ... on Entity { name }
  ... on Commodity { market }
  ... on Leg { order mode from { id name } to { id name } }
  ... on Estimate { metric low high unit currency about { name } }
  ... on Contradiction { kind }
  ... on MoneyFlow { low high currency payer { name } payee { name } }
}`;

/** A claim with its source, as evidence shows it. */
export const CLAIM = `fragment Said on Claim {
  id stance modality credibility reliability confidence role attributedTo validFrom validTo observedAt recordedAt tlp
  low high unit currency locator note
  source { ...Origin }
}`;

/** A statement that is a node of its own. */
export const STATEMENT = `fragment Stated on Statement {
  stance modality credibility reliability confidence attributedTo validFrom validTo observedAt recordedAt tlp
  low high unit currency locator note
  source { ...Origin }
}`;

export const ORIGIN = `fragment Origin on Source {
  id name sourceKind: kind publisher speaker speakerOrganization chain url published reliability
}`;
