// What every unit test starts from: DOM matchers, and the parts of a browser that jsdom leaves out.
import "@testing-library/jest-dom/vitest";

Element.prototype.scrollIntoView ??= function scrollIntoView(): void {
  // jsdom lays nothing out, so there is nothing to scroll.
};
