/** Prints rows under a header, columns padded to their widest cell; columns whose cells look like numbers go to the right. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const isNumeric = header.map((_, column) => rows.every((row) => /^[-\d.]*$/.test(row[column] ?? '')));
  for (const row of all) {
    const cells = row.map((cell, column) => (isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)));
    console.log(cells.join('  ').trimEnd());
  }
}
