// How long a file of sound is, where nobody says: exactly for WAV, roughly for what is compressed.

/** Bytes a second of speech as it is usually sent (MP3 or AAC of 128 kbit/s). */
const usualBytesPerSecond = 16_000;

/** Seconds of a file with this beginning and so many bytes in all. A WAV file says its bytes a second in its `fmt ` chunk (RIFF WAVE, "Format chunk": `nAvgBytesPerSec`). */
export function secondsOf(file: Uint8Array, size: number): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const word = (at: number): string => (at + 4 <= file.length ? String.fromCharCode(...file.subarray(at, at + 4)) : "");
  if (word(0) !== "RIFF" || word(8) !== "WAVE" || word(12) !== "fmt " || file.length < 44) {
    return size / usualBytesPerSecond;
  }
  const bytesPerSecond = view.getUint32(28, true);
  return bytesPerSecond === 0 ? 0 : Math.max(0, size - 44) / bytesPerSecond;
}
