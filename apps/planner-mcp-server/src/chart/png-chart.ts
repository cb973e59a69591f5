import { PRIORITIES, type Priority } from '../data/planner-data.js';
import { PngCanvas, type Rgb } from './png-canvas.js';

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [60, 60, 60];
const DONE: Rgb = [190, 190, 190];
/** The colours of the open part, as the priorities are ordered. */
const OPEN: Record<Priority, Rgb> = { low: [106, 168, 79], medium: [61, 133, 198], high: [230, 145, 56], urgent: [204, 0, 0] };

const PALETTE = [WHITE, INK, DONE, ...PRIORITIES.map((name) => OPEN[name])];
const [INK_INDEX, DONE_INDEX, FIRST_OPEN_INDEX] = [1, 2, 3];

const COLUMN = 80;
const BAR_WIDTH = 48;
const BAR_TOP = 24;
const BAR_HEIGHT = 120;
const BASELINE = BAR_TOP + BAR_HEIGHT;
const HEIGHT = 168;

/** A PNG of 320 by 168 pixels: a bar per priority, completed tasks grey below the open ones, their number above it. */
export function priorityChart(counts: Record<Priority, { open: number; completed: number }>): Buffer {
  const canvas = new PngCanvas(COLUMN * PRIORITIES.length, HEIGHT, PALETTE);
  const highest = Math.max(1, ...PRIORITIES.map((name) => counts[name].open + counts[name].completed));
  PRIORITIES.forEach((name, index) => {
    const { open, completed } = counts[name];
    const top = BASELINE - Math.round(((open + completed) / highest) * BAR_HEIGHT);
    const doneTop = BASELINE - Math.round((completed / highest) * BAR_HEIGHT);
    const left = index * COLUMN + (COLUMN - BAR_WIDTH) / 2;
    canvas.fillRect(left, top, BAR_WIDTH, doneTop - top, FIRST_OPEN_INDEX + index);
    canvas.fillRect(left, doneTop, BAR_WIDTH, BASELINE - doneTop, DONE_INDEX);
    canvas.textCentred(String(open + completed), left + BAR_WIDTH / 2, top - 14, INK_INDEX);
    canvas.textCentred(name.toUpperCase(), left + BAR_WIDTH / 2, BASELINE + 8, INK_INDEX);
  });
  canvas.fillRect(8, BASELINE, canvas.width - 16, 2, INK_INDEX);
  return canvas.toPng();
}
