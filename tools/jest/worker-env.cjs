// Each Jest worker has a database of its own; see global-setup.mjs.
const url = new URL(process.env.PG_ADMIN_URL);
url.pathname = `/jest_${process.env.JEST_WORKER_ID}`;
process.env.DATABASE_URL = url.href;
