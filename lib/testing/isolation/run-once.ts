import { DataSource } from 'typeorm';

/** Runs a statement on a connection of its own. */
export async function runOnce(url: string, statement: string): Promise<void> {
  const dataSource = new DataSource({ type: 'postgres', url, entities: [], poolSize: 1 });
  await dataSource.initialize();
  try {
    await dataSource.query(statement);
  } finally {
    await dataSource.destroy();
  }
}
