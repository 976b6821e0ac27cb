import { cpuOfProcesses, cpuOfServer, machine } from './cpu.mjs';

/**
 * Does a piece of work and says what it cost: CPU of the processes that did it and of the server, and the time on the clock. `foreign` is
 * the share of the machine that others used meanwhile, and so how far the clock is to be believed.
 */
export async function metered(server, actors, work) {
  const meter = startMeter(server, actors);
  const value = await work();
  return { value, ...meter.read() };
}

export function startMeter(server, actors) {
  const pids = actors.map(({ pid }) => pid);
  const read = () => ({
    clients: cpuOfProcesses(pids),
    server: cpuOfServer(server.pid),
    own: process.cpuUsage(),
    machine: machine(),
    at: performance.now(),
  });
  const before = read();
  return {
    read() {
      const after = read();
      const [clients, database] = [after.clients - before.clients, after.server - before.server];
      const own = (after.own.user + after.own.system - before.own.user - before.own.system) / 1000;
      const [busy, total] = [after.machine.busy - before.machine.busy, after.machine.total - before.machine.total];
      return {
        cpu: clients + database,
        clients,
        database,
        elapsed: after.at - before.at,
        foreign: Math.max(0, (busy - clients - database - own) / total),
      };
    },
  };
}
