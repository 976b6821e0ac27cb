import type { DataSource } from 'typeorm';

/** A node of a plan as `explain` prints it in JSON. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

/** What a plan may cost at most. */
export interface PlanLimits {
  /** Pages of the database it touches. */
  readonly buffers: number;
  /** Rows that one of its sorts is given. */
  readonly sorted: number;
}

/** What PostgreSQL did for a statement, as it says itself: figures that do not depend on how busy the machine is. */
export class MeasuredPlan {
  private constructor(private readonly root: PlanNode) {}

  static async of(dataSource: DataSource, text: string, values: readonly unknown[] = []): Promise<MeasuredPlan> {
    const [row] = await dataSource.query<{ 'QUERY PLAN': { readonly Plan: PlanNode }[] }[]>(
      `explain (analyze, buffers, timing off, format json) ${text}`,
      [...values],
    );
    return new MeasuredPlan(row!['QUERY PLAN'][0]!.Plan);
  }

  get buffers(): number {
    return this.root['Shared Hit Blocks'] + this.root['Shared Read Blocks'];
  }

  /** The most rows that one of its sorts was given. */
  get sorted(): number {
    const sorts = nodesOf(this.root).filter((node) => node['Node Type'].includes('Sort'));
    return Math.max(0, ...sorts.flatMap(({ Plans = [] }) => Plans.map(rowsOf)));
  }

  readsAllOf(table: string): boolean {
    return nodesOf(this.root).some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === table);
  }

  /** What is wrong with it as a way to read a few jobs. */
  faults({ buffers, sorted }: PlanLimits): readonly string[] {
    return [
      ...(this.readsAllOf('jobs_job') ? ['reads the whole table'] : []),
      ...(this.sorted > sorted ? [`sorts ${this.sorted} rows`] : []),
      ...(this.buffers > buffers ? [`reads ${this.buffers} buffers`] : []),
    ];
  }
}

function rowsOf(node: PlanNode): number {
  return node['Actual Rows'] * node['Actual Loops'];
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
