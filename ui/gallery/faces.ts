/** Pictures for tiles: calm shapes that stand for a person in a room, drawn to a canvas and captured as a stream. */

const ROOMS: readonly [wall: string, floor: string, coat: string, skin: string][] = [
  ['#8fa3a8', '#5d6f74', '#2f3e46', '#d8b49a'],
  ['#c9b79c', '#8d7a5f', '#6b4f3a', '#8a5a44'],
  ['#a7b49b', '#6d7b61', '#3b4a3f', '#e3c4ae'],
  ['#b5a2ac', '#7d6a75', '#4d3b52', '#b98563'],
  ['#9aa7bd', '#66738a', '#2d3550', '#f0d3bd'],
  ['#c3a08c', '#8a6451', '#5c2f26', '#6d4636'],
  ['#9dbab5', '#5f8079', '#254441', '#cfa283'],
  ['#bdb7aa', '#807a6c', '#3a3833', '#a87555'],
];

export function face(index: number, width = 640, height = 360): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const [wall, floor, coat, skin] = ROOMS[index % ROOMS.length] ?? ['#888', '#555', '#333', '#ccc'];
  const draw = (): void => {
    if (context === null) return;
    const sway = Math.sin(performance.now() / 1400 + index) * width * 0.008;
    const light = context.createLinearGradient(0, 0, width, height);
    light.addColorStop(0, wall);
    light.addColorStop(1, floor);
    context.fillStyle = light;
    context.fillRect(0, 0, width, height);
    context.fillStyle = 'rgb(255 255 255 / 14%)';
    context.fillRect(width * (0.08 + 0.1 * (index % 3)), height * 0.08, width * 0.2, height * 0.42);
    const x = width / 2 + sway;
    context.fillStyle = coat;
    context.beginPath();
    context.ellipse(x, height * 1.12, width * 0.25, height * 0.48, 0, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = skin;
    context.beginPath();
    context.roundRect(x - width * 0.035, height * 0.54, width * 0.07, height * 0.2, 20);
    context.fill();
    context.beginPath();
    context.ellipse(x, height * 0.42, width * 0.085, height * 0.2, 0, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = coat;
    context.beginPath();
    context.ellipse(x, height * 0.3, width * 0.092, height * 0.12, 0, Math.PI, 2 * Math.PI);
    context.fill();
  };
  draw();
  setInterval(draw, 100);
  return canvas.captureStream(10);
}

export function sharedScreen(): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = 1280;
  canvas.height = 800;
  const context = canvas.getContext('2d');
  const draw = (): void => {
    if (context === null) return;
    context.fillStyle = '#fbfaf7';
    context.fillRect(0, 0, 1280, 800);
    context.fillStyle = '#e6e2d8';
    context.fillRect(0, 0, 260, 800);
    context.fillStyle = '#2b2f33';
    context.font = '600 44px sans-serif';
    context.fillText('Floor plan, second draft', 310, 110);
    context.fillStyle = '#8b877e';
    for (let line = 0; line < 9; line += 1) context.fillRect(310, 160 + line * 30, 520 + ((line * 137) % 300), 10);
    context.strokeStyle = '#2b2f33';
    context.lineWidth = 5;
    context.strokeRect(310, 470, 420, 260);
    context.strokeRect(310, 470, 180, 130);
    context.strokeRect(560, 600, 170, 130);
    for (let line = 0; line < 8; line += 1) context.fillRect(40, 60 + line * 44, 180 - ((line * 53) % 80), 12);
  };
  draw();
  setInterval(draw, 500);
  return canvas.captureStream(2);
}
