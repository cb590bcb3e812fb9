/**
 * `npm run demo`: plays the main story against the running system with real HTTP, on a client library that no one here wrote, and
 * prints what happened with measured milliseconds. It knows what a client knows: the issuer, its own registration, Jane's password.
 */
import { story } from './demo/story.js';
import { Timeline } from './demo/timeline.js';
import { preview } from './start/preview.js';

const { config } = preview(process.env);
const time = new Timeline();
try {
  await fetch(`${config.publicUrls.auth}/.well-known/openid-configuration`);
} catch {
  console.error(`Lanyard is not running at ${config.publicUrls.auth}: start it with npm start or npm run cluster in another terminal.`);
  process.exit(1);
}
console.log(`The main story, played at ${config.issuer}`);
try {
  await story(config, time);
} catch (error) {
  time.expect('the story goes on', false, told(error));
}
process.exit(time.end());

/** Of an answer that the client library did not like, its status says more than the message. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  if (!cause) return message;
  return `${message} (${cause instanceof Response ? cause.status : String(cause)})`;
}
