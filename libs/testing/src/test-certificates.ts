import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A CA of the test's own and a certificate of it for 127.0.0.1 and localhost, as PEM files that go with `discard`. Made by openssl, which every Debian has. */
export class TestCertificates {
  private readonly folder = mkdtempSync(join(tmpdir(), 'lanyard-certificates-'));
  readonly caFile = join(this.folder, 'ca.pem');
  readonly certFile = join(this.folder, 'server.pem');
  readonly keyFile = join(this.folder, 'server.key');
  readonly keyAndCertificateFile = join(this.folder, 'server-both.pem');

  constructor() {
    const caKey = join(this.folder, 'ca.key');
    const request = join(this.folder, 'server.csr');
    const names = join(this.folder, 'names');
    const newKey = ['-newkey', 'rsa:2048', '-nodes'];
    writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    openssl('req', '-x509', ...newKey, '-keyout', caKey, '-out', this.caFile, '-days', '2', '-subj', '/CN=a test CA');
    openssl('req', ...newKey, '-keyout', this.keyFile, '-out', request, '-subj', '/CN=localhost');
    const signing = ['-CA', this.caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', names];
    openssl('x509', '-req', '-in', request, '-out', this.certFile, ...signing);
    writeFileSync(this.keyAndCertificateFile, readFileSync(this.keyFile, 'utf8') + readFileSync(this.certFile, 'utf8'), { mode: 0o600 });
  }

  discard(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
