import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** The server ends all sessions of a process, or half of them. */
export class TerminateBackends extends VictimFault {
  readonly name = 'terminate backends';

  protected override async strikeAt(member: Member): Promise<void> {
    // The worker's own session bears no name of the application's.
    const share = this.dice.pick([1, 2]);
    await this.field.execute(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where (application_name = $1 or pid in (select backend_pid from jobs_worker where pid = $2)) and pid % $3 = 0`,
      [member.process, member.child?.pid ?? 0, share],
    );
  }
}
