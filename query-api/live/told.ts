/** What a record tells, made once for all subscribers: the row, whose it is, and its JSON with and without the mail's words. */
import type { Owner } from '../../schemas/generated.ts';
import type { Row } from './feeds.ts';

export class Told {
  readonly row: Row;
  readonly owner: Owner;
  readonly #body_fields: readonly string[];
  #whole: string | null = null;
  #withheld: string | null = null;

  /** `body_fields` are told to whom the body is shown, and are empty for others. */
  constructor(row: Row, owner: Owner, body_fields: readonly string[] = []) {
    this.row = row;
    this.owner = owner;
    this.#body_fields = body_fields;
  }

  json(with_body: boolean): string {
    if (with_body || this.#body_fields.length === 0) {
      this.#whole ??= JSON.stringify(this.row);
      return this.#whole;
    }
    this.#withheld ??= JSON.stringify({
      ...this.row,
      ...Object.fromEntries(this.#body_fields.map(field => [field, ''])),
    });
    return this.#withheld;
  }
}
