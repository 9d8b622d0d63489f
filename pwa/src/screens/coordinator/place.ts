/**
 * A link that hands a place to the phone's own map: no map is loaded into the app and no third party is named in it.
 *
 * The phone's map app learns the place only when the coordinator taps.
 */
export interface Gps {
  latitude_e6: number;
  longitude_e6: number;
  accuracy_m: number;
}

/** iPhones know `maps:` and not `geo:`. */
export const usesAppleMaps = (user_agent: string): boolean => /iPhone|iPad|Macintosh/.test(user_agent);

/** Undefined when there is nothing to show on a map. A position wins over a typed place, which a map may misread. */
export function mapLink(gps: Gps | undefined, place: string | undefined, apple: boolean): string | undefined {
  const typed = place?.trim();
  const point = gps && `${gps.latitude_e6 / 1e6},${gps.longitude_e6 / 1e6}`;
  if (point !== undefined) return apple ? `maps:?ll=${point}&q=${point}` : `geo:${point}?q=${point}`;
  if (!typed) return undefined;
  return apple ? `maps:?q=${encodeURIComponent(typed)}` : `geo:0,0?q=${encodeURIComponent(typed)}`;
}
