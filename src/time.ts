/**
 * The one form in which times are stored in messages, matched and answered: RFC 3339 in UTC, milliseconds only
 * where they are not zero. So `2026-11-21T10:00:00Z` comes back as it was sent.
 */
export const formatTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(".000Z", "Z");
