import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';

import { Metric } from './metric.entity.js';

@Injectable()
export class MetricsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Every metric by its name. */
  async all(): Promise<Record<string, number>> {
    const metrics = await this.dataSource.manager.find(Metric, { order: { name: 'ASC' } });
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  }

  /** Adds to metrics, which begin at 0. In order of their names, so that transactions wait for each other and never deadlock. */
  async add(amounts: Readonly<Record<string, number>>, manager: EntityManager): Promise<void> {
    const names = Object.keys(amounts).sort();
    await manager.query(
      `insert into metric (name, value) select * from unnest($1::text[], $2::bigint[])
       on conflict (name) do update set value = metric.value + excluded.value`,
      [names, names.map((name) => amounts[name])],
    );
  }
}
