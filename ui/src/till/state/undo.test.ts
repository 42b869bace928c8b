// The undo bar's ten seconds.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Undo, UNDO_MS } from "./undo.svelte";

describe("Undo", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is there for ten seconds", () => {
    const undo = new Undo();
    undo.offer("e1");
    vi.advanceTimersByTime(UNDO_MS - 200);
    expect(undo.entryId).toBe("e1");
    vi.advanceTimersByTime(300);
    expect(undo.entryId).toBeNull();
    expect(undo.take()).toBeNull();
  });

  it("waits while the pointer or the focus is on it, and needs both gone", () => {
    const undo = new Undo();
    undo.offer("e1");
    vi.advanceTimersByTime(4_000);
    undo.hold("pointer");
    undo.hold("focus");
    vi.advanceTimersByTime(60_000);
    undo.release("pointer");
    vi.advanceTimersByTime(60_000);
    expect(undo.entryId).toBe("e1");
    undo.release("focus");
    vi.advanceTimersByTime(5_500);
    expect(undo.entryId).toBe("e1");
    vi.advanceTimersByTime(1_000);
    expect(undo.entryId).toBeNull();
  });

  it("hands out the line once, and starts anew with the next", () => {
    const undo = new Undo();
    undo.offer("e1");
    vi.advanceTimersByTime(9_000);
    undo.offer("e2");
    vi.advanceTimersByTime(5_000);
    expect(undo.take()).toBe("e2");
    expect(undo.take()).toBeNull();
  });
});
