import type { Parameters } from '#libs/http';
import { oauthError, type Prompt, parsePrompt } from '#libs/protocol';

/** OIDC Core §3.1.2.1: `none` stands alone. `create` would need a page to sign up, which is not offered. */
export function checkPrompt(parameters: Parameters): Prompt[] {
  const prompt = parsePrompt(parameters.get('prompt'));
  if (!prompt) throw oauthError('invalid_request', { description: 'prompt is malformed: an unknown value, or none together with others.' });
  if (prompt.includes('create')) throw oauthError('invalid_request', { description: 'prompt=create is not supported.' });
  return prompt;
}
