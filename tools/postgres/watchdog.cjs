// A server must never outlive the process that started it, not even after SIGKILL. A shell reads from a pipe that only
// we hold; at its end, whatever ended us, the shell stops the server and removes a throw-away data directory.
const { spawn } = require('node:child_process');

const script = `
trap '' HUP INT TERM
pid=0; keep=keep; data=
while read -r a b c; do pid=$a; keep=$b; data=$c; done
if [ "$pid" != 0 ]; then
  if [ "$keep" = keep ]; then kill -INT "$pid"; else kill -QUIT "$pid"; fi
  i=0
  # The pid file goes last; a process nobody has reaped yet would answer kill -0 for ever.
  while [ $i -lt 300 ] && kill -0 "$pid" && [ -e "$data/postmaster.pid" ]; do sleep 0.1; i=$((i + 1)); done
  kill -KILL -- "-$pid"
fi
if [ "$keep" = remove ]; then case "$data" in */data) rm -rf "\${data%/data}" ;; esac; fi
`;

/** @returns {{ watch(pid: number, keep: 'keep' | 'remove', dataDir: string): void, dismiss(): void }} */
function startWatchdog() {
  // There is no /bin/sh on Windows: there a killed process leaves its server behind.
  if (process.platform === 'win32') return { watch() {}, dismiss() {} };
  const shell = spawn('/bin/sh', ['-c', script], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  shell.stdin.unref();
  return {
    watch: (pid, keep, dataDir) => shell.stdin.write(`${pid} ${keep} ${dataDir}\n`),
    dismiss: () => shell.stdin.end('0 keep -\n'),
  };
}

module.exports = { startWatchdog };
