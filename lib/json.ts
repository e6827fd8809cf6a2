/** JSON from outside, as a value or a reason. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export function parseJson(text: string): { value: Json } | { error: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
