import { type DeploymentName, deployments } from '../../processes/deployment.js';
import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

const NAMES = Object.keys(deployments) as DeploymentName[];

/** A process is told to stop, and one of another version takes its place: it lacks, renames or versions receivers. */
export class Deploy extends VictimFault {
  readonly name = 'deploy';

  protected override async strikeAt(member: Member): Promise<void> {
    await this.field.fleet.stop(member);
    this.field.fleet.start(member, this.dice.pick([...NAMES, 'full', 'full'] as const));
  }
}
