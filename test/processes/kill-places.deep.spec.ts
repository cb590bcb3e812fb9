import { killedAtEachPlace } from './kill/each-place.js';

/** Rule: there is no place in any flow at which kill -9 breaks a promise. */
killedAtEachPlace(({ places }) => Object.keys(places));
