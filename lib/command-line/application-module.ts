import type { Type } from '@nestjs/common';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { JobsError } from '../errors/jobs.error.js';
import { escapeForLog } from '../engine/text/escape-for-log.js';

const DEFAULT_NAMES = ['AppModule', 'default'];

/**
 * Loads the root module of an application from a file that its command line names; never from what is stored.
 *
 * @param name of the export; `AppModule`, or else the default export, unless given.
 * @throws JobsError, InvalidOptionError naming the flag.
 */
export async function loadApplicationModule(
  command: string,
  file: string | undefined,
  name: string | undefined,
): Promise<Type> {
  const place = `nestjs-jobs ${command}`;
  if (file === undefined || file === '') {
    throw new InvalidOptionError(
      place,
      '--module',
      'the compiled file of the root module, such as dist/app.module.js',
      file,
    );
  }
  const exported = await load(place, file);
  const names = name === undefined ? DEFAULT_NAMES : [name];
  const found = names.map((candidate) => exported.get(candidate)).find((value) => typeof value === 'function');
  if (found !== undefined) return found as Type;
  const classes = [...exported].flatMap(([key, value]) => (typeof value === 'function' ? [key] : []));
  throw new InvalidOptionError(
    place,
    '--export',
    `the name of a class that ${escapeForLog(file)} exports (${classes.join(', ') || 'it exports none'})`,
    name,
  );
}

async function load(place: string, file: string): Promise<ReadonlyMap<string, unknown>> {
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new JobsError(
      `${place}: option --module: ${escapeForLog(file)} could not be loaded: ${escapeForLog(reason)}`,
      {
        cause: error,
      },
    );
  }
  // A CommonJS file is the default export of itself, and what it exports may not be known by name.
  const inner = loaded['default'];
  const own = typeof inner === 'object' && inner !== null ? Object.entries(inner) : [];
  return new Map([...own, ...Object.entries(loaded)]);
}
