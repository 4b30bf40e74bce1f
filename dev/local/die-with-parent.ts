/**
 * Loaded into a child process before its own code. When the parent process ends, in whatever way, the channel between
 * them closes, and the child stops as if it had been asked to.
 */
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
