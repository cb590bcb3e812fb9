import type { CodeContents } from '#libs/contracts';
import { judgeRedemption } from '../src/codes/judge-redemption.js';
import { CHALLENGE, REDIRECT, VERIFIER } from './token-world.js';

const CONTENTS = { client_id: 'shop', redirect_uri: REDIRECT, redirect_uri_sent: true, code_challenge: CHALLENGE } as CodeContents;
const judge = (redemption: object, contents: object = {}) =>
  judgeRedemption({ ...CONTENTS, ...contents }, { clientId: 'shop', redirectUri: REDIRECT, verifier: VERIFIER, ...redemption });

describe('whether the right party redeems a code', () => {
  it('passes its client with its redirect URI and its verifier', () => {
    expect(judge({})).toBeNull();
  });

  it.each([
    ['another client', { clientId: 'other' }, {}],
    ['no redirect URI where the request named one', { redirectUri: null }, {}],
    ['another redirect URI', { redirectUri: `${REDIRECT}/` }, {}],
    ['another redirect URI where the request named none', { redirectUri: `${REDIRECT}/` }, { redirect_uri_sent: false }],
    ['no verifier where there is a challenge', { verifier: null }, {}],
    ['a wrong verifier', { verifier: 'w'.repeat(43) }, {}],
    ['a malformed verifier', { verifier: 'short' }, {}],
    ['a verifier where there was no challenge (downgrade)', {}, { code_challenge: null }],
  ])('refuses %s', (_name, redemption, contents) => {
    expect(judge(redemption, contents)).toEqual(expect.any(String));
  });

  it('lets the redirect URI be left out where the request left it out', () => {
    expect(judge({ redirectUri: null }, { redirect_uri_sent: false })).toBeNull();
  });
});
