import { cpuOfProcesses, cpuOfServer, machine } from './cpu.mjs';

/**
 * Does a piece of work and says what it cost: CPU of the processes that did it and of the server, and the time on the clock. `foreign` is
 * the share of the machine that others used meanwhile, and so how far the clock is to be believed.
 */
export async function metered(server, actors, work) {
  const meter = await startMeter(server, actors);
  const value = await work();
  return { value, ...(await meter.read()) };
}

export async function startMeter(server, actors) {
  const pids = actors.map(({ pid }) => pid);
  const read = () => ({
    clients: cpuOfProcesses(pids),
    // What stands beside the server, such as a Redis, is part of it.
    server: cpuOfServer(server.pid) + cpuOfProcesses([...server.companions]),
    own: process.cpuUsage(),
    machine: machine(),
    at: performance.now(),
  });
  const counts = await server.counts();
  const before = read();
  return {
    async read() {
      const after = read();
      const [clients, database] = [after.clients - before.clients, after.server - before.server];
      const own = (after.own.user + after.own.system - before.own.user - before.own.system) / 1000;
      const [busy, total] = [after.machine.busy - before.machine.busy, after.machine.total - before.machine.total];
      const counted = differences(counts, await server.counts());
      return {
        cpu: clients + database,
        clients,
        database,
        elapsed: after.at - before.at,
        foreign: Math.max(0, (busy - clients - database - own) / total),
        /** What the server counted, a piece of the given number; nothing where it does not count. */
        counted: (pieces, piece) => shares(counted, pieces, piece),
      };
    },
  };
}

function differences(before, after) {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
}

function shares(counted, pieces, piece) {
  return Object.fromEntries(Object.entries(counted).map(([name, value]) => [`${name}/${piece}`, value / pieces]));
}
