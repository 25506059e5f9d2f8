// What a page must never do: log an error, throw, break its own content policy, disagree with the server when hydrating.
import type { BrowserContext, ConsoleMessage } from '@playwright/test';

const SUSPICIOUS_WARNING = /content security policy|hydrat/i;

export class Problems {
  #found: string[] = [];
  #allowed: RegExp[] = [];

  /** Watches every page of the context, those opened later included. */
  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (isProblem(message)) this.#found.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#found.push(`page error: ${error.error()}`));
  }

  /** For a test that provokes one, such as a page answered with 404: say exactly which. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  unexpected(): string[] {
    return this.#found.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }
}

function isProblem(message: ConsoleMessage): boolean {
  if (message.type() === 'error' || message.type() === 'assert') return true;
  return message.type() === 'warning' && SUSPICIOUS_WARNING.test(message.text());
}
