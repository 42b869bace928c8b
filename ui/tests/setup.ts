// What every unit test starts from: DOM matchers, and the parts of a browser that jsdom leaves out.
import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/svelte";

configure({ asyncUtilTimeout: 20_000 });

Element.prototype.scrollIntoView ??= function scrollIntoView(): void {
  // jsdom lays nothing out, so there is nothing to scroll.
};

// jsdom lays nothing out, so that there is never a size to hear of.
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
