import 'reflect-metadata';
import { Controller, Get, Inject, Module, Param } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type AccessToken, type ResourceServer } from '#libs/resource-server';
import { until } from '#libs/testing';
import { RESOURCE_SERVER, RequireAccess, ResourceServerModule, resourceServer, VerifiedToken } from '../src/adapters/nest.js';
import { AUDIENCE, FakeIssuer, LONG } from './fake-issuer.js';

@Controller('photos')
class PhotosController {
  constructor(@Inject(RESOURCE_SERVER) readonly server: ResourceServer) {}

  @Get()
  @RequireAccess({ scopes: ['photos:read'] })
  list(@VerifiedToken() token: AccessToken) {
    return { sub: token.sub };
  }

  @Get('unguarded')
  unguarded(@VerifiedToken() token: AccessToken) {
    return token;
  }
}

@Controller('users')
@RequireAccess({ scopes: ['photos:read'] })
class UsersController {
  @Get(':id')
  @RequireAccess<{ headers: object; params: { id: string } }>((request) => ({ subject: request.params.id }))
  mine(@Param('id') id: string) {
    return { id };
  }

  @Get('misspelt/:id')
  @RequireAccess<{ headers: object; params: { user: string } }>((request) => ({ subject: request.params.user }))
  never() {
    return 'never';
  }
}

/** Of another API in the same application. */
@Controller('prints')
@RequireAccess({}, resourceServer('prints'))
class PrintsController {
  @Get()
  list(@VerifiedToken() token: AccessToken) {
    return { sub: token.sub };
  }
}

let issuer: FakeIssuer;
let app: NestFastifyApplication;
beforeAll(async () => {
  issuer = await FakeIssuer.start();
  const credentials = { clientId: 'photos-api', clientSecret: 'secret' };
  const options = { issuer: issuer.url, audience: AUDIENCE, credentials, realm: 'photos' };
  @Module({
    imports: [
      ResourceServerModule.forRootAsync({ useFactory: async () => options }),
      ResourceServerModule.forRoot({ ...options, name: 'prints', audience: 'https://prints.example/api' }),
    ],
    controllers: [PhotosController, UsersController, PrintsController],
  })
  class AppModule {}
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  await until(() => app.get<ResourceServer>(RESOURCE_SERVER).freshness().fresh, LONG);
});
afterAll(async () => {
  await app?.close();
  await issuer?.close();
});

const get = (url: string, authorization?: string) => app.inject({ url, headers: authorization ? { authorization } : {} });

it('lets a good token pass, and gives it to the handler', async () => {
  const claims = issuer.claimsOf();
  const response = await get('/photos', `Bearer ${issuer.token('opaque', claims)}`);
  expect([response.statusCode, response.json()]).toEqual([200, { sub: claims.sub }]);
});

it('answers as RFC 6750 says', async () => {
  const nothing = await get('/photos');
  expect([nothing.statusCode, nothing.headers['www-authenticate']]).toEqual([401, 'Bearer realm="photos", scope="photos:read"']);
  const lacking = await get('/photos', `Bearer ${issuer.token('jwt', issuer.claimsOf({ scope: 'openid' }))}`);
  expect([lacking.statusCode, lacking.json()]).toEqual([
    403,
    { error: 'insufficient_scope', error_description: 'The access token lacks a scope' },
  ]);
  expect(lacking.headers['www-authenticate']).toMatch(/^Bearer realm="photos", error="insufficient_scope", .*scope="photos:read"$/);
});

it('needs what the controller needs and what the handler needs', async () => {
  const claims = issuer.claimsOf();
  expect((await get(`/users/${claims.sub}`, `Bearer ${issuer.token('jwt', claims)}`)).statusCode).toBe(200);
  expect((await get('/users/somebody', `Bearer ${issuer.token('jwt', claims)}`)).statusCode).toBe(401);
  const lacking = issuer.claimsOf({ scope: 'openid' });
  expect((await get(`/users/${lacking.sub}`, `Bearer ${issuer.token('jwt', lacking)}`)).statusCode).toBe(403);
});

it('of several APIs each takes the tokens that are for it', async () => {
  const [photos, prints] = [issuer.claimsOf(), issuer.claimsOf({ aud: 'https://prints.example/api' })];
  const statuses = [photos, prints].flatMap((claims) =>
    ['/photos', '/prints'].map(async (url) => (await get(url, `Bearer ${issuer.token('jwt', claims)}`)).statusCode),
  );
  expect(await Promise.all(statuses)).toEqual([200, 401, 401, 200]);
});

it('a requirement without a value is a 500, and never a yes', async () => {
  const response = await get('/users/misspelt/somebody', `Bearer ${issuer.token('jwt')}`);
  expect([response.statusCode, response.body]).toEqual([500, expect.not.stringContaining('never')]);
});

it('a handler that asks for the token without a guard fails, and is given none', async () => {
  expect((await get('/photos/unguarded', `Bearer ${issuer.token('jwt')}`)).statusCode).toBe(500);
});

it('ends the feed when the application shuts down', async () => {
  expect(issuer.feed.streams.map(({ closed }) => closed)).toEqual([false, false]);
  await app.close();
  await until(() => issuer.feed.streams.every(({ closed }) => closed), LONG);
});
