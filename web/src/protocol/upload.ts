import { ApiRefusal, path, refused } from './api';

/**
 * Send a PDF for an item. XMLHttpRequest, because fetch cannot say how much has gone.
 *
 * onProgress  parts of 1
 */
export function addPaper(
  meeting: string,
  item: string,
  file: File,
  title: string,
  onProgress: (done: number) => void,
  signal?: AbortSignal,
): Promise<{ id: string }> {
  const where = path`/api/meetings/${meeting}/items/${item}/papers`;
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
