// A back-test under way and its result. It goes on while another page is shown; a new one takes the place of the old.
import type { BacktestProgress, BacktestReport, OwnerBackend } from "../../shared/backend";

export class Backtest {
  running = $state(false);
  progress: BacktestProgress | undefined = $state.raw();
  report: BacktestReport | undefined = $state.raw();
  /** The text that `report` is about. */
  tested = $state("");
  stopped = $state(false);
  failure: unknown = $state.raw();

  constructor(readonly backend: OwnerBackend) {}

  /** Tests a text on the shop's past. The last result stays until the new one is there. */
  async run(text: string): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.stopped = false;
    this.failure = undefined;
    this.progress = undefined;
    try {
      const report = await this.backend.rulesBacktest(text, (progress) => (this.progress = progress));
      if (report) {
        this.report = report;
        this.tested = text;
      } else this.stopped = true;
    } catch (error) {
      this.failure = error;
    } finally {
      this.running = false;
    }
  }

  async stop(): Promise<void> {
    await this.backend.rulesBacktestStop();
  }
}
