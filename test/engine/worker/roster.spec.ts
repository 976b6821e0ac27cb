import { type Enrolled, Roster } from '../../../lib/engine/worker/roster.js';

class Member implements Enrolled {
  place = -1;
  constructor(readonly name: string) {}
}

describe('A roster', () => {
  const [one, two, three] = ['one', 'two', 'three'].map((name) => new Member(name)) as [Member, Member, Member];
  let roster: Roster<Member>;
  const names = (): string[] => [...roster].map(({ name }) => name).sort();

  beforeEach(() => {
    roster = new Roster();
    for (const member of [one, two, three]) roster.add(member);
  });

  it.each([
    ['first', one, ['three', 'two']],
    ['middle one', two, ['one', 'three']],
    ['last', three, ['one', 'two']],
  ])('has the others when the %s has left', (_, member, others) => {
    expect([roster.delete(member), roster.has(member), roster.size]).toEqual([true, false, 2]);
    expect(names()).toEqual(others);
    expect(roster.delete(member)).toBe(false);
  });

  it('does not take a member of another for one of its own', () => {
    const other = new Roster<Member>();
    const stranger = new Member('stranger');
    other.add(stranger);
    expect([roster.has(stranger), roster.delete(stranger), names()]).toEqual([false, false, ['one', 'three', 'two']]);
  });

  it('has whoever came back', () => {
    roster.delete(one);
    roster.add(one);
    expect([roster.has(one), names()]).toEqual([true, ['one', 'three', 'two']]);
  });

  it('shows who was there when members leave while they are looked at', () => {
    const seen: string[] = [];
    for (const member of roster) {
      seen.push(member.name);
      roster.delete(member);
    }
    expect([seen.sort(), roster.size]).toEqual([['one', 'three', 'two'], 0]);
  });

  it('is empty when it was cleared', () => {
    roster.clear();
    expect([roster.has(one), roster.delete(two), roster.size]).toEqual([false, false, 0]);
  });
});
