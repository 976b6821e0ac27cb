import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** SIGKILL at whatever it is doing; another process takes its place when it heals. */
export class Kill extends VictimFault {
  readonly name = 'kill';

  protected override async strikeAt(member: Member): Promise<void> {
    await this.field.fleet.kill(member);
  }

  protected override healOf(member: Member): void {
    this.field.fleet.start(member);
  }
}
