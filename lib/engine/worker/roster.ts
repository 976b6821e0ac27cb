/** Something that is in at most one roster at a time, and keeps its place there. */
export interface Enrolled {
  place: number;
}

/**
 * Who is there, of members that come and go by the thousand.
 *
 * A Set would do the same, but with Sets far more of what a long drain leaves behind outlived the collection of what is young.
 */
export class Roster<Member extends Enrolled> implements Iterable<Member> {
  private readonly members: Member[] = [];

  get size(): number {
    return this.members.length;
  }

  has(member: Member): boolean {
    return this.members[member.place] === member;
  }

  add(member: Member): void {
    member.place = this.members.push(member) - 1;
  }

  /** @returns whether it was there. */
  delete(member: Member): boolean {
    if (!this.has(member)) return false;
    const last = this.members.pop();
    if (last === undefined || last === member) return true;
    this.members[member.place] = last;
    last.place = member.place;
    return true;
  }

  clear(): void {
    this.members.length = 0;
  }

  /** Those that are there now, whoever leaves while they are looked at. */
  [Symbol.iterator](): Iterator<Member> {
    return [...this.members].values();
  }
}
