import { DataSource } from 'typeorm';
import { jobsEntities, jobsMigrations } from '../../lib/index.js';

/** What an application gives to the command line of TypeORM. */
export default new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'] ?? '',
  entities: [...jobsEntities()],
  migrations: [...jobsMigrations()],
});
