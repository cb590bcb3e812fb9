import { killedAtEachPlace } from './kill/each-place.js';

/** Rule: killed with -9 on either side of a flow's commit, a service keeps every promise once it runs again. All places: the deep spec. */
killedAtEachPlace(({ daily }) => daily);
