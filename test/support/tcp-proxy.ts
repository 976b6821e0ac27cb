import { createServer, type AddressInfo, type Server, Socket } from 'node:net';

/** Stands between a client and PostgreSQL, and goes wrong on demand. */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private stalled = false;
  private refusing = false;
  private pidShift = 0;
  private delay = 0;
  private trap: { readonly text: string; readonly caught: () => void } | undefined;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async start(url: string): Promise<TcpProxy> {
    const target = new URL(url);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, target);
    server.on('connection', (client) => proxy.link(client));
    return proxy;
  }

  /** The URL that leads through here. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** Forwards nothing any more on any connection, which all stay open, as when a host vanishes behind a load balancer. */
  stall(): void {
    this.stalled = true;
  }

  /** Forwards again, on connections opened from now on. */
  resume(): void {
    this.stalled = false;
  }

  /** Refuses new connections, and cuts those there are. */
  cut(): void {
    this.refusing = true;
    for (const link of this.links) link.end();
  }

  /** Takes new connections again. */
  reopen(): void {
    this.refusing = false;
  }

  /**
   * Lets a statement that contains `text` reach the server, and forwards nothing on that connection from then on.
   *
   * @returns when it passed.
   */
  dropAnswerTo(text: string): Promise<void> {
    return new Promise((caught) => (this.trap = { text, caught }));
  }

  /** Answers take so many milliseconds longer from now on, on every connection. */
  delayAnswers(milliseconds: number): void {
    this.delay = milliseconds;
  }

  /** Cuts the connections on which nothing is forwarded any more, as when whatever swallowed it comes back and knows nothing of them. */
  endSilent(): void {
    this.trap = undefined;
    for (const link of this.links) if (link.stalled || link.deaf) link.end();
  }

  /** Gives the server process another number, as a pooler does. */
  poseAsPooler(): void {
    this.pidShift = 1;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private link(client: Socket): void {
    if (this.refusing) return void client.destroy();
    const link = new Link(client, new Socket().connect(Number(this.target.port), this.target.hostname));
    this.links.add(link);
    link.onEnd = () => this.links.delete(link);
    link.forward(
      (data) => {
        if (this.blocks(link)) return undefined;
        if (this.trap !== undefined && data.includes(this.trap.text)) {
          link.deaf = true;
          this.trap.caught();
          this.trap = undefined;
        }
        return data;
      },
      (data) => (this.blocks(link) || link.deaf ? undefined : this.disguised(data)),
      () => this.delay,
    );
  }

  private blocks(link: Link): boolean {
    if (this.stalled) link.stalled = true;
    return link.stalled;
  }

  private disguised(data: Buffer): Buffer {
    const at = this.pidShift === 0 ? -1 : data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
    if (at < 0) return data;
    const copy = Buffer.from(data);
    copy.writeInt32BE(copy.readInt32BE(at + 5) + this.pidShift, at + 5);
    return copy;
  }
}

class Link {
  stalled = false;
  /** Nothing comes back from the server any more. */
  deaf = false;
  private delayed = 0;
  private arrivesAt = 0;
  onEnd: () => void = () => undefined;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
  ) {
    client.on('error', () => client.destroy());
    server.on('error', () => this.end());
    // A stalled link keeps the server's side open: it must not learn that the client gave up.
    client.on('close', () => this.stalled || this.end());
    server.on('close', () => this.end());
  }

  forward(
    toServer: (data: Buffer) => Buffer | undefined,
    toClient: (data: Buffer) => Buffer | undefined,
    delay: () => number,
  ): void {
    this.client.on('data', (data) => {
      const passed = toServer(data);
      if (passed !== undefined) this.server.write(passed);
    });
    this.server.on('data', (data) => {
      const passed = toClient(data);
      if (passed !== undefined) this.answer(passed, delay());
    });
  }

  /** What was answered first arrives first, whatever the delay is by then. */
  private answer(data: Buffer, delay: number): void {
    if (delay === 0 && this.delayed === 0) return void this.client.write(data);
    this.delayed += 1;
    this.arrivesAt = Math.max(this.arrivesAt, performance.now() + delay);
    setTimeout(() => {
      this.delayed -= 1;
      this.client.write(data);
    }, this.arrivesAt - performance.now());
  }

  end(): void {
    this.client.destroy();
    this.server.destroy();
    this.onEnd();
  }
}
