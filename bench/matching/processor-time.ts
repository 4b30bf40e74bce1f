/**
 * Microseconds of processor time that this thread has used. Unlike the time of day it does not grow while other
 * programs have the processor, nor with collections that V8 runs on other threads.
 */
export function processorMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
