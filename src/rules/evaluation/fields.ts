import { pathOf } from "../language/path.ts";
import { isObject, valuesAt } from "./reach.ts";
import type { Work } from "./work.ts";

/** What an event holds at a path, read once however many rules ask. */
export interface Field {
  /** One value; an array of all that the path reaches; undefined when it reaches none. */
  value: unknown;
  isRead: boolean;
  readonly read: (event: unknown) => unknown;
}

/** The fields that some rules ask of one event after the other. */
export interface Fields {
  /** The field at this path, the same for everybody who asks. */
  at(path: string): Field;
  /** The first `count` have been read since the last event was forgotten. Not emptied: that gives its memory back. */
  readonly touched: Field[];
  count: number;
}

export function createFields(work: Work): Fields {
  const known = new Map<string, Field>();
  return {
    touched: [],
    count: 0,
    at(path) {
      const field = known.get(path) ?? { value: undefined, isRead: false, read: readerOf(path, work) };
      known.set(path, field);
      return field;
    },
  };
}

export function readField(fields: Fields, field: Field, event: unknown): unknown {
  field.value = field.read(event);
  field.isRead = true;
  fields.touched[fields.count++] = field;
  return field.value;
}

/** Nothing of the event is kept, and the next one is read anew. */
export function forgetEvent(fields: Fields): void {
  for (let index = 0; index < fields.count; index++) {
    const field = fields.touched[index] as Field;
    field.value = undefined;
    field.isRead = false;
  }
  fields.count = 0;
}

/** Most paths are `data.field` and most values there are single: those are read without the general walk. */
function readerOf(text: string, work: Work): (event: unknown) => unknown {
  const path = pathOf(text);
  const [first, second] = path;
  const isPlain = path.length === 2 && !path.some(isInherited);
  return (event) => {
    if (isPlain && isObject(event) && !Array.isArray(event)) {
      const data = event[first as string];
      if (isObject(data) && !Array.isArray(data)) {
        const value = data[second as string];
        if (!Array.isArray(value)) return value ?? undefined;
      }
    }
    const values = valuesAt(event, path, work);
    return values.length > 1 ? values : values[0];
  };
}

/** JSON inherits from Object.prototype alone: no other name can be there without being the value's own. */
function isInherited(key: string): boolean {
  return key in Object.prototype;
}
