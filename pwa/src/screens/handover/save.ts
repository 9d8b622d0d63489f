/** Giving a file to the phone's owner: by the share sheet, or into the downloads. */

/** Some share sheets take only kinds of files that they know. */
const asFile = (content: BlobPart, name: string): File => new File([content], name, { type: 'text/plain' });

export function canShare(content: BlobPart, name: string): boolean {
  return navigator.canShare?.({ files: [asFile(content, name)] }) ?? false;
}

/** False if the person thought better of it. */
export async function share(content: BlobPart, name: string): Promise<boolean> {
  return navigator.share({ files: [asFile(content, name)] }).then(() => true, () => false);
}

export function download(content: BlobPart, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  // Not at once: some browsers read it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
