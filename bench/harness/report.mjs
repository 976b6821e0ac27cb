// What a run found, in bench/results: a file of its own, and with --summary the one result that is committed.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

import { scenarios } from '../scenarios/index.mjs';
import { nodeForActors } from './actor.mjs';

const folder = fileURLToPath(new URL('../results/', import.meta.url));
export const summaryFile = `${folder}summary.json`;

export class Report {
  #run;
  #summary;
  results = [];

  constructor({ postgres, missing, summary }) {
    this.#run = {
      at: new Date().toISOString(),
      machine: { cpus: cpus().length, model: cpus()[0]?.model.trim(), platform: process.platform },
      node: execFileSync(nodeForActors, ['--version'], { encoding: 'utf8' }).trim(),
      postgres,
      missing,
    };
    this.#summary = summary;
  }

  async add(summary) {
    this.results.push(summary);
    await mkdir(folder, { recursive: true });
    await write(`${folder}${this.#run.at.replaceAll(':', '-')}.json`, { ...this.#run, results: this.results });
    if (this.#summary) await this.#addToSummary(summary);
  }

  /** Scenarios that were not run keep the result they had, with the time and machine it was measured on. */
  async #addToSummary(summary) {
    const kept = (await readSummary()).filter(({ scenario }) => scenario !== summary.scenario);
    const order = scenarios.map(({ name }) => name);
    const all = [...kept, { ...summary, run: this.#run }].filter(({ scenario }) => order.includes(scenario));
    await write(
      summaryFile,
      all.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario)),
    );
  }
}

/** The committed results; none before the first. */
export async function readSummary() {
  return JSON.parse(await readFile(summaryFile, 'utf8').catch(() => '[]'));
}

/** Four digits are more than any figure is good for. */
function write(file, value) {
  const text = JSON.stringify(
    value,
    (_, inner) => (typeof inner === 'number' ? Number(inner.toPrecision(4)) : inner),
    2,
  );
  return writeFile(file, `${text}\n`);
}
