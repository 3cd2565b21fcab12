export const ARROWS: Readonly<Record<string, readonly string[]>>;
export function placeOf(path: string): string | undefined;
export function refusal(from: string, to: string, isTypeOnly: boolean): string | undefined;
export function fastifyRefusal(from: string, name: string): string | undefined;
