import { connect, createServer, type Server, type Socket } from 'node:net';
import { until } from '#libs/testing';
import { TcpProxy } from '../../scripts/cluster/tcp-proxy.js';

/** What the fault script breaks connections with: its weather is what it says. */
describe('the TCP proxy', () => {
  let echo: Server;
  let heard = '';
  let proxy: TcpProxy;
  const open: Socket[] = [];
  beforeAll(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        heard += String(chunk);
        socket.write(chunk);
      });
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const address = echo.address();
    proxy = await TcpProxy.start({ host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 });
  });
  afterAll(async () => {
    for (const socket of open) socket.destroy();
    await proxy.close();
    await new Promise((resolve) => echo.close(resolve));
  });

  function dial() {
    const seen = { text: '', error: '', at: 0 };
    const socket = connect(proxy.port, '127.0.0.1');
    open.push(socket);
    socket.on('data', (chunk) => Object.assign(seen, { text: seen.text + String(chunk), at: performance.now() }));
    socket.on('error', (error: NodeJS.ErrnoException) => Object.assign(seen, { error: error.code ?? 'error' }));
    return { seen, say: (text: string) => socket.write(text) };
  }

  it('passes on what is said both ways, and late when told to, in order', async () => {
    const { seen, say } = dial();
    say('one ');
    await until(() => seen.text === 'one ');
    proxy.set({ kind: 'delay', ms: 150 });
    const said = performance.now();
    say('two ');
    say('three');
    await until(() => seen.text === 'one two three');
    expect(seen.at - said).toBeGreaterThanOrEqual(299);
    proxy.heal();
  });

  it('cuts with a reset, and refuses until healed', async () => {
    const before = dial();
    before.say('x');
    await until(() => before.seen.text === 'x');
    proxy.set({ kind: 'cut' });
    await until(() => before.seen.error === 'ECONNRESET');
    const during = dial();
    await until(() => during.seen.error === 'ECONNRESET');
    proxy.heal();
    const after = dial();
    after.say('y');
    await until(() => after.seen.text === 'y');
  });

  it('swallows what is sent into a hole, tells nobody, and never delivers it later', async () => {
    const { seen, say } = dial();
    say('a');
    await until(() => seen.text === 'a');
    heard = '';
    proxy.set({ kind: 'hole' });
    say('lost');
    const other = dial();
    other.say('lost too');
    await until(() => proxy.lost === 'lost'.length + 'lost too'.length);
    expect([seen.error, heard]).toEqual(['', '']);
    proxy.heal();
    await until(() => seen.error === 'ECONNRESET');
    expect(heard).toBe('');
  });

  it('half open: the way there works, nothing comes back, and it is reset when healed', async () => {
    heard = '';
    proxy.set({ kind: 'half-open' });
    const { seen, say } = dial();
    say('there');
    await until(() => heard === 'there');
    expect(seen).toMatchObject({ text: '', error: '' });
    proxy.heal();
    await until(() => seen.error === 'ECONNRESET');
  });
});
