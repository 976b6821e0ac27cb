// --profile: where the processes of a system spent their time, and what the server took for which statement. It costs, so a run that is
// profiled is not one to take figures from.
import { mkdir, writeFile } from 'node:fs/promises';

let folder;

/** Writes profiles of everything that runs from now on. */
export async function profileInto(path) {
  await mkdir(path, { recursive: true });
  folder = path;
}

export const isProfiling = () => folder !== undefined;

/** Options a process is to be started with; it leaves a flame graph when it ends. */
export const profiledNode = () => (isProfiling() ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []);

/** Keeps what `pg_stat_statements` says of a run's database. */
export async function keepStatements(database) {
  if (isProfiling())
    await writeFile(`${folder}/${database.name}.statements.json`, JSON.stringify(await database.statements(), null, 2));
}
