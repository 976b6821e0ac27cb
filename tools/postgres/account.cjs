// PostgreSQL refuses to run as root: then the server and initdb run as an account that exists already.
const { readFileSync, statSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** @returns {{ uid: number, gid: number, name: string } | undefined} undefined: stay who we are */
function chooseAccount(dataDir) {
  if (process.getuid?.() !== 0) return undefined;
  return (
    ownerOf(dataDir) ?? fromPasswd('postgres') ?? fromPasswd('nobody') ?? { uid: 65534, gid: 65534, name: 'nobody' }
  );
}

/** An existing cluster can only be served by the account it belongs to. */
function ownerOf(dataDir) {
  if (!dataDir) return undefined;
  const { uid, gid } = statSync(join(dataDir, 'PG_VERSION'), { throwIfNoEntry: false }) ?? { uid: 0, gid: 0 };
  return uid === 0 ? undefined : { uid, gid, name: `uid ${uid}` };
}

function fromPasswd(name) {
  let passwd;
  try {
    passwd = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return undefined;
  }
  const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`));
  if (!line) return undefined;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid), name };
}

/** Whether the account may pass through a folder and all folders above it (a project below /root often fails this). */
function canTraverse(folder, account) {
  if (!account) return true;
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats && !mayEnter(stats, account)) return false;
  const parent = dirname(folder);
  return parent === folder || canTraverse(parent, account);
}

function mayEnter({ mode, uid, gid }, account) {
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

const asAccount = (account) => (account ? { uid: account.uid, gid: account.gid } : {});

module.exports = { asAccount, canTraverse, chooseAccount };
