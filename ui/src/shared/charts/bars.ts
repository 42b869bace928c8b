// Bars over time, drawn by Observable Plot: what a chart is given, and where its bars are. Words and links are not here.
import * as Plot from "@observablehq/plot";

/** One kind of bar: its name, written beside it, its colour, and a value for each place. `below` hangs from the line. */
export type Series = { name: string; colour: string; values: number[]; below?: boolean };

/** A chart: a series or two over places that are named by `tick`. */
export type Bars = {
  series: Series[];
  width: number;
  height: number;
  tick: (place: number) => string;
  number: (value: number) => string;
};

/** A drawn chart, and the left edge and width of each place in it, in pixels. */
export type Drawn = { svg: Element; left: (place: number) => number; step: number };

const MARGIN_LEFT = 48;
/** Room for the names at the right: for short ones, and for each letter of longer ones. */
const NAMES_WIDTH = 76;
const LETTER_WIDTH = 7.4;
const TICK_WIDTH = 84;
/** Of a place's width: between two places, and at both ends. */
const PADDING_INNER = 0.28;
const PADDING_OUTER = 0.1;

/** Draws the bars. The chart is a picture: whatever is said about a bar is said by the caller. */
export function drawBars({ series, width, height, tick, number }: Bars): Drawn {
  const places = (series[0]?.values ?? []).map((_, place) => place);
  const marginRight = Math.max(NAMES_WIDTH, ...series.map(({ name }) => 16 + name.length * LETTER_WIDTH));
  const inner = width - MARGIN_LEFT - marginRight;
  const every = Math.max(1, Math.ceil((places.length * TICK_WIDTH) / Math.max(1, inner)));
  const last = places.length - 1;
  // Room under the lowest bar for its own number.
  const room = series.some((one) => one.below) ? 16 : 0;
  const plot = Plot.plot({
    width,
    height,
    marginLeft: MARGIN_LEFT,
    marginRight,
    marginTop: 22,
    marginBottom: 28 + room,
    style: { background: "transparent", color: "var(--ink-soft)", fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
    x: { type: "band", domain: places, ticks: places.filter((place) => (last - place) % every === 0), tickFormat: tick, tickSize: 0, tickPadding: 8 + room, label: null, paddingInner: PADDING_INNER, paddingOuter: PADDING_OUTER },
    y: { nice: true, ticks: 4, tickFormat: (value: number) => (Number.isInteger(value) ? number(Math.abs(value)) : ""), tickSize: 0, label: null, zero: true },
    marks: [
      Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: 4 }),
      ...series.flatMap((one, at) => marksOf(one, number, sides(series, at, places.length, inner))),
      Plot.ruleY([0], { stroke: "var(--ink-soft)" }),
    ],
  });
  plot.setAttribute("aria-hidden", "true");
  const x = plot.scale("x");
  const step = x?.step ?? x?.bandwidth ?? 0;
  const bandwidth = x?.bandwidth ?? 0;
  return { svg: plot, step, left: (place) => Number(x?.apply(place) ?? 0) - (step - bandwidth) / 2 };
}

/** How much narrower a bar is, in pixels from the left and from the right; at which value its name stands (null: half its own top); whether its top is written on it. */
type Slot = { insetLeft: number; insetRight: number; nameAt: number | null; peak: boolean };

/** Series that all stand on the line share the width of a place. */
function sides(series: Series[], at: number, places: number, inner: number): Slot {
  const count = series.length;
  if (count < 2 || series.some((one) => one.below)) return { insetLeft: 0, insetRight: 0, nameAt: null, peak: true };
  const step = inner / Math.max(1, places - PADDING_INNER + 2 * PADDING_OUTER);
  const tops = series.map(({ values }) => Math.max(...values));
  const highest = tops.indexOf(Math.max(...tops));
  const each = (step * (1 - PADDING_INNER)) / count;
  return { insetLeft: at * each, insetRight: (count - 1 - at) * each, nameAt: Math.max(...tops) * (0.75 - (0.5 * at) / (count - 1)), peak: highest === at };
}

/** The bars of a series, its highest value written on it, and its name at its right. */
function marksOf({ name, colour, values, below }: Series, number: (value: number) => string, { insetLeft, insetRight, nameAt, peak }: Slot): Plot.Markish[] {
  const side = below ? -1 : 1;
  const rows = values.map((value, place) => ({ place, value: value * side }));
  const top = Math.max(...values);
  const best = values.indexOf(top);
  const marks: Plot.Markish[] = [Plot.barY(rows, { x: "place", y: "value", fill: colour, rx: 2, insetLeft, insetRight })];
  if (top > 0) {
    if (peak) marks.push(Plot.text([{ place: best, value: top * side }], { x: "place", y: "value", text: () => number(top), dx: (insetLeft - insetRight) / 2, dy: -9 * side, fill: colour, fontWeight: 600 }));
    marks.push(Plot.text([{ value: nameAt ?? (top * side) / 2 }], { y: "value", frameAnchor: "right", textAnchor: "start", dx: 8, text: () => name, fill: colour, fontWeight: 600, fontSize: 13 }));
  }
  return marks;
}
