/** A file as text, which a test in workerd cannot read: vite brings it along. */
declare module "*.md?raw" {
  const text: string;
  export default text;
}
