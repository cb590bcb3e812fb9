import { screen } from '../start/screen.js';
import type { Cluster } from './cluster.js';

/** The screen of `npm start`, with one origin for all of it, and which process is where. */
export function clusterScreen(cluster: Cluster): string {
  const { plan, directory, secrets } = cluster.options;
  const origin = cluster.issuer;
  const publicUrls = { auth: origin, token: origin, session: origin, introspect: origin };
  const lines = screen({ ...plan, config: { ...plan.config, publicUrls } }, directory, secrets, { place: cluster.postgres.home }).split(
    '\n',
  );
  const processes = cluster.services.map(
    ({ name, pid, options }) => `  ${name.padEnd(13)} ${options.publicPort}, internal ${options.internalPort} (process ${pid})`,
  );
  return [...lines.slice(0, -2), '  processes, behind the front:', ...processes, '', ...lines.slice(-2)].join('\n');
}
