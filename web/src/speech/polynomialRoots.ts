const STEPS = 60;
const NEAR = 1e-9;

/**
 * The complex roots of z^n + a1 z^(n-1) + ... + an, real and imaginary parts side by side: all at once, by the iteration of
 * Durand and Kerner.
 */
export function polynomialRoots(coefficients: Float64Array): Float64Array {
  const count = coefficients.length;
  const roots = new Float64Array(2 * count);
  for (let root = 0; root < count; root++) {
    // Apart from each other, inside of the circle where a stable filter's are, and not symmetric to the real axis.
    const angle = (2 * Math.PI * root) / count + 0.4;
    roots[2 * root] = 0.9 * Math.cos(angle);
    roots[2 * root + 1] = 0.9 * Math.sin(angle);
  }
  for (let step = 0; step < STEPS; step++) {
    if (improve(roots, coefficients) < NEAR) break;
  }
  return roots;
}

/** Moves each root nearer to where the polynomial vanishes; the largest of the moves. */
function improve(roots: Float64Array, coefficients: Float64Array): number {
  const count = coefficients.length;
  let largest = 0;
  for (let root = 0; root < count; root++) {
    const x = roots[2 * root];
    const y = roots[2 * root + 1];
    let valueX = 1;
    let valueY = 0;
    let restX = 1;
    let restY = 0;
    for (let index = 0; index < count; index++) {
      [valueX, valueY] = [valueX * x - valueY * y + coefficients[index], valueX * y + valueY * x];
      if (index === root) continue;
      const awayX = x - roots[2 * index];
      const awayY = y - roots[2 * index + 1];
      [restX, restY] = [restX * awayX - restY * awayY, restX * awayY + restY * awayX];
    }
    const size = restX * restX + restY * restY || 1e-30;
    const moveX = (valueX * restX + valueY * restY) / size;
    const moveY = (valueY * restX - valueX * restY) / size;
    roots[2 * root] = x - moveX;
    roots[2 * root + 1] = y - moveY;
    largest = Math.max(largest, Math.abs(moveX), Math.abs(moveY));
  }
  return largest;
}
