import * as pdfjs from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

/** The lazy chunk: everything that knows pdf.js is behind this file. */

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}

/** Our own worker, at its own address. The page's policy wants such addresses to pass a named policy. */
function workerAddress(): string {
  const { trustedTypes } = window as Window & { trustedTypes?: PolicyFactory };
  if (!trustedTypes) return workerUrl;
  const policy = trustedTypes.createPolicy('ecabinet-worker', {
    createScriptURL: (url) => {
      if (url !== workerUrl) throw new Error('not our worker');
      return url;
    },
  });
  return policy.createScriptURL(workerUrl) as string;
}

let worker: pdfjs.PDFWorker | null = null;

function ourWorker(): pdfjs.PDFWorker {
  worker ??= pdfjs.PDFWorker.create({ port: new Worker(workerAddress(), { type: 'module' }) });
  return worker;
}

export type PaperDocument = pdfjs.PDFDocumentProxy;
export interface Leaf {
  readonly width: number;
  readonly height: number;
}

/** Read a PDF from its bytes (they are handed over and must not be used again). */
export async function open(bytes: ArrayBuffer): Promise<PaperDocument> {
  return pdfjs.getDocument({ data: new Uint8Array(bytes), worker: ourWorker(), useWasm: false, enableXfa: false }).promise;
}

/** The size of a page in CSS pixels at scale 1 (96 dpi). */
export async function leafOf(paper: PaperDocument, number: number): Promise<Leaf> {
  const viewport = (await paper.getPage(number)).getViewport({ scale: 96 / 72 });
  return { width: viewport.width, height: viewport.height };
}

/** Draw a page to fill `width` CSS pixels, with its text laid over it for selecting and for screen readers. */
export async function draw(
  paper: PaperDocument,
  number: number,
  canvas: HTMLCanvasElement,
  text: HTMLElement,
  width: number,
  signal: AbortSignal,
): Promise<void> {
  const page = await paper.getPage(number);
  if (signal.aborted) return;
  const scale = width / page.getViewport({ scale: 1 }).width;
  const sharpness = Math.min(globalThis.devicePixelRatio || 1, 2);
  const viewport = page.getViewport({ scale });
  canvas.width = Math.floor(viewport.width * sharpness);
  canvas.height = Math.floor(viewport.height * sharpness);
  const drawing = page.render({ canvas, viewport: page.getViewport({ scale: scale * sharpness }) });
  signal.addEventListener('abort', () => drawing.cancel(), { once: true });
  try {
    await drawing.promise;
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  if (signal.aborted) return;
  text.replaceChildren();
  text.style.setProperty('--total-scale-factor', String(scale));
  text.style.setProperty('--scale-factor', String(scale));
  await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
}
