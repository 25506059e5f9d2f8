// The sandbox's control page, spoken to as a program.
export class Sandbox {
  constructor(readonly url: string) {}

  /** Sends one order to the control page, such as `{ revoke_grant: { vendor: 'x', person: 'northbells' } }`, and returns its answer. */
  async control<Answer = unknown>(order: Record<string, unknown>): Promise<Answer> {
    const answer = await fetch(`${this.url}/_control.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The sandbox refused ${JSON.stringify(order)}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as Answer;
  }
}
