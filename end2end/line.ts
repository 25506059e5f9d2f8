// A line that can be cut: a proxy for one browser. Chromium's own "offline" lets streams that are open live on.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export class Line {
  #server: Server;
  #sockets = new Set<Socket>();
  #port = 0;

  private constructor() {
    this.#server = createServer(pass);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(): Promise<Line> {
    const line = new Line();
    await line.restore();
    return line;
  }

  /** For `newContext({ proxy: { server } })`. */
  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Ends everything that flows, and lets nothing through. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async restore(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }
}

function pass(from: IncomingMessage, to: ServerResponse): void {
  const onward = request(from.url!, { method: from.method, headers: from.headers }, (answer) => {
    to.writeHead(answer.statusCode!, answer.rawHeaders);
    answer.pipe(to);
  });
  onward.on('error', () => to.destroy());
  to.on('close', () => onward.destroy());
  from.pipe(onward);
}
