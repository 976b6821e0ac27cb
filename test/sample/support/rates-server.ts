import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export const RATE = 1.25;

/** An exchange-rate service that answers as it is told. */
export class RatesServer {
  calls = 0;
  /** Decides the status of each answer. */
  status: (call: number) => number = () => 200;
  /** Awaited before each answer. */
  hold: () => Promise<void> = async () => undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RatesServer> {
    const server = createServer();
    const rates = new RatesServer(server);
    server.on('request', (_request, response) => void rates.answer(response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return rates;
  }

  private async answer(response: ServerResponse): Promise<void> {
    this.calls += 1;
    const status = this.status(this.calls);
    await this.hold();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ rate: RATE }));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }
}
