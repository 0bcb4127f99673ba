import type { Analysis, Players } from '../shared/players.ts';
import { countDisplayed } from './displayed.ts';

/** The players of this page. Media elements, until told of better ones. */

const elements: Players = { show: showInVideo, play: () => null, analyse: () => null };

let players = elements;

/** Told once, before anything is shown. */
export function usePlayers(better: Players): void {
  players = better;
}

export function showPicture(host: HTMLElement, stream: MediaStream): () => void {
  return players.show(host, stream);
}

export function playSound(track: MediaStreamTrack): (() => void) | null {
  return players.play(track);
}

export function analyse(track: MediaStreamTrack, fftSize: number): Analysis | null {
  return players.analyse(track, fftSize);
}

function showInVideo(host: HTMLElement, stream: MediaStream): () => void {
  const video = document.createElement('video');
  // As a property: the attribute alone does not mute.
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  video.disablePictureInPicture = true;
  host.append(video);
  const uncount = countDisplayed(video);
  video.srcObject = stream;
  video.play().catch(() => {
    // Taken away before it began: nothing to play.
  });
  return () => {
    uncount();
    video.srcObject = null;
    video.remove();
  };
}
