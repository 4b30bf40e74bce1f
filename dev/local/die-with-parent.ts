/**
 * Loaded into the child process before its own code: when the process that started it is gone, however it
 * went, the channel between them closes and the child stops as if asked to.
 */
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
