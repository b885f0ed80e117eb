export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where a picture lies in an element that shows it whole (`object-fit: contain`), in the element's pixels. */
export function pictureBox(
  element: { width: number; height: number },
  picture: { width: number; height: number },
): Box {
  const scale = Math.min(element.width / picture.width, element.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { left: (element.width - width) / 2, top: (element.height - height) / 2, width, height };
}
