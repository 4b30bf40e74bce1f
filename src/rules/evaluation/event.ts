/** What a rule is evaluated against. `time` is RFC 3339; an attribute that is null counts as absent. */
export interface EventDocument {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string | null;
  readonly time: string;
  readonly data?: { readonly [key: string]: unknown } | null;
}
