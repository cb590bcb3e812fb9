import { deviceName } from '../../src/account/device-name.js';
import { ago, fullTime } from '../../src/account/said-time.js';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`, 'Chrome on Windows'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'Edge on Windows'],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0`, 'Opera on Linux'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0', 'Firefox on Mac'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
    'Safari on Mac',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1',
    'Chrome on iPad',
  ],
  [
    `Mozilla/5.0 (Linux; Android 15; SM-S911B) ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet on Android',
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`, 'Chrome on ChromeOS'],
  ['curl/8.14.1', 'Unknown device'],
  ['<b>Your bank</b> (Windows)', 'A browser on Windows'],
  [null, 'Unknown device'],
])('%s is %s', (userAgent, said) => {
  expect(deviceName(userAgent)).toBe(said);
});

test('a long text costs no more than a short one', () => {
  expect(deviceName(`Version/${'a '.repeat(200_000)}`)).toBe('Unknown device');
});

const NOW = Date.UTC(2026, 7, 5, 14, 3);
test.each([
  [NOW + 5_000, 'just now'],
  [NOW - 59_999, 'just now'],
  [NOW - 60_000, '1 minute ago'],
  [NOW - 3_599_999, '59 minutes ago'],
  [NOW - 7_200_000, '2 hours ago'],
  [NOW - 86_400_000, '1 day ago'],
  [NOW - 30 * 86_400_000, 'on 6 July 2026'],
])('%i is %s', (at, said) => {
  expect(ago(at, NOW)).toBe(said);
});

test('times name their zone', () => {
  expect(fullTime(NOW)).toBe('5 August 2026 at 14:03 UTC');
});
