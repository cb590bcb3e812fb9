/**
 * libs/revocation-host owns the revocation view's life inside one of our services: its place in the session service's registry, its reader,
 * its part in readiness, the hints it receives, and the hints sent to others after a commit. It decides nothing about tokens.
 * Called by every service (the view), and by every owner (EndConfirmer).
 */
export { EndConfirmer, type EndConfirmerOptions, type HintCaller } from './end-confirmer.js';
export { HintController } from './hint.controller.js';
export { RevocationHostModule, type RevocationHostOptions } from './revocation-host.module.js';
export { ViewService, type ViewServiceOptions } from './view.service.js';
export { type RegisteredView, RemoteViewDirectory, type ViewDirectory } from './view-directory.js';
export type { ViewFollower } from './view-follower.js';
export type { EntryPath, ViewObserver } from './view-observer.js';
