/** How a sensor is, when somebody asked: by a self test, or by reading the sensors. */
export type SensorState = 'ok' | 'warn' | 'bad';
