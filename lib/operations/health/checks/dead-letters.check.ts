import type { Clock } from '../../../engine/clock/clock.js';
import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { TableNames } from '../../../engine/schema/table-names.js';
import type { HealthCheck } from '../health-check.js';
import type { HealthFinding } from '../health-report.js';
import type { HealthThresholds } from '../health-thresholds.js';
import { spellDuration, spellList } from '../spell.js';

/** The newest dead letters that are looked at. */
const LOOKED_AT = 1_000;

interface RecentDeaths {
  readonly receiver: string;
  readonly count: number;
}

/** Whether deliveries died lately. */
export class DeadLettersCheck implements HealthCheck {
  readonly subject = 'dead letters';
  private readonly text: string;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.text = `
select json_build_object('receiver', coalesce(r.name, l.receiver::text), 'count', count(*))::text as deaths from (
  select l.receiver, l.died_at from ${names.deadLetter} l where l.kind = 'dead' order by l.id desc limit ${LOOKED_AT}) l
left join ${names.receiver} r on r.id = l.receiver
where l.died_at > now() + ($1::float8 - $2::float8) * interval '1 millisecond'
group by r.name, l.receiver order by count(*) desc, 1`;
  }

  async look(
    connection: EngineConnection,
    { deadLettersWithin: within }: HealthThresholds,
  ): Promise<readonly HealthFinding[]> {
    const { rows } = await connection.runUnprepared<{ deaths: string }>(this.text, [this.clock.offset, within]);
    const deaths = rows.map((row) => JSON.parse(row.deaths) as RecentDeaths);
    if (deaths.length === 0) return [];
    const count = deaths.reduce((sum, each) => sum + each.count, 0);
    const described = spellList(deaths.map((each) => `${each.receiver} (${each.count})`));
    return [
      {
        code: 'dead-letters',
        severity: 'warning',
        message: `${count}${count >= LOOKED_AT ? ' or more' : ''} deliveries became dead letters within ${spellDuration(within)}: ${described}.`,
        remedy:
          'DeadLetters.errors() says what they died of. When the cause is gone, DeadLetters.redrive brings them back; what is not to be done, DeadLetters.discard settles.',
        details: { count, capped: count >= LOOKED_AT, receivers: deaths },
      },
    ];
  }
}
