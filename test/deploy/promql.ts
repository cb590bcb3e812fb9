import { parser } from '@prometheus-io/lezer-promql';

export interface Promql {
  /** Where the parser could not go on; empty for what Prometheus takes. */
  readonly errors: string[];
  readonly metrics: string[];
  /** Of matchers, `by` and `without`. */
  readonly labels: string[];
}

/** A query as Prometheus' own grammar reads it: the one that its user interface is made with. */
export function readPromql(query: string): Promql {
  const read: Promql = { errors: [], metrics: [], labels: [] };
  parser.parse(query).iterate({
    enter: ({ type, from, to, node }) => {
      const text = query.slice(from, to);
      if (type.isError) read.errors.push(`at ${from} of ${query}`);
      else if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') read.metrics.push(text);
      else if (type.name === 'LabelName') read.labels.push(text);
    },
  });
  return read;
}
