/** Something that the person who typed `npm start` can put right; the message is a plain sentence, shown without a stack. */
export class LauncherError extends Error {
  override readonly name = 'LauncherError';
}
