/** A stream that is one mail (`.eml`, a file of a maildir). */
import { BoundedBytes, type Item, type Sink } from './bounded.ts';
import { untilFault } from './bytes.ts';
import { default_mail_bytes_max } from './mbox.ts';

export interface EmlOptions {
  /** Receives the bytes of a mail beyond `mail_bytes_max`. */
  oversize: () => Sink;
  /** Default 25 MiB. */
  mail_bytes_max?: number;
}

/** Yields the mail (nothing where the stream is empty), then throws what the stream threw. */
export async function* readEml(source: AsyncIterable<Buffer>, options: EmlOptions): AsyncGenerator<Item> {
  const mail = new BoundedBytes(options.mail_bytes_max ?? default_mail_bytes_max, options.oversize);
  const input = untilFault(source);
  try {
    let end = 0;
    for await (const chunk of input.bytes) {
      await mail.add(chunk);
      end += chunk.length;
    }
    if (end > 0) yield await mail.take({ start: 0, end, truncated: input.fault() !== null });
  } finally {
    await mail.drop();
  }
  input.rethrow();
}
