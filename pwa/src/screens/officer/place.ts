/** Where the phone is, in the whole numbers that a referral keeps. Asked for only by a tap, never required. */

export type Gps = { latitude_e6: number; longitude_e6: number; accuracy_m: number };

const WAIT_MS = 15_000;
const FARTHEST_M = 1_000_000;

export const gpsOf = ({ latitude, longitude, accuracy }: Pick<GeolocationCoordinates, 'latitude' | 'longitude' | 'accuracy'>): Gps => ({
  latitude_e6: Math.round(latitude * 1e6),
  longitude_e6: Math.round(longitude * 1e6),
  accuracy_m: Math.min(FARTHEST_M, Math.max(0, Math.round(accuracy))),
});

/** Rejects when the phone will not or cannot say; the officer then types the place. */
export function locate(): Promise<Gps> {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error('This browser has no location.'));
    const options = { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: WAIT_MS };
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(gpsOf(coords)), reject, options);
  });
}

export const isGps = (value: unknown): value is Gps => typeof value === 'object' && value !== null && 'latitude_e6' in value;
