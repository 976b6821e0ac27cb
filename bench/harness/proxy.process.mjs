// Stands between clients and the server and holds back whatever passes, each way, by the given time.
import { createConnection, createServer } from 'node:net';

const [host, port, delay] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

const server = createServer({ noDelay: true }, (client) => {
  const upstream = createConnection({ host, port, noDelay: true });
  pass(client, upstream);
  pass(upstream, client);
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());

function pass(from, to) {
  from.on('data', (data) => setTimeout(() => to.write(data), delay));
  from.on('end', () => setTimeout(() => to.end(), delay));
  from.on('error', () => to.destroy());
}
