import { EmitOneStatement, type EmitOneValues } from '../../../lib/engine/deliveries/emit-one.statement.js';
import { tableNames } from '../../../lib/engine/schema/table-names.js';

const plain: EmitOneValues = {
  name: 'payment.completed',
  version: 1,
  payload: '{}',
  receivers: [1, 2],
  revision: '6f1c7c1e-3a0c-4c7b-9d0c-000000000000',
  priority: 4,
  retain: 1000,
};

describe('The statement that emits one event', () => {
  const emitOne = new EmitOneStatement(tableNames(undefined), false);

  it('has no parameter and no column for what an event lacks', () => {
    const { statement, parameters } = emitOne.of(plain);
    expect(parameters).toEqual(['payment.completed', 1, '{}', [1, 2], plain.revision, 4, 1000]);
    expect(statement.text).not.toMatch(/headers|correlation_id|tenant|tags|lane|due_at/);
  });

  it('has those of what an event has, in the order of its parameters', () => {
    const { statement, parameters } = emitOne.of({
      ...plain,
      tenant: 'acme',
      keyLane: 3,
      key: 'k',
      delay: 50,
      offset: 7,
    });
    expect(parameters.slice(7)).toEqual(['acme', 'k', 3, 50, 7]);
    expect(statement.text).toContain('retain_until, tenant, key)');
    expect(statement.text).toContain('receiver, version, priority, lane, due_at, ready_xid)');
    expect(statement.text).toContain(`$11 * interval '1 millisecond'`);
    expect(statement.text).toContain(`+ $12 * interval '1 millisecond'`);
  });

  it('is the same for events of one kind, and another for those of another', () => {
    const first = emitOne.of(plain).statement;
    expect(emitOne.of({ ...plain, name: 'order.placed', receivers: [] }).statement).toBe(first);
    expect(emitOne.of({ ...plain, tags: ['a'] }).statement.name).not.toBe(first.name);
  });
});
