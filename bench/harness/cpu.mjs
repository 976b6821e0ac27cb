// CPU time over every process that takes part, from Linux's /proc: on a machine that others use too it hardly moves, while the
// clock doubles.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU milliseconds used so far by processes, their threads and the children they waited for. */
export function cpuOfProcesses(pids) {
  return pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
}

/** CPU milliseconds used so far by a server: postmaster, its children, and those of its children that ended. */
export function cpuOfServer(postmaster) {
  return cpuOfProcesses([postmaster, ...childrenOf(postmaster)]);
}

/** Share of the machine that processes outside the run used between two readings, 0 to 1. */
export function machine() {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].trim().split(/\s+/);
  const [user, nice, system, idle, wait, irq, softirq, steal] = fields.map(Number);
  return {
    busy: (user + nice + system + irq + softirq + steal) * TICK_MS,
    total: (user + nice + system + idle + wait + irq + softirq + steal) * TICK_MS,
  };
}

/** Resident memory in MB: now and at its peak. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

function cpuOf(pid) {
  const stat = statOf(pid);
  if (stat === undefined) return 0;
  const [utime, stime, cutime, cstime] = stat.slice(11, 15).map(Number);
  return (cutime + cstime) * TICK_MS + (nanosecondsOf(pid) ?? (utime + stime) * TICK_MS * 1e6) / 1e6;
}

/** Exact where the kernel keeps scheduler statistics; threads that ended are missing in it, so it is taken for single threads only. */
function nanosecondsOf(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    if (threads.length !== 1) return undefined;
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return undefined;
  }
}

function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name)?.[1] === String(pid));
}

/** The fields from the state on; the command before them may contain anything. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
