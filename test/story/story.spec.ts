import { startWorld } from '../world.js';
import { tellStory } from './story.js';

/** Issue: "The story". */
tellStory(() => startWorld());
