import { schemaDrift } from '#libs/testing';
import { RecordsWorld } from './records-world.js';

let world: RecordsWorld;
beforeAll(async () => {
  world = await RecordsWorld.create();
});
afterAll(() => world.dispose());

test('the migrations make what the entities describe', async () => {
  const changes = await schemaDrift(world.db);
  const mine = changes.filter((sql) => !/outbox|log_|handled_event|dead_letter|migrations/.test(sql));
  expect(mine).toEqual([]);
});

test('the audit table only grows', async () => {
  await world.db.query("INSERT INTO audit (at, actor, action, target, details) VALUES (lanyard.now(), 'test', 'x', 'y', '{}')");
  await expect(world.db.query("UPDATE audit SET actor = 'other'")).rejects.toThrow('append-only');
  await expect(world.db.query('DELETE FROM audit')).rejects.toThrow('append-only');
  await expect(world.db.query('TRUNCATE audit CASCADE')).rejects.toThrow('append-only');
});
