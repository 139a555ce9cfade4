// Makes photos smaller before they are sent: a weak line carries a tenth of what a camera takes.
//
// A browser that does not turn a photo upright by itself, or cannot read it, sends it as it is.

const LONGEST_SIDE = 1600;
const QUALITY = 0.85;
const SMALL_ENOUGH = 400_000; // bytes

function drawn(image) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what shines through
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function shrunk(file) {
  const upright = globalThis.CSS?.supports?.("image-orientation", "from-image");
  if (!upright || file.size <= SMALL_ENOUGH || !file.type.startsWith("image/")) return file;
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const blob = await new Promise((done) => drawn(image).toBlob(done, "image/jpeg", QUALITY));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The form's fields, with its photos made smaller, one after the other: an old phone has little
    memory. */
export async function smallForm(form) {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File)) data.append(name, value);
    else if (value.size) data.append(name, await shrunk(value), value.name);
  }
  return data;
}

export function hasFiles(form) {
  return [...form.querySelectorAll("input[type=file]")].some((field) => field.files.length);
}
