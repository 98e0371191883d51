import { ApiRefusal, path, refused } from './api';

/** A PDF on its way, and how far it has come, in parts of 1. */
export interface Sending {
  readonly file: File;
  readonly title: string;
  readonly onProgress: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** A paper of an agenda item. */
export const addPaper = (meeting: string, item: string, sending: Sending): Promise<{ id: string }> => sendPdf(path`/api/meetings/${meeting}/items/${item}/papers`, sending);

/** A paper that goes with a slip. */
export const addSlipPaper = (body: string, slip: string, sending: Sending): Promise<{ id: string }> => sendPdf(path`/api/bodies/${body}/slips/${slip}/papers`, sending);

/** XMLHttpRequest, because fetch cannot say how much has gone. */
function sendPdf(where: string, { file, title, onProgress, signal }: Sending): Promise<{ id: string }> {
  const asked = new URLSearchParams({ title, filename: file.name });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${where}?${asked}`);
    request.setRequestHeader('Content-Type', 'application/pdf');
    request.setRequestHeader('X-Req', '1');
    request.upload.onprogress = (event) => onProgress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as { id: string });
      else reject(refused(request.status, request.responseText));
    };
    request.onerror = () => reject(new ApiRefusal('offline', 0));
    request.onabort = () => reject(new ApiRefusal('stopped', 0));
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
