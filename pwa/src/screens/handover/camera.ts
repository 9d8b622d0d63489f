/** Squares before a camera: pictures from it, and what stands in them. */
import { Collector } from './frames.ts';

/** The side of the picture that is looked at: more costs time, less blurs the squares. */
const LOOK_PIXELS = 720;

/** The browser's own reader (Shape Detection), where there is one. */
interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

export type Look = (picture: ImageData) => Promise<string | null>;

/** The platform's reader, or else our own, which is fetched for it. */
export async function reader(): Promise<Look> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  if (BarcodeDetector && (await BarcodeDetector.getSupportedFormats().catch((): string[] => [])).includes('qr_code')) {
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    return async (picture) => (await detector.detect(picture).catch(() => []))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import('qr/decode.js');
  return async ({ width, height, data }) => {
    try {
      return decodeQR({ width, height, data });
    } catch {
      return null;
    }
  };
}

/** What the video shows now, its middle as a square; null while it shows nothing. */
function pictureOf(video: HTMLVideoElement, context: CanvasRenderingContext2D): ImageData | null {
  const side = Math.min(video.videoWidth, video.videoHeight);
  if (side === 0) return null;
  const size = Math.min(side, LOOK_PIXELS);
  context.canvas.width = context.canvas.height = size;
  context.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, size, size);
  return context.getImageData(0, 0, size, size);
}

/** Looks until everything is there or `stopped` says so. `onFrame` hears of each frame that was read. */
export async function collect(video: HTMLVideoElement, look: Look, onFrame: (collector: Collector) => void, stopped: () => boolean): Promise<Collector> {
  const collector = new Collector();
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  while (!stopped() && collector.content === null) {
    const picture = pictureOf(video, context);
    const text = picture && (await look(picture));
    if (text && collector.take(text)) onFrame(collector);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return collector;
}
