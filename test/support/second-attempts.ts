import type { Reporter, TestModule } from 'vitest/node';

/** Names the tests that failed at first: they passed at the second attempt, and need looking at. */
export default class SecondAttempts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const testModule of modules)
      for (const each of testModule.children.allTests()) {
        if (each.diagnostic()?.flaky !== true) continue;
        const [error] = each.result().errors ?? [];
        process.stdout.write(`second attempt: ${each.fullName} (first: ${error?.message ?? 'unknown'})\n`);
      }
  }
}
