// Kalidokit as a filter: a line of JSON with a frame's landmarks in, a line with its solvers' answers out.
// The calls are those of its VRM template, where the avatar is a mirror image: the person's right hand is its left one.
import { createInterface } from 'node:readline';
import { Face, Hand, Pose } from 'kalidokit/dist/kalidokit.es.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { pose, world, face, left, right, width, height } = JSON.parse(line);
  const imageSize = { width, height };
  const options = { runtime: 'mediapipe', imageSize };
  const solved = {
    pose: pose && Pose.solve(points(world, pose), points(pose, pose), options),
    head: face && Face.solve(points(face), options).head,
    right: left && Hand.solve(points(left), 'Right'),
    left: right && Hand.solve(points(right), 'Left'),
  };
  process.stdout.write(`${JSON.stringify(solved)}\n`);
}

function points(rows, seen = rows) {
  return rows.map(([x, y, z], number) => ({ x, y, z, visibility: seen[number][3] }));
}
