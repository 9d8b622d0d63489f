/** A signature drawn with a finger: whole numbers on a fixed grid, thinned so that it stays small. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { shownTheme } from '../../state/theme.ts';
import { Button } from './button.tsx';

export interface Signature {
  width: number;
  height: number;
  strokes: number[][];
}

const GRID = { width: 1200, height: 480 };
const STEP = 6;
const NUMBERS_LIMIT = 12_000;
const STROKES_LIMIT = 400;
const LINE = 7;

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));

function pointOf(event: PointerEvent, canvas: HTMLCanvasElement): [number, number] {
  const box = canvas.getBoundingClientRect();
  return [
    clamp(((event.clientX - box.left) / box.width) * GRID.width, GRID.width),
    clamp(((event.clientY - box.top) / box.height) * GRID.height, GRID.height),
  ];
}

function draw(canvas: HTMLCanvasElement, strokes: readonly number[][]): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.clearRect(0, 0, GRID.width, GRID.height);
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = LINE;
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(stroke[0]!, stroke[1]!);
    // A dot is a line to itself.
    for (let at = 0; at < stroke.length; at += 2) pen.lineTo(stroke[at]!, stroke[at + 1]!);
    pen.stroke();
  }
}

interface SignaturePadProps {
  value?: Signature | null;
  onChange: (signature: Signature | null) => void;
  label?: string;
}

export function SignaturePad({ value, onChange, label }: SignaturePadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const strokes = useRef<number[][]>(value?.strokes.map((stroke) => [...stroke]) ?? []);
  const drawing = useRef(false);
  const [empty, setEmpty] = useState(strokes.current.length === 0);

  // Drawn in the ink of the moment: what was drawn light on dark is drawn again when the screen turns.
  useEffect(() => {
    if (canvas.current) draw(canvas.current, strokes.current);
  }, [shownTheme.value]);

  const room = (): boolean =>
    strokes.current.length < STROKES_LIMIT && strokes.current.reduce((sum, stroke) => sum + stroke.length, 0) < NUMBERS_LIMIT - 2;

  const start = (event: PointerEvent): void => {
    if (!event.isPrimary || !room() || !canvas.current) return;
    event.preventDefault();
    canvas.current.setPointerCapture(event.pointerId);
    drawing.current = true;
    strokes.current.push([...pointOf(event, canvas.current)]);
    draw(canvas.current, strokes.current);
  };
  const move = (event: PointerEvent): void => {
    const stroke = strokes.current.at(-1);
    if (!drawing.current || !stroke || !canvas.current || !room()) return;
    const [x, y] = pointOf(event, canvas.current);
    if (Math.hypot(x - stroke.at(-2)!, y - stroke.at(-1)!) < STEP) return;
    stroke.push(x, y);
    draw(canvas.current, strokes.current);
  };
  const tell = (): void => {
    setEmpty(strokes.current.length === 0);
    onChange(strokes.current.length === 0 ? null : { ...GRID, strokes: strokes.current.map((stroke) => [...stroke]) });
  };
  const end = (): void => {
    if (!drawing.current) return;
    drawing.current = false;
    tell();
  };
  const clear = (): void => {
    strokes.current = [];
    if (canvas.current) draw(canvas.current, []);
    tell();
  };

  return (
    <div class="signature">
      <canvas
        ref={canvas}
        width={GRID.width}
        height={GRID.height}
        role="img"
        aria-label={label ?? t('sign_here')}
        onPointerDown={start}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      />
      <div class="signature-foot">
        <p class="hint" role="status">
          {empty ? (label ?? t('sign_here')) : t('sign_done')}
        </p>
        <Button kind="quiet" onClick={clear} disabled={empty}>
          {t('sign_clear')}
        </Button>
      </div>
    </div>
  );
}
